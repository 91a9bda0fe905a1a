// What htmx does on every page: the CSRF header, skeletons for what takes longer, failures said and repeated, focus kept
// where the eye is.
import { csrfToken, words } from "./dom.js";
import { newKey, offer, referenceIn, sentence, settle } from "./retry.js";
import { showToast } from "./toasts.js";

const PATIENCE = 300;
const timers = new WeakMap();

function wait({ target }) {
  if (!target || target === document.body) return;
  target.setAttribute("aria-busy", "true");
  clearTimeout(timers.get(target));
  timers.set(target, setTimeout(() => target.setAttribute("data-waits", ""), PATIENCE));
}

function stopWaiting({ target }) {
  if (!target) return;
  clearTimeout(timers.get(target));
  target.removeAttribute("aria-busy");
  target.removeAttribute("data-waits");
}

function fail({ detail }) {
  const { elt, target, requestConfig: { verb, path, formData, headers }, xhr } = detail;
  const isRead = verb === "get";
  const again = () => {
    // What was asked for, as it was asked: the same values, and for a write the same key
    const values = Object.fromEntries([...new Set(formData.keys())].map((name) => [name, formData.getAll(name)]));
    const kept = headers["Idempotency-Key"] ? { "Idempotency-Key": headers["Idempotency-Key"] } : {};
    window.htmx.ajax(verb, path, { source: elt, target, values, headers: kept });
  };
  offer(elt, { text: sentence(xhr.status, isRead), again, isRead, reference: referenceIn(xhr.responseText) });
}

export function bindHtmx() {
  const body = document.body;
  body.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.verb === "get") return;
    detail.headers["X-CSRFToken"] = csrfToken();
    detail.headers["Idempotency-Key"] ??= newKey();
  });
  body.addEventListener("htmx:beforeRequest", (event) => wait(event.detail));
  body.addEventListener("htmx:afterRequest", (event) => {
    stopWaiting(event.detail);
    if (event.detail.successful) settle(event.detail.elt);
  });
  body.addEventListener("htmx:sendError", fail);
  body.addEventListener("htmx:timeout", fail);
  body.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    if (xhr.status === 429 || xhr.status >= 500) return fail(event);
    const reason = xhr.getResponseHeader("X-Reason");
    showToast({ text: reason ? decodeURIComponent(reason) : words("failure"), level: "bad" });
  });
  body.addEventListener("ops:toast", (event) => showToast(event.detail));
  body.addEventListener("htmx:afterSettle", (event) => {
    const root = event.detail.elt;
    // data-returns: what has the focus once what was pressed is gone
    const returns = document.getElementById(event.detail.requestConfig?.elt?.dataset.returns ?? "");
    (root.querySelector?.('[aria-invalid="true"], [data-focus]') ?? returns)?.focus();
  });
}
