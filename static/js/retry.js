// A calm bar for what did not get through: it says what happened and repeats exactly that, reads and writes alike. A write
// carries a key, so that the server does it once however often it is sent. What only reads is repeated by itself as soon
// as the connection is back.
import { words } from "./dom.js";

const failed = new Map();
const bar = () => document.getElementById("retry");

/** A key for one write; sent again, the write has the same one. */
export function newKey() {
  // Not every address is a secure context, which randomUUID asks for
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The sentence for an answer that never came (status 0) or that says the server could not do it. */
export function sentence(status, isRead) {
  const kind = status === 429 ? "busy" : status ? "broken" : "lost";
  return words(kind === "busy" ? "busy" : `${kind}-${isRead ? "read" : "write"}`);
}

/** The reference on the page of a failure, empty where there is none. */
export function referenceIn(html) {
  return /<code>([0-9a-f-]{36})<\/code>/.exec(html ?? "")?.[1] ?? "";
}

/** Offer to repeat `again`; of one source only the last request counts. */
export function offer(source, { text, again, isRead = false, reference = "" }) {
  failed.set(source, { again, isRead });
  const place = bar();
  place.querySelector("[data-retry-text]").textContent = text;
  place.querySelector("[data-retry-reference]").textContent = reference;
  place.querySelector("[data-retry]").hidden = !again;
  place.hidden = false;
}

/** What failed before has got through. */
export function settle(source) {
  failed.delete(source);
  if (!failed.size) bar().hidden = true;
}

function repeat(entries) {
  for (const [source, { again }] of entries) {
    if (source.isConnected === false) failed.delete(source);
    else again?.();
  }
  if (!failed.size) bar().hidden = true;
}

export function bindRetry() {
  const place = bar();
  if (!place) return;
  place.addEventListener("click", (event) => {
    if (event.target.closest("[data-retry]")) repeat([...failed]);
    if (event.target.closest("[data-retry-leave]")) {
      failed.clear();
      place.hidden = true;
    }
  });
  addEventListener("online", () => repeat([...failed].filter(([, one]) => one.isRead)));
}
