// Everything is bound to data- attributes: once on load, and again to whatever htmx swaps in.
import { bindAppearance } from "./appearance.js";
import { bindCharts } from "./charts.js";
import { bindCopy } from "./copy.js";
import { bindDialogs } from "./dialogs.js";
import { bindForms } from "./forms.js";
import { bindKeys } from "./keys.js";
import { bindMenus } from "./menus.js";
import { bindPanels } from "./panels.js";
import { bindPalette } from "./palette.js";
import { bindRetry } from "./retry.js";
import { bindSending } from "./sending.js";
import { bindTables } from "./tables.js";
import { bindTimes } from "./times.js";
import { bindToasts } from "./toasts.js";
import { bindHtmx } from "./htmx-glue.js";

const binders = [bindAppearance, bindCharts, bindCopy, bindDialogs, bindForms, bindMenus, bindPanels, bindTables, bindTimes, bindToasts, bindUploads, bindPasskeys, bindEditing, bindGrids, bindTree, bindSteps, bindOutline];

// Fetched by the few pages that send files; without it they do so as plain forms.
async function bindUploads(root) {
  if (root.querySelector("[data-drop], form[data-upload]")) (await import("./uploads.js")).bindUploads(root);
}

// Fetched by the pages of sign-in and account that make or ask for a passkey.
async function bindPasskeys(root) {
  if (root.querySelector("[data-passkey]")) (await import("./passkeys.js")).bindPasskeys(root);
}

// Fetched by pages on which dashboards are edited or shown on a wall.
async function bindEditing(root) {
  if (root.querySelector("select[data-combobox]")) (await import("./combobox.js")).bindCombobox(root);
  if (root.matches?.("#board") || root.querySelector("#board")) (await import("./arrange.js")).bindArrange(root);
  if (root.querySelector("[data-wall]")) (await import("./wall.js")).bindWall(root);
}

// Fetched by the tree of departments, for whoever may move them.
async function bindTree(root) {
  if (root.querySelector("[data-tree-handle]")) (await import("./tree.js")).bindTree(root);
}

// Fetched by the editor of a procedure; without it there are the buttons of each part.
async function bindOutline(root) {
  if (root.matches?.("#outline") || root.querySelector("#outline")) (await import("./outline.js")).bindOutline(root);
}

// Fetched by the pages on which figures are entered; without it the grid is a plain form.
async function bindGrids(root) {
  if (root.querySelector("form[data-grid]")) (await import("./entry-grid.js")).bindEntryGrids(root);
}

// Fetched by the pages on which steps are done.
async function bindSteps(root) {
  if (root.querySelector("[data-sign], [data-rows]")) (await import("./answers.js")).bindAnswers(root);
}

function bind(root) {
  for (const binder of binders) binder(root);
}

bindHtmx();
bindRetry();
bindSending();
bindKeys();
bindPalette();
bind(document);
document.body.addEventListener("htmx:load", (event) => bind(event.detail.elt));
