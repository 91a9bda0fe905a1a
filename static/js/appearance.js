// Theme and density: kept with the account, and in cookies for the pages before signing in, so that the server draws the
// next page right from its first paint.
import { csrfToken, each } from "./dom.js";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

let isPrinting = false;

/** The theme that is seen now: "light" or "dark". Paper is light. */
export function theme() {
  if (isPrinting) return "light";
  return root.dataset.theme ?? (system.matches ? "dark" : "light");
}

function announce() {
  document.dispatchEvent(new CustomEvent("ops:theme", { detail: theme() }));
}

function choose(name, value) {
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
  const age = value ? 31536000 : 0;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `${name}=${value};path=/;max-age=${age};samesite=lax${secure}`;
}

/** Keep a choice with the account of who is signed in. */
export function remember(name, value) {
  const address = document.querySelector("[data-remember]")?.dataset.remember;
  if (!address) return;
  fetch(address, { method: "POST", headers: { "X-CSRFToken": csrfToken() }, body: new URLSearchParams({ [name]: value }), keepalive: true });
}

function show(menu) {
  for (const name of ["theme", "density"]) {
    for (const button of menu.querySelectorAll(`[data-${name}-choice]`)) {
      button.setAttribute("aria-pressed", String(button.dataset[`${name}Choice`] === (root.dataset[name] ?? "")));
    }
  }
}

function bindMenu(menu) {
  show(menu);
  menu.addEventListener("click", (event) => {
    for (const name of ["theme", "density"]) {
      const button = event.target.closest(`[data-${name}-choice]`);
      if (!button) continue;
      choose(name, button.dataset[`${name}Choice`]);
      remember(name, button.dataset[`${name}Choice`]);
      show(menu);
      announce();
    }
  });
}

system.addEventListener("change", announce);
for (const moment of ["beforeprint", "afterprint"]) {
  addEventListener(moment, () => {
    isPrinting = moment === "beforeprint";
    announce();
  });
}

export function bindAppearance(scope) {
  each(scope, "[data-appearance]", bindMenu);
}
