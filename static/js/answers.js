// Fields of a step: a signature drawn with a finger, and one more row of a table. Without this module a name is typed, and a
// fresh row comes with each save.
import { each } from "./dom.js";

function bindSign(box) {
  const canvas = box.querySelector("canvas");
  const tools = box.querySelector("[data-sign-tools]");
  const input = box.querySelector("input[type=file]");
  if (box.closest("fieldset:disabled")) return;
  const pen = canvas.getContext("2d");
  pen.lineWidth = 3;
  pen.lineCap = "round";
  let isDown = false;
  canvas.hidden = false;
  const place = (event) => {
    const at = canvas.getBoundingClientRect();
    return [((event.clientX - at.left) * canvas.width) / at.width, ((event.clientY - at.top) * canvas.height) / at.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    isDown = true;
    tools.hidden = false;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!isDown) return;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  for (const type of ["pointerup", "pointercancel"]) canvas.addEventListener(type, () => { isDown = false; });
  box.querySelector("[data-sign-clear]").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    input.value = "";
    tools.hidden = true;
  });
  box.querySelector("[data-sign-keep]").addEventListener("click", () => canvas.toBlob((blob) => {
    const files = new DataTransfer();
    files.items.add(new File([blob], "signature.png", { type: "image/png" }));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }));
}

function bindRows(list) {
  const button = list.parentElement.querySelector("[data-row-add]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const row = list.lastElementChild.cloneNode(true);
    for (const field of row.querySelectorAll("input")) {
      field.name = field.name.replace(/\.(\d+)\.([^.]*)$/, (_all, number, key) => `.${Number(number) + 1}.${key}`);
      field.checked = false;
      if (field.type !== "checkbox") field.value = "";
    }
    list.append(row);
    row.querySelector("input")?.focus();
  });
}

export function bindAnswers(root) {
  each(root, "[data-sign]", bindSign);
  each(root, "[data-rows]", bindRows);
}
