// The command palette: Ctrl/Cmd-K, or whatever carries data-opens-palette. A combobox with its list; the server finds.
// What was used last is remembered by key for each person in this browser, and comes first.
import { isComposing } from "./dom.js";

const WAIT = 40;
const PATIENCE = 300;
const MOST = 12;

const dialog = document.querySelector("[data-palette]");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
const store = `ops-used-${dialog?.dataset.person}`;
let running, timer;

function used() {
  try {
    return JSON.parse(localStorage.getItem(store)) ?? [];
  } catch {
    return [];
  }
}

function remember(key) {
  if (key) localStorage.setItem(store, JSON.stringify([key, ...used().filter((other) => other !== key)].slice(0, MOST)));
}

function options() {
  return [...list.querySelectorAll("[role=option]")];
}

function select(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

async function look() {
  running?.abort();
  running = new AbortController();
  const asked = new URLSearchParams({ q: input.value, recent: used().join(",") });
  list.setAttribute("aria-busy", "true");
  const wait = setTimeout(() => {
    list.setAttribute("data-waits", "");
    if (!list.children.length) list.append(document.getElementById("palette-waiting").content.cloneNode(true));
  }, PATIENCE);
  try {
    const answer = await fetch(`${dialog.dataset.palette}?${asked}`, { signal: running.signal });
    if (!answer.ok) throw new Error(answer.status);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-count]");
    list.replaceChildren(...found.childNodes);
    dialog.querySelector("[data-palette-count]").textContent = found.dataset.count;
    select(options()[0]);
  } catch (error) {
    if (error.name !== "AbortError") list.replaceChildren(document.getElementById("failure-template").content.cloneNode(true));
  } finally {
    clearTimeout(wait);
    list.removeAttribute("data-waits");
    list.removeAttribute("aria-busy");
  }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(look, WAIT);
}

function run(option, event) {
  remember(option.dataset.choice);
  if (option.dataset.presses) {
    dialog.close();
    document.querySelector(option.dataset.presses)?.click();
  } else if (event.ctrlKey || event.metaKey) {
    open(option.href, "_blank", "noopener");
  } else {
    location.assign(option.href);
  }
}

function move(event) {
  const all = options();
  if (!all.length) return;
  const here = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : here + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  select(all[(next + all.length) % all.length]);
}

function show() {
  if (dialog.open || document.querySelector("dialog[open]")) return;
  input.value = "";
  dialog.showModal();
  input.focus();
  look();
}

export function bindPalette() {
  if (!dialog) return;
  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const hint of document.querySelectorAll("[data-command-key]")) hint.textContent = "⌘ K";
  }
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    if (isComposing(event)) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else show();
  });
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || !event.target.closest("[data-opens-palette]")) return;
    event.preventDefault();
    show();
  });
  // Pinyin that is still being composed is no search: the characters that come of it are.
  input.addEventListener("input", (event) => event.isComposing || later());
  input.addEventListener("compositionend", later);
  input.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event);
    else if ((event.key === "Home" || event.key === "End") && event.ctrlKey) move(event);
    else if (event.key === "Enter") {
      event.preventDefault();
      const chosen = list.querySelector('[aria-selected="true"]');
      if (chosen) run(chosen, event);
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    run(option, event);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-palette-closes]")) dialog.close();
  });
}
