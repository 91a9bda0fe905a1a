// A dashboard on a wall screen: asked again every so often, several in turn. Nothing is drawn anew while nothing changed, and
// what leaves the screen is cleaned up by htmx, so that it may stand for days. Escape leaves, arrows turn, Space stays.
import { each, isWriting, words } from "./dom.js";

const MINUTE = 60_000;
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

function bind(wall) {
  const screens = JSON.parse(document.getElementById("wall-screens").textContent);
  const every = Number(wall.dataset.every) * 1000;
  const state = wall.querySelector("[data-wall-state]");
  const pause = wall.querySelector("[data-wall-pause]");
  let at = 0;
  let shown = "";
  let freshAt = new Date();
  let isStaying = false;
  let timer;

  function tell(id, level = "") {
    const text = words(id).replace("{time}", clock.format(freshAt));
    if (state.textContent !== text) state.textContent = text;
    state.dataset.level = level;
  }

  function put(screen, html, tag) {
    shown = tag;
    wall.querySelector("[data-wall-title]").textContent = screen.title;
    const turn = wall.querySelector("[data-wall-turn]");
    if (turn) turn.textContent = `${at + 1} / ${screens.length}`;
    window.htmx.swap("#figures", html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
  }

  /** Ask for a screen. The browser keeps what it had: an unchanged one costs the server a 304. */
  async function show(place) {
    clearTimeout(timer);
    const screen = screens[place];
    try {
      const answer = await fetch(screen.url, { headers: { "HX-Request": "true" }, cache: "no-cache", redirect: "manual", signal: AbortSignal.timeout(MINUTE / 2) });
      const isGone = answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status);
      if (isGone) {
        leave(place);
      } else if (!answer.ok) {
        throw new Error(String(answer.status));
      } else {
        const tag = `${screen.url} ${answer.headers.get("ETag") ?? Math.random()}`;
        const html = await answer.text();
        freshAt = new Date();
        at = place;
        if (tag !== shown) put(screen, html, tag);
        tell("wall-fresh");
      }
    } catch {
      tell("wall-offline", "bad");
    }
    timer = setTimeout(() => show(isStaying ? at : (at + 1) % screens.length), every);
  }

  /** A screen that is not open any more takes no further turns; the last one stays, and says so. */
  function leave(place) {
    if (screens.length > 1) {
      screens.splice(place, 1);
      at = Math.min(at, screens.length - 1);
    } else {
      document.getElementById("figures").replaceChildren();
      shown = "";
      tell("wall-gone", "bad");
    }
  }

  function stay() {
    isStaying = !isStaying;
    if (pause) pause.ariaPressed = String(isStaying);
  }

  const turn = (step) => show((at + step + screens.length) % screens.length);

  pause?.addEventListener("click", stay);
  wall.querySelector("[data-wall-full]").addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  });
  document.addEventListener("keydown", (event) => {
    if (isWriting(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !document.fullscreenElement) location.assign(wall.dataset.back);
    else if (event.key === "ArrowRight") turn(1);
    else if (event.key === "ArrowLeft") turn(-1);
    else if (event.key === " " && event.target === document.body) stay();
    else return;
    event.preventDefault();
  });
  addEventListener("online", () => show(at));
  keepAwake();
  show(0);
}

/** The screen must not go dark by itself; asked anew whenever it is looked at again. */
function keepAwake() {
  const ask = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", ask);
  ask();
}

export function bindWall(root) {
  each(root, "[data-wall]", bind);
}
