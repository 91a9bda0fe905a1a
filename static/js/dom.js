// Small helpers that every module shares.

const bound = new WeakMap();

/**
 * Call `start(element)` for each element under `root`, `root` included, that matches and was not bound by this selector
 * before. Each selector belongs to one module.
 */
export function each(root, selector, start) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.unshift(root);
  for (const element of found) {
    const done = bound.get(element) ?? new Set();
    if (done.has(selector)) continue;
    bound.set(element, done.add(selector));
    start(element);
  }
}

let composedAt = 0;
document.addEventListener("compositionend", () => { composedAt = performance.now(); }, true);

/** Whether a key belongs to an input method: while it composes, and just after, when its Enter still arrives. */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229 || performance.now() - composedAt < 100;
}

/** Whether the person is writing here, so that single keys must stay letters. */
export function isWriting(element) {
  return element instanceof HTMLElement && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
}

/** Whether the person has switched single keys off. */
export function areKeysOff() {
  return document.documentElement.dataset.keys === "off";
}

/** The token that every unsafe request carries. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** A translated sentence that the page keeps in a <template>. */
export function words(id) {
  return document.getElementById(`${id}-template`)?.content.textContent.trim() ?? "";
}
