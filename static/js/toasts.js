// Short notices in the corner, read aloud by the region they stand in. What can be undone waits 10 s.
import { csrfToken, each, words } from "./dom.js";

const SECONDS = 6;
const UNDO_SECONDS = 10;
const ICONS = { good: "circle-check", watch: "alert-triangle", bad: "alert-octagon", info: "info-circle" };

/** Show `text`; `level` is good, watch, bad or info; `undo` an address to post to. Bad news stays until dismissed. */
export function showToast({ text, level = "info", undo = "" }) {
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  toast.classList.add(`toast--${level}`);
  toast.querySelector("span").textContent = text;
  const sprite = toast.querySelector("use")?.getAttribute("href").split("#")[0];
  const icon = toast.querySelector("svg")?.cloneNode(true);
  if (icon) {
    icon.querySelector("use").setAttribute("href", `${sprite}#${ICONS[level] ?? ICONS.info}`);
    toast.prepend(icon);
  }
  if (undo) {
    const button = toast.querySelector("[data-undo]");
    button.hidden = false;
    button.dataset.undo = undo;
  }
  document.getElementById("toasts").append(toast);
  bindToast(toast);
}

async function takeBack(address, toast) {
  toast.remove();
  try {
    const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": csrfToken() } });
    if (answer.ok) return location.reload();
    const reason = answer.headers.get("X-Reason");
    showToast({ text: reason ? decodeURIComponent(reason) : words("too-late"), level: "bad" });
  } catch {
    showToast({ text: words("failure"), level: "bad" });
  }
}

function bindToast(toast) {
  const undo = toast.querySelector("[data-undo]")?.dataset.undo;
  const seconds = toast.classList.contains("toast--bad") ? 0 : undo ? UNDO_SECONDS : SECONDS;
  toast.querySelector("[data-dismiss]")?.addEventListener("click", () => toast.remove());
  if (undo) toast.querySelector("[data-undo]").addEventListener("click", () => takeBack(undo, toast));
  if (!seconds) return;
  let timer = setTimeout(() => toast.remove(), seconds * 1000);
  for (const pause of ["pointerenter", "focusin"]) toast.addEventListener(pause, () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => { timer = setTimeout(() => toast.remove(), seconds * 1000); });
}

export function bindToasts(scope) {
  each(scope, "#toasts > [data-toast]", bindToast);
}
