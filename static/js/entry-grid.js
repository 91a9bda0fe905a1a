// <form data-grid="address">: figures are saved as one leaves their cell, several at once by pasting. Arrows and Enter move.
// A correction asks for its reason; what cannot be saved stays as it was typed, with what to do below it.
import { csrfToken, each, isComposing, words } from "./dom.js";

export function bindEntryGrids(scope) {
  each(scope, "form[data-grid]", bindGrid);
}

function bindGrid(form) {
  const rows = [...form.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("input:not([type=hidden])")]);
  const status = form.querySelector("[data-grid-status]");
  const dialog = document.getElementById("reason-dialog");
  let turn = Promise.resolve();
  form.classList.add("is-live");
  for (const input of rows.flat()) input.addEventListener("focus", () => input.select());
  form.addEventListener("submit", (event) => { event.preventDefault(); send(changed()); });
  form.addEventListener("change", (event) => { if (event.target.closest("[data-cell]")) send([event.target]); });
  form.addEventListener("keydown", (event) => move(event, rows));
  form.addEventListener("paste", (event) => paste(event));
  addEventListener("beforeunload", (event) => { if (form.isConnected && changed().length) event.preventDefault(); });
  addEventListener("online", () => send(changed()));

  function changed() {
    return rows.flat().filter((input) => input.value.trim() !== input.dataset.was);
  }

  function paste(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const lines = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
    const input = event.target;
    if (!input.closest?.("[data-cell]") || (lines.length === 1 && lines[0].length === 1)) return;
    event.preventDefault();
    const top = rows.findIndex((row) => row.includes(input));
    const left = rows[top].indexOf(input);
    lines.forEach((line, down) => line.forEach((value, right) => {
      const cell = rows[top + down]?.[left + right];
      if (cell && !cell.readOnly) cell.value = value.trim();
    }));
    send(changed());
  }

  /** One saving after the other, so that a version is always the newest one that this page knows. */
  function send(inputs, reason = "") {
    const wanted = inputs.filter((input) => input.value.trim() !== input.dataset.was);
    if (!wanted.length) return turn;
    turn = turn.then(() => save(wanted, reason));
    return turn;
  }

  async function save(inputs, reason) {
    status.textContent = words("grid-saving");
    const body = new URLSearchParams({ reason });
    for (const input of inputs) {
      body.append(input.name, input.value);
      body.append(versionOf(input).name, versionOf(input).value);
    }
    let told;
    try {
      const answer = await fetch(form.dataset.grid, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
      if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
      told = await answer.json();
    } catch {
      status.textContent = words("grid-offline");
      return;
    }
    if (told.problem) {
      status.textContent = told.problem;
      return;
    }
    const asked = inputs.filter((input) => show(input, told.cells[input.name.slice(2)]));
    status.textContent = words(changed().length ? "grid-left" : "grid-saved");
    if (asked.length) await ask(asked, told.cells);
  }

  /** What became of a cell; true where its reason is wanted. */
  function show(input, told) {
    const cell = input.closest("[data-cell]");
    const note = cell.querySelector(".entry-words");
    const isKept = told.status === "saved" || told.status === "unchanged";
    cell.classList.toggle("entry-cell--problem", !isKept);
    input.toggleAttribute("aria-invalid", !isKept);
    if (isKept) {
      input.dataset.was = input.value = told.text;
      for (const state of ["overdue", "missing", "running"]) cell.classList.remove(`entry-cell--${state}`);
      note.textContent = told.words || (note.dataset.was ?? note.textContent);
      delete note.dataset.was;
    } else {
      note.dataset.was ??= note.textContent;
      note.textContent = told.status === "conflict" ? `${told.message} ${told.stands}` : told.message;
    }
    if (told.version !== undefined) versionOf(input).value = told.version;
    return told.status === "needs_reason";
  }

  function ask(inputs, told) {
    const why = dialog.querySelector("#why");
    const list = dialog.querySelector("[data-grid-changes]");
    list.replaceChildren(...inputs.map((input) => {
      const item = document.createElement("li");
      const label = form.querySelector(`label[for="${CSS.escape(input.id)}"]`).textContent;
      item.textContent = `${label}: ${told[input.name.slice(2)].stands} → ${input.value.trim() || "–"}`;
      return item;
    }));
    why.value = "";
    why.required = true;
    dialog.returnValue = "cancel";
    const back = document.activeElement;
    dialog.showModal();
    why.focus();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        if (dialog.returnValue === "save" && why.value.trim()) {
          save(inputs, why.value.trim()).then(resolve);
        } else {
          for (const input of inputs) {
            input.value = input.dataset.was;
            input.closest("[data-cell]").classList.remove("entry-cell--problem");
            input.removeAttribute("aria-invalid");
            const note = input.closest("[data-cell]").querySelector(".entry-words");
            note.textContent = note.dataset.was;
            delete note.dataset.was;
          }
          status.textContent = "";
          resolve();
        }
        back?.focus();
      }, { once: true });
    });
  }
}

function versionOf(input) {
  return input.closest("[data-cell]").querySelector("input[type=hidden]");
}

/** Up, down and Enter go from row to row; left and right leave a cell at its ends; Escape brings back what stood there. */
function move(event, rows) {
  const input = event.target;
  if (!input.closest?.("[data-cell]") || event.altKey || event.ctrlKey || event.metaKey || isComposing(event)) return;
  const top = rows.findIndex((row) => row.includes(input));
  const left = rows[top].indexOf(input);
  const isWhole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  const atStart = isWhole || input.selectionEnd === 0;
  const atEnd = isWhole || input.selectionStart === input.value.length;
  let next;
  if (event.key === "ArrowUp") next = rows[top - 1]?.[left];
  else if (event.key === "ArrowDown") next = rows[top + 1]?.[left];
  else if (event.key === "Enter") next = rows[top + (event.shiftKey ? -1 : 1)]?.[left] ?? rows[top][left + 1] ?? input;
  else if (event.key === "ArrowLeft" && atStart) next = rows[top][left - 1];
  else if (event.key === "ArrowRight" && atEnd) next = rows[top][left + 1];
  else if (event.key === "Escape") input.value = input.dataset.was;
  if (event.key === "Enter") event.preventDefault();
  if (!next) return;
  event.preventDefault();
  if (next === input) input.blur();
  next.focus();
}
