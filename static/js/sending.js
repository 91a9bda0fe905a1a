// Forms of the shell are sent by a script: when the network is cut, the server fails or the session has ended, the page
// stays with all that was typed, and the bar offers to send it again. A form that goes through leads on as it would
// without a script; one that comes back with errors takes the place of the page's content.
import { newKey, offer, referenceIn, sentence, settle } from "./retry.js";
import { words } from "./dom.js";

const SIGN_IN = "/accounts/login/";
const SIGN_OUT = "/accounts/logout/";

// By attribute: a field called "target" or "action" hides the property of that name
function addressOf(form, submitter) {
  return new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
}

function isOurs(form, address) {
  const isForUs = form.getAttribute("method")?.toLowerCase() === "post" && !form.hasAttribute("target") && form.closest(".shell");
  return isForUs && !form.querySelector("input[type=file]") && address.origin === location.origin;
}

function download(blob, disposition) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = /filename="?([^";]+)/.exec(disposition)?.[1] ?? "";
  link.click();
  URL.revokeObjectURL(link.href);
}

function show(html, address) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.getElementById("main");
  const old = document.getElementById("main");
  if (!fresh || !old) return false;
  document.title = page.title;
  if (address.href !== location.href) history.pushState(null, "", address.href);
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  const toasts = document.getElementById("toasts");
  toasts.append(...page.querySelectorAll("#toasts > [data-toast]"));
  for (const elt of [fresh, toasts]) document.body.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt } }));
  scrollTo(0, 0);
  (fresh.querySelector('[aria-invalid="true"], [data-focus]') ?? fresh).focus();
  return true;
}

async function send(form, address, body, key) {
  const again = () => send(form, address, body, key);
  const keep = (facts) => {
    // Not sent after all: the form may go again, and leaving asks first
    delete form.dataset.sent;
    form.dispatchEvent(new Event("input"));
    offer(form, facts);
  };
  let answer;
  let blob;
  try {
    answer = await fetch(address, { method: "POST", body, headers: { "X-Sent-By": "script", "Idempotency-Key": key } });
    blob = await answer.blob();
  } catch {
    return keep({ text: sentence(0, false), again });
  }
  const goes = answer.headers.get("X-Location");
  if (goes && new URL(goes, location).pathname === SIGN_IN && address.pathname !== SIGN_OUT) return keep({ text: words("signed-out"), again });
  if (goes) {
    settle(form);
    const there = new URL(goes, location);
    // A place on this very page: what it shows is old, and an address that differs by its hash alone loads nothing
    const isHere = there.hash && there.pathname + there.search === location.pathname + location.search;
    location.assign(goes);
    return isHere ? location.reload() : undefined;
  }
  const disposition = answer.headers.get("Content-Disposition") ?? "";
  if (answer.ok && disposition.startsWith("attachment")) {
    settle(form);
    delete form.dataset.sent;
    return download(blob, disposition);
  }
  const html = await blob.text();
  if (answer.ok || answer.status === 422) {
    settle(form);
    if (!show(html, address)) location.assign(address.href);
    return;
  }
  const page = new DOMParser().parseFromString(html, "text/html");
  const reason = [...page.querySelectorAll("#main h1, #main h1 + p")].map((part) => part.textContent.trim()).join(" – ");
  const isPassing = answer.status === 429 || answer.status >= 500;
  keep({ text: isPassing || !reason ? sentence(answer.status, false) : reason, again: isPassing ? again : null, reference: referenceIn(html) });
}

export function bindSending() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const address = addressOf(form, event.submitter);
    if (event.defaultPrevented || !isOurs(form, address)) return;
    event.preventDefault();
    send(form, address, new URLSearchParams(new FormData(form, event.submitter)), newKey());
  });
}
