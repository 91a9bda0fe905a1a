// <details data-menu> opens by itself; here are Escape, arrows, the click outside. And the drawer of small
// screens, and the sections of the navigation, which stay folded as the person left them.
import { each, isComposing } from "./dom.js";

function items(menu) {
  return [...menu.querySelectorAll(".menu__item")];
}

function bindMenu(menu) {
  const summary = menu.querySelector("summary");
  menu.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      summary.focus();
      event.stopPropagation();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    menu.open = true;
    const all = items(menu);
    const next = all.indexOf(document.activeElement) + step;
    all[(next + all.length) % all.length]?.focus();
  });
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

function bindDrawer(opener) {
  const drawer = document.getElementById(opener.dataset.opensDrawer);
  const toggle = (open) => {
    drawer.toggleAttribute("data-open", open);
    opener.setAttribute("aria-expanded", String(open));
    (open ? drawer.querySelector("a") : opener).focus();
  };
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    toggle(!drawer.hasAttribute("data-open"));
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      opener.click();
    }
  });
  drawer.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !isComposing(event)) toggle(false);
    if (event.key !== "Tab") return;
    const links = [...drawer.querySelectorAll("a, button")].filter((link) => link.getClientRects().length);
    const last = event.shiftKey ? links[0] : links.at(-1);
    if (drawer.hasAttribute("data-open") && document.activeElement === last) {
      event.preventDefault();
      (event.shiftKey ? links.at(-1) : links[0]).focus();
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (drawer.hasAttribute("data-open") && !drawer.contains(event.target) && !opener.contains(event.target)) toggle(false);
  });
}

function bindSections(menu) {
  const sections = [...menu.querySelectorAll("[data-section]")];
  menu.addEventListener("click", (event) => {
    const button = event.target.closest("[data-section]");
    if (!button) return;
    button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") === "false"));
    const folded = sections.filter((one) => one.getAttribute("aria-expanded") === "false").map((one) => one.dataset.section);
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `${menu.dataset.sections}=${folded.join(".")};path=/;max-age=31536000;samesite=lax${secure}`;
  });
}

export function bindMenus(scope) {
  each(scope, "[data-sections]", bindSections);
  each(scope, "[data-menu]", bindMenu);
  each(scope, "[data-opens-drawer]", bindDrawer);
}
