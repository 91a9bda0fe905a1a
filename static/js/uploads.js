// A drop zone: takes a file, names it, and sends its form with progress. Without this module it is a plain file field.
import { csrfToken, each, words } from "./dom.js";
import { showToast } from "./toasts.js";

function readable(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(Math.floor(Math.log(bytes || 1) / Math.log(1000)), 3);
  const format = { style: "unit", unit: units[power], maximumFractionDigits: power ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, format).format(bytes / 1000 ** power);
}

function bindDrop(zone) {
  const input = zone.querySelector("input[type=file]");
  const name = zone.querySelector("[data-drop-name]");
  for (const type of ["dragenter", "dragover"]) zone.addEventListener(type, () => zone.setAttribute("data-over", ""));
  for (const type of ["dragleave", "drop"]) zone.addEventListener(type, () => zone.removeAttribute("data-over"));
  input.addEventListener("change", () => {
    name.textContent = [...input.files].map((file) => `${file.name} (${readable(file.size)})`).join(", ");
  });
}

function bindUpload(form) {
  form.addEventListener("submit", (event) => {
    const bar = form.querySelector("progress");
    const failed = () => {
      bar.hidden = true;
      for (const button of form.querySelectorAll("button")) button.disabled = false;
      showToast({ text: words("failure"), level: "bad" });
    };
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", form.action || location.href);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.addEventListener("progress", (step) => { bar.value = (100 * step.loaded) / step.total; });
    request.addEventListener("error", failed);
    request.addEventListener("load", () => {
      if (request.status >= 500) failed();
      else if (request.status < 300 && request.responseURL !== location.href) location.assign(request.responseURL);
      else showAnswer(request.responseText);
    });
    bar.hidden = false;
    request.send(new FormData(form, event.submitter));
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
}

/** The same page again with what was wrong: its <main> takes the place of ours. */
function showAnswer(html) {
  const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  if (!main) location.reload();
  document.querySelector("main").replaceWith(main);
  window.htmx?.process(main);
  document.body.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: main } }));
  main.querySelector('[aria-invalid="true"], [role="alert"]')?.focus();
}

export function bindUploads(scope) {
  each(scope, "[data-drop]", bindDrop);
  each(scope, "form[data-upload]", bindUpload);
}
