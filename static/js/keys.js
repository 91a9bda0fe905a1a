// Single keys: "/" to the search, "?" the sheet, and any link or field that names its key in data-key; "g" and then the
// letter in data-go to a place of the menu. They can be switched off, which the account keeps, and never fire while
// somebody writes or composes Chinese.
import { remember } from "./appearance.js";
import { areKeysOff as areOff, isComposing, isWriting } from "./dom.js";

const PATIENCE = 1500;
let wentAt = -Infinity;

function showChoice() {
  document.querySelector("[data-keys-choice]")?.setAttribute("aria-pressed", String(!areOff()));
}

function press(event) {
  if (event.defaultPrevented || isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isWriting(event.target) || areOff() || document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    document.getElementById("keys")?.showModal();
    event.preventDefault();
    return;
  }
  if (performance.now() - wentAt < PATIENCE) {
    wentAt = -Infinity;
    const place = [...document.querySelectorAll("[data-go]")].find((link) => link.dataset.go === event.key);
    if (place) {
      event.preventDefault();
      place.click();
      return;
    }
  }
  if (event.key === "g") {
    wentAt = performance.now();
    return;
  }
  const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
  if (!target) return;
  event.preventDefault();
  if (isWriting(target)) target.focus();
  else target.click();
}

export function bindKeys() {
  showChoice();
  document.addEventListener("keydown", press);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keys-choice]")) return;
    const root = document.documentElement;
    if (areOff()) delete root.dataset.keys;
    else root.dataset.keys = "off";
    remember("uses_keys", areOff() ? "0" : "1");
    showChoice();
  });
}
