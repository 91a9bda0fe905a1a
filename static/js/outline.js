// The outline of a procedure: parts are dragged by their handle, or moved by Alt and the arrow keys from anywhere in them.
// Every act is sent at once; the answer is the whole outline, so that what others did meanwhile shows too.
import Sortable from "../vendor/sortablejs/sortable.core.esm.js";
import { each, isComposing } from "./dom.js";

function say(part) {
  const place = document.querySelector("[data-outline-says]");
  const all = [...document.querySelectorAll(`[data-part][data-kind="${part.dataset.kind}"]`)];
  const facts = { title: part.dataset.title, place: all.indexOf(part) + 1, all: all.length };
  if (place) place.textContent = place.dataset.outlineSays.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
}

async function put(part) {
  const before = part.previousElementSibling?.closest("[data-part]");
  const values = { parent: part.parentElement.dataset.parts, after: before?.dataset.part ?? "" };
  await window.htmx.ajax("POST", part.dataset.move, { target: "#outline", swap: "outerHTML", values });
  focus(part.dataset.part);
}

function focus(key) {
  const part = document.querySelector(`[data-part="${key}"]`);
  if (!part) return;
  part.querySelector("[data-handle]").focus();
  say(part);
}

function bindParts(list) {
  Sortable.create(list, {
    group: list.dataset.group,
    handle: "[data-handle]",
    draggable: `[data-kind="${list.dataset.group.slice(0, -1)}"]`,
    swapThreshold: 0.65,
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
    ghostClass: "outline__ghost",
    onEnd: ({ item, from, to, oldIndex, newIndex }) => { if (from !== to || oldIndex !== newIndex) put(item); },
  });
}

// Heard for the whole page, so that no key is lost while the outline is swapped for a fresh one
document.addEventListener("keydown", (event) => {
  const by = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  const part = event.target.closest?.("#outline [data-part]");
  if (!by || !part || !event.altKey || isComposing(event)) return;
  event.preventDefault();
  const outline = part.closest("#outline");
  const button = part.querySelector(`[data-by="${by}"]`);
  if (button.ariaDisabled === "true" || outline.ariaBusy === "true") return;
  const key = part.dataset.part;
  outline.parentElement.addEventListener("htmx:afterSettle", () => focus(key), { once: true });
  button.click();
});

/** What a drag left on its parts: htmx would copy it as an attribute, which the policy refuses. */
function bindStyles(outline) {
  outline.addEventListener("htmx:beforeSwap", () => {
    for (const one of outline.querySelectorAll("[style]")) one.removeAttribute("style");
  });
}

export function bindOutline(root) {
  each(root, "#outline", bindStyles);
  each(root, "[data-parts]", bindParts);
}
