// data-submit-on-change: filters act at once. data-once: a second press of the button does nothing. data-warn: changes are
// not lost by leaving unasked.
import { each, isComposing } from "./dom.js";

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
  each(scope, "form[data-submit-on-change]", bindOnChange);
  each(scope, "form[data-once]", bindOnce);
  each(scope, "form[data-warn]", bindWarn);
}
