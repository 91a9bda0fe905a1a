// <button data-opens="id"> shows a <dialog>, <button data-closes> closes it; so does a click beside it.
// <button data-print> prints the page. A dialog that `data-open-now` opened once it is swapped in leaves the page when it closes, if it `data-goes`.
// <button data-toggles="id"> folds and unfolds an element.
import { each } from "./dom.js";

export function bindDialogs(scope) {
  each(scope, "[data-opens]", bindOpener);
  each(scope, "[data-toggles]", bindToggle);
  each(scope, "dialog.dialog", bindDialog);
  each(scope, "[data-print]", (button) => button.addEventListener("click", () => window.print()));
}

function bindOpener(button) {
  button.addEventListener("click", () => document.getElementById(button.dataset.opens)?.showModal());
}

function bindToggle(button) {
  const element = document.getElementById(button.dataset.toggles);
  button.addEventListener("click", () => {
    element.hidden = !element.hidden;
    button.setAttribute("aria-expanded", String(!element.hidden));
  });
}

function bindDialog(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-closes]")) dialog.close();
  });
  if (dialog.hasAttribute("data-goes")) dialog.addEventListener("close", () => dialog.remove());
  if (dialog.hasAttribute("data-open-now") && !dialog.open) dialog.showModal();
}
