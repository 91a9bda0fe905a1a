// What htmx does on every page: the CSRF header, failures said aloud, focus kept where the eye is.
import { csrfToken, words } from "./dom.js";
import { showToast } from "./toasts.js";

export function bindHtmx() {
  const body = document.body;
  body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrfToken();
  });
  body.addEventListener("htmx:sendError", () => showToast({ text: words("failure"), level: "bad" }));
  body.addEventListener("htmx:responseError", (event) => {
    const reason = event.detail.xhr.getResponseHeader("X-Reason");
    showToast({ text: reason ? decodeURIComponent(reason) : words("failure"), level: "bad" });
  });
  body.addEventListener("ops:toast", (event) => showToast(event.detail));
  body.addEventListener("htmx:afterSettle", (event) => {
    const root = event.detail.elt;
    root.querySelector?.('[aria-invalid="true"], [data-focus]')?.focus();
  });
}
