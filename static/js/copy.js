// <button data-copy="text"> or <button data-copy-from="id">; <button data-print> prints the page.
import { each, words } from "./dom.js";
import { showToast } from "./toasts.js";

async function copy(button) {
  const source = document.getElementById(button.dataset.copyFrom ?? "");
  await navigator.clipboard.writeText(button.dataset.copy ?? source?.value ?? source?.textContent ?? "");
  showToast({ text: words("copied"), level: "good" });
}

export function bindCopy(scope) {
  each(scope, "[data-copy], [data-copy-from]", (button) => button.addEventListener("click", () => copy(button)));
  each(scope, "[data-print]", (button) => button.addEventListener("click", () => print()));
}
