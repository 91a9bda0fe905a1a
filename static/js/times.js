// Relative times stay true while the page stands open. The absolute time is in the title.
import { each } from "./dom.js";

const language = document.documentElement.lang || "en";
const speech = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const STEPS = [[86400, "day"], [3600, "hour"], [60, "minute"]];
const shown = new Set();

function tell(time) {
  const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
  const [length, unit] = STEPS.find(([size]) => Math.abs(seconds) >= size) ?? [];
  if (unit) time.textContent = speech.format(Math.trunc(seconds / length), unit);
}

setInterval(() => {
  for (const time of shown) {
    if (time.isConnected) tell(time);
    else shown.delete(time);
  }
}, 60000);

export function bindTimes(scope) {
  each(scope, "time[data-ago]", (time) => {
    shown.add(time);
    tell(time);
  });
}
