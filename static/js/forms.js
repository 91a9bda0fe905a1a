// data-filters: only what is chosen goes into the address. data-submit-on-change: filters act at once. data-once: a second
// press of the button does nothing. data-warn: changes are not lost by leaving unasked.
import { each, isComposing } from "./dom.js";

function bindFilters(form) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
  const clear = form.querySelector("[data-clears]");
  const tell = () => { clear.hidden = [...new FormData(form).keys()].every((name) => name === "sort"); };
  if (clear) for (const type of ["input", "change"]) form.addEventListener(type, tell);
}

function bindOnChange(form) {
  form.addEventListener("change", (event) => {
    if (!event.target.matches("[type=search], [type=text]")) form.requestSubmit();
  });
}

function bindOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  // Back to this page out of the browser's memory: it may be sent again.
  addEventListener("pageshow", () => delete form.dataset.sent);
}

function bindWarn(form) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed && form.isConnected) event.preventDefault(); });
}

// Enter that ends a Chinese composition must not send the form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.("input") && isComposing(event)) event.preventDefault();
}, true);

export function bindForms(scope) {
  each(scope, "form[data-filters]", bindFilters);
  each(scope, "form[data-submit-on-change]", bindOnChange);
  each(scope, "form[data-once]", bindOnce);
  each(scope, "form[data-warn]", bindWarn);
}
