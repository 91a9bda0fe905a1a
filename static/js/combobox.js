// <select data-combobox> becomes a field to type into, with the matching options below it: by any part of the name, by
// pinyin, by short name (data-search). Without this module it stays the select that it is.
import { each, isComposing, words } from "./dom.js";

const MOST = 60;
let count = 0;

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function choicesOf(select) {
  return [...select.options].filter((option) => option.value).map((option) => ({
    value: option.value,
    label: option.textContent.trim(),
    group: option.parentElement.label ?? "",
    found: folded(`${option.textContent} ${option.dataset.search ?? ""}`),
  }));
}

function bindSelect(select) {
  const id = `combobox-${(count += 1)}`;
  const box = Object.assign(document.createElement("div"), { className: "combobox" });
  const input = Object.assign(document.createElement("input"), { type: "text", autocomplete: "off", id: select.id });
  const list = Object.assign(document.createElement("ul"), { id, className: "combobox__list", hidden: true });
  const label = document.querySelector(`label[for="${select.id}"]`);
  const choices = choicesOf(select);
  let shown = [];
  let at = -1;

  const hadFocus = document.activeElement === select;
  select.id = `${select.id}-chosen`;
  select.hidden = true;
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id })) input.setAttribute(name, value);
  for (const name of ["aria-invalid", "aria-describedby"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  if (select.autofocus) input.autofocus = true;
  list.role = "listbox";
  list.ariaLabel = label?.textContent.trim() ?? "";
  input.placeholder = words("combobox");
  select.before(box);
  box.append(input, list, select);

  const labelNow = () => (select.value ? select.selectedOptions[0].textContent.trim() : "");
  input.value = labelNow();
  if (hadFocus) input.focus();

  function close() {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(choice) {
    close();
    const before = select.value;
    select.value = choice?.value ?? "";
    input.value = labelNow();
    if (select.value !== before) select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function point(place) {
    at = place;
    [...list.children].forEach((item) => {
      const isHere = item.dataset.at === String(place);
      if (item.dataset.at) item.ariaSelected = String(isHere);
      if (isHere) {
        item.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", item.id);
      }
    });
  }

  function open(text) {
    const parts = folded(text).split(/\s+/).filter(Boolean);
    shown = choices.filter(({ found }) => parts.every((part) => found.includes(part))).slice(0, MOST);
    list.replaceChildren();
    let group = "";
    shown.forEach((choice, place) => {
      if (choice.group !== group) {
        group = choice.group;
        list.append(Object.assign(document.createElement("li"), { className: "combobox__group", textContent: group, role: "presentation" }));
      }
      const item = Object.assign(document.createElement("li"), { id: `${id}-${place}`, className: "combobox__item", role: "option", textContent: choice.label });
      item.dataset.at = place;
      item.ariaSelected = "false";
      list.append(item);
    });
    list.hidden = shown.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    at = -1;
    if (parts.length && shown.length) point(0);
  }

  input.addEventListener("input", () => open(input.value));
  input.addEventListener("click", () => { if (list.hidden) { open(""); input.select(); } });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("blur", () => choose(input.value ? { value: select.value } : null));
  input.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) open("");
      if (shown.length) point((at + step + shown.length) % shown.length);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      choose(shown[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
      input.value = labelNow();
    }
  });
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-at]");
    event.preventDefault();
    if (item) choose(shown[item.dataset.at]);
  });
}

export function bindCombobox(root) {
  each(root, "select[data-combobox]", bindSelect);
}
