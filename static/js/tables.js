// j and k walk the rows of a table or a feed by their first link, so that Enter opens where the focus stands.
import { areKeysOff, each, isComposing, isWriting } from "./dom.js";

function links(table) {
  return [...table.querySelectorAll("tbody tr, [data-row]")].map((row) => row.querySelector("a, button")).filter(Boolean);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step || isWriting(event.target) || isComposing(event) || areKeysOff()) return;
  const table = document.activeElement?.closest("[data-table]") ?? document.querySelector("[data-table]");
  if (!table || document.querySelector("dialog[open]")) return;
  const all = links(table);
  const row = document.activeElement?.closest("tr, [data-row]");
  const here = all.findIndex((link) => link.closest("tr, [data-row]") === row);
  all[here < 0 ? 0 : Math.min(Math.max(here + step, 0), all.length - 1)]?.focus();
});

/** A box at the top of a column of boxes ticks them all and tells how many are ticked. */
function bindPickAll(box) {
  const picks = () => [...box.closest("table").querySelectorAll("tbody input[data-pick]")];
  const tell = () => {
    const all = picks();
    const count = all.filter((pick) => pick.checked).length;
    box.checked = count > 0 && count === all.length;
    box.indeterminate = count > 0 && count < all.length;
    const everything = document.querySelector("[data-everything] input");
    if (everything && count < all.length) everything.checked = false;
    for (const place of document.querySelectorAll("[data-picked]")) place.textContent = String(count);
    for (const action of document.querySelectorAll("[data-needs-pick]")) action.disabled = count === 0;
  };
  box.addEventListener("change", () => {
    for (const pick of picks()) pick.checked = box.checked;
    tell();
  });
  box.closest("table").addEventListener("change", (event) => event.target.matches("[data-pick]") && tell());
  for (const button of document.querySelectorAll("[data-unpick]")) {
    button.addEventListener("click", () => {
      for (const pick of picks()) pick.checked = false;
      tell();
      box.focus();
    });
  }
  tell();
}

// Escape leaves the form of a cell, and what is being changed stays as it was.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || isComposing(event)) return;
  const cell = event.target.closest?.("[data-cell]");
  if (!cell) return;
  event.preventDefault();
  cell.querySelector("[data-cell-leave]").click();
});

export function bindTables(scope) {
  each(scope, "input[data-pick-all]", bindPickAll);
}
