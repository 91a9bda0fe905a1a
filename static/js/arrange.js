// The board on which a dashboard's panels are edited: drag, keys on the handle, and buttons that are forms without this
// module. Every act is sent at once; the answer is the whole arrangement, so that what others did meanwhile shows too.
import Sortable from "../vendor/sortablejs/sortable.core.esm.js";
import { csrfToken, each, isComposing, words } from "./dom.js";
import { showToast } from "./toasts.js";

const WIDTHS = [3, 4, 6, 8, 12];
let lifted = null;

const slotsOf = (board) => [...board.querySelectorAll(":scope > [data-panel]")];
const idOf = (slot) => Number(slot.dataset.panel);

function say(text) {
  const place = document.querySelector("[data-board-says]");
  if (place) place.textContent = text;
}

function sentence(id, slot) {
  const all = slotsOf(slot.parentElement);
  const width = document.querySelector(`#width-words [data-width="${slot.dataset.width}"]`)?.textContent ?? "";
  const facts = { title: slot.dataset.title, place: all.indexOf(slot) + 1, all: all.length, width };
  return words(id).replace(/\{(\w+)\}/g, (_, name) => facts[name]);
}

/**
 * Post one act; its answer arranges the board, unless another act follows at once. Without an answer the page is asked
 * again for what stands.
 */
async function send(board, address, facts, { isLast = true } = {}) {
  const body = new FormData();
  for (const [name, value] of Object.entries(facts)) body.set(name, value);
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
    if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
    const news = await answer.json();
    if (answer.status === 409 || news.undo) showToast({ text: news.says, level: answer.ok ? "good" : "bad", undo: news.undo });
    else say(news.says);
    if (isLast || !answer.ok) await arrange(board, news.panels);
    return answer.ok;
  } catch {
    showToast({ text: words("failure"), level: "bad" });
    await refresh(board);
    return false;
  }
}

/** Bring the board into the order and widths of the server; panels that it does not hold yet are fetched. */
async function arrange(board, panels) {
  const slots = new Map(slotsOf(board).map((slot) => [idOf(slot), slot]));
  if (panels.length !== slots.size || panels.some(({ id }) => !slots.has(id))) return refresh(board);
  const focused = board.contains(document.activeElement) ? document.activeElement : null;
  panels.forEach(({ id, width }, place) => {
    const slot = slots.get(id);
    if (slotsOf(board)[place] !== slot) board.insertBefore(slot, slotsOf(board)[place]);
    resize(slot, width);
  });
  mark(board);
  focused?.focus();
}

async function refresh(board, id) {
  const focused = document.activeElement?.id;
  const place = document.getElementById("board");
  const address = board?.dataset.url ?? location.pathname;
  await window.htmx.ajax("GET", address, { target: place, swap: "outerHTML" });
  (document.getElementById(id ? `handle-${id}` : focused) ?? document.getElementById("add-panel"))?.focus();
}

function resize(slot, width) {
  slot.dataset.width = width;
  const at = WIDTHS.indexOf(Number(width));
  for (const [name, step] of [["narrower", -1], ["wider", 1]]) {
    const form = slot.querySelector(`form[data-${name}]`);
    form.elements.seen.value = width;
    form.elements.width.value = WIDTHS[at + step] ?? width;
    form.querySelector("button").ariaDisabled = String(WIDTHS[at + step] === undefined);
  }
}

function mark(board) {
  const all = slotsOf(board);
  all.forEach((slot, place) => {
    const [earlier, later] = ["earlier", "later"].map((name) => document.getElementById(`${name}-${idOf(slot)}`));
    earlier.ariaDisabled = String(place === 0);
    later.ariaDisabled = String(place === all.length - 1);
  });
}

const addressOf = (slot, act) => slot.querySelector(`form[action$="/${act}/"]`).action;

function sendPlace(slot) {
  const before = slot.previousElementSibling;
  return send(slot.parentElement, addressOf(slot, "move"), { after: before ? idOf(before) : 0 });
}

function bindBoard(board) {
  Sortable.create(board, {
    handle: "[data-handle]",
    draggable: "[data-panel]",
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
    ghostClass: "board__slot--ghost",
    onStart: () => { lifted = null; },
    onEnd: ({ item, oldIndex, newIndex }) => { if (oldIndex !== newIndex) sendPlace(item); },
  });
  if (location.hash.startsWith("#slot-")) document.getElementById(location.hash.replace("#slot-", "handle-"))?.focus();
}

// Heard for the whole page, so that no key is lost while the board is swapped for a fresh one
document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-board] [data-handle]");
  if (handle && !isComposing(event) && !event.ctrlKey && !event.metaKey && !event.altKey) press(event, handle.closest("[data-panel]"));
});
document.addEventListener("focusout", (event) => {
  if (lifted && !lifted.moving && event.target.closest("[data-panel]") === lifted.slot) putBack();
});

function press(event, slot) {
  if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    if (lifted) drop();
    else lift(slot);
    return;
  }
  if (!lifted) return;
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  const wider = { "+": 1, "=": 1, "-": -1, "−": -1 }[event.key];
  if (event.key === "Escape") putBack();
  else if (step) shift(slot, step);
  else if (wider) widen(slot, wider);
  else return;
  event.preventDefault();
}

function lift(slot) {
  lifted = { slot, next: slot.nextElementSibling, width: slot.dataset.width };
  slot.dataset.lifted = "";
  slot.querySelector("[data-handle]").ariaPressed = "true";
  say(sentence("board-lifted", slot));
}

function release() {
  const { slot } = lifted;
  lifted = null;
  delete slot.dataset.lifted;
  slot.querySelector("[data-handle]").removeAttribute("aria-pressed");
  return slot;
}

function shift(slot, step) {
  const other = step < 0 ? slot.previousElementSibling : slot.nextElementSibling;
  if (other) {
    lifted.moving = true;
    if (step < 0) other.before(slot);
    else other.after(slot);
    slot.querySelector("[data-handle]").focus();
    lifted.moving = false;
    slot.scrollIntoView({ block: "nearest" });
  }
  say(sentence("board-at", slot));
}

function widen(slot, step) {
  const width = WIDTHS[WIDTHS.indexOf(Number(slot.dataset.width)) + step];
  if (width) slot.dataset.width = width;
  say(sentence("board-at", slot));
}

function putBack() {
  const { next, width } = lifted;
  lifted.moving = true;
  const { slot } = lifted;
  slot.parentElement.insertBefore(slot, next?.isConnected ? next : null);
  slot.dataset.width = width;
  slot.querySelector("[data-handle]").focus();
  release();
  say(sentence("board-back", slot));
}

async function drop() {
  const { next, width } = lifted;
  const slot = release();
  const board = slot.parentElement;
  const isMoved = slot.nextElementSibling !== next;
  const place = { after: slot.previousElementSibling ? idOf(slot.previousElementSibling) : 0 };
  const size = { width: slot.dataset.width, seen: width };
  if (size.width !== width && !(await send(board, addressOf(slot, "resize"), size, { isLast: !isMoved }))) return;
  if (isMoved) await send(board, addressOf(slot, "move"), place);
}

/** The buttons of a panel are forms; here they are sent without leaving the page. */
function bindAct(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.ariaDisabled === "true") return;
    form.closest("details")?.removeAttribute("open");
    const board = document.querySelector("[data-board]");
    send(board, form.action, Object.fromEntries(new FormData(form)));
  });
}

function bindNews() {
  // The dialog of a panel has saved: close it, show the board as it stands, and go to the panel.
  document.body.addEventListener("ops:board", async ({ detail }) => {
    document.getElementById("panel-dialog")?.close();
    await refresh(document.querySelector("[data-board]"), detail.panel);
    say(detail.says);
  });
}

bindNews();

export function bindArrange(root) {
  each(root, "[data-board]", bindBoard);
  each(root, "form[data-act]", bindAct);
}
