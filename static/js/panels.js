// Panels of a dashboard: fetched when they come near, their tables, days that lead to their rows, pictures of them.
import { each, words } from "./dom.js";

const arrive = (panel) => panel.dispatchEvent(new CustomEvent("near"));
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    arrive(target);
  }
}, { rootMargin: "600px" });

// What was not scrolled to yet is wanted on paper, too.
addEventListener("beforeprint", () => document.querySelectorAll("[data-near]").forEach(arrive));

function awaitPanel(panel) {
  near.observe(panel);
  const fail = () => panel.querySelector(".panel__wait")?.replaceWith(words("failure"));
  panel.addEventListener("htmx:responseError", fail);
}

function bindToggle(panel) {
  const button = panel.querySelector("[data-chart-table]");
  button?.addEventListener("click", () => {
    const box = panel.querySelector("[data-chart-rows]");
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
  });
}

function bindDays(calendar) {
  calendar.addEventListener("click", ({ target }) => {
    const on = target.closest("[data-on]")?.dataset.on;
    if (on) location.assign(calendar.dataset.days.replace("{x}", on));
  });
}

function bindPicture(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.closest("details").open = false;
    const { savePicture } = await import("./picture.js");
    await savePicture(document.getElementById(button.dataset.picture), button.dataset.note);
  });
}

// The address changes without the page: what leads away with the same question asks it as it stands now.
const bindAsked = (link) => link.addEventListener("click", () => { link.search = location.search; });

export function bindPanels(scope) {
  each(scope, "a[data-as-asked]", bindAsked);
  each(scope, "[data-near]", awaitPanel);
  each(scope, "[data-drawing]", bindToggle);
  each(scope, "[data-days]", bindDays);
  each(scope, "[data-picture]", bindPicture);
}
