// The tree of departments: one is dragged by its handle onto the one that it shall stand below, or moved by keys. Whom
// a move touches is asked first; without this module there is the form of each department.
import Sortable from "../vendor/sortablejs/sortable.core.esm.js";
import { csrfToken, each, isComposing, words } from "./dom.js";
import { showToast } from "./toasts.js";

const EDGE = 56;
const STEP = 14;
let lifted = null;

const top = () => document.querySelector("[data-tree-top]");
const handleIn = (row) => row.querySelector("[data-tree-handle]");
const rowOf = (handle) => handle.closest("tr");
const parentAt = (place) => (place === top() ? "" : handleIn(place).dataset.id);
const nameAt = (place) => (place === top() ? place.textContent.trim() : handleIn(place).dataset.name);
const isInside = (handle, place) => place !== top() && handleIn(place).dataset.path.startsWith(handle.dataset.path);

function say(text) {
  document.querySelector("[data-tree-says]").textContent = text;
}

const sentence = (id, facts) => words(id).replace(/\{(\w+)\}/g, (_, name) => facts[name]);

/** Show where it would stand; null for nowhere. */
function mark(handle, place) {
  for (const old of document.querySelectorAll("[data-drop-here]")) delete old.dataset.dropHere;
  if (place) place.dataset.dropHere = isInside(handle, place) ? "no" : "yes";
}

async function post(handle, parent, isSure) {
  const body = new FormData();
  body.set("parent", parent);
  body.set("version", handle.dataset.version);
  if (isSure) body.set("sure", "1");
  const answer = await fetch(handle.dataset.move, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
  if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
  return { isDone: answer.ok, ...(await answer.json()) };
}

/** Move it below `parent`, by number, empty for the top. The answer may be a question: whom it touches. */
async function move(handle, parent, isSure = false) {
  try {
    const news = await post(handle, parent, isSure);
    if (news.asks && (await isAgreed(news.asks))) return await move(handle, parent, true);
    if (news.asks) {
      handle.focus();
      return say(sentence("tree-back", handle.dataset));
    }
    showToast({ text: news.says, level: news.isDone ? "good" : "bad", undo: news.undo });
  } catch {
    showToast({ text: words("failure"), level: "bad" });
  }
  await window.htmx.ajax("GET", location.pathname + location.search, { target: "#rows", swap: "outerHTML" });
  document.getElementById(handle.id)?.focus();
}

function isAgreed(lines) {
  const dialog = document.getElementById("tree-asks");
  dialog.querySelector("[data-tree-effects]").replaceChildren(
    ...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })),
  );
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "move"), { once: true });
  });
}

function put(handle, place) {
  if (!place || place === rowOf(handle)) return say(sentence("tree-back", handle.dataset));
  if (parentAt(place) === handle.dataset.parent) return say(sentence("tree-stays", { below: nameAt(place), name: handle.dataset.name }));
  return move(handle, parentAt(place));
}

// By pointer

function bindBody(body) {
  let place = null;
  let isLeft = false;

  const placeAt = (x, y) => {
    const found = document.elementFromPoint(x, y)?.closest("[data-tree-top], tr");
    if (!found || found === top()) return found ?? null;
    return body.contains(found) && handleIn(found) ? found : null;
  };

  Sortable.create(body, {
    handle: "[data-tree-handle]",
    draggable: "tr",
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 4,
    fallbackClass: "tree-dragged",
    ghostClass: "board__slot--ghost",
    onMove: () => false, // rows keep their order; what counts is the row under the pointer
    onStart: ({ item }) => {
      lifted = null;
      place = null;
      isLeft = false;
      if (top()) top().hidden = false;
      body.follow = ({ clientX, clientY }) => {
        place = isLeft ? null : placeAt(clientX, clientY);
        if (place === item) place = null;
        mark(handleIn(item), place);
        if (clientY < EDGE) scrollBy(0, -STEP);
        else if (clientY > innerHeight - EDGE) scrollBy(0, STEP);
      };
      body.leave = (event) => {
        if (event.key !== "Escape") return;
        isLeft = true;
        place = null;
        mark(handleIn(item), null);
      };
      document.addEventListener("pointermove", body.follow);
      document.addEventListener("keydown", body.leave);
    },
    onEnd: ({ item }) => {
      document.removeEventListener("pointermove", body.follow);
      document.removeEventListener("keydown", body.leave);
      mark(handleIn(item), null);
      if (top()) top().hidden = true;
      put(handleIn(item), place);
    },
  });
}

// By keys; heard for the whole page, so that none is lost while the list is swapped for a fresh one

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-tree-handle]");
  if (handle && !isComposing(event) && !event.ctrlKey && !event.metaKey && !event.altKey) press(event, handle);
});
document.addEventListener("focusout", () => { if (lifted) release(true); });

function press(event, handle) {
  const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
  if (event.key === " " || event.key === "Enter") {
    if (lifted) put(handle, release());
    else lift(handle);
  } else if (lifted && step) choose(step);
  else if (lifted && event.key === "Escape") release(true);
  else return;
  event.preventDefault();
}

function lift(handle) {
  const rows = [...rowOf(handle).parentElement.rows].filter((row) => handleIn(row) && !isInside(handle, row));
  const places = top() ? [top(), ...rows] : rows;
  lifted = { handle, places, at: places.findIndex((place) => parentAt(place) === handle.dataset.parent) };
  handle.ariaPressed = "true";
  rowOf(handle).dataset.lifted = "";
  if (top()) top().hidden = false;
  mark(handle, lifted.places[lifted.at]);
  say(sentence("tree-lifted", handle.dataset));
}

function choose(step) {
  const { handle, places } = lifted;
  lifted.at = Math.min(Math.max(lifted.at + step, 0), places.length - 1);
  const place = places[lifted.at];
  if (!place) return;
  mark(handle, place);
  if (place !== top()) place.scrollIntoView({ block: "nearest" });
  say(place === top() ? nameAt(place) : sentence("tree-below", { below: nameAt(place) }));
}

/** End the lifting; the chosen place. */
function release(isBack = false) {
  const { handle, places, at } = lifted;
  lifted = null;
  handle.removeAttribute("aria-pressed");
  delete rowOf(handle).dataset.lifted;
  if (top()) top().hidden = true;
  mark(handle, null);
  if (isBack) say(sentence("tree-back", handle.dataset));
  return places[at];
}

export function bindTree(root) {
  each(root, "tbody:has([data-tree-handle])", bindBody);
}
