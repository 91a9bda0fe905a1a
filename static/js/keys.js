// Single keys: "/" to the search, "?" the sheet, and any link or field that names its key in data-key.
// They can be switched off, and never fire while somebody writes or composes Chinese.
import { isComposing, isWriting } from "./dom.js";

const OFF = "ops-keys-off";

function areOff() {
  return localStorage.getItem(OFF) === "1";
}

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
    localStorage.setItem(OFF, areOff() ? "0" : "1");
    showChoice();
  });
}
