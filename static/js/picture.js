// A panel as a PNG: title, stretch and unit above, below them what is drawn, copied letter by letter and shape by shape.
const SCALE = 2;
const EDGE = 24;
const SHAPE = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "opacity", "font-family",
  "font-size", "font-weight", "text-anchor", "vector-effect", "display", "visibility"];

/** The look that style sheets give each part, as attributes: an image has no style sheet. */
function standalone(svg, { width, height }) {
  const copy = svg.cloneNode(true);
  const parts = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((part, i) => {
    const style = getComputedStyle(parts[i]);
    part.removeAttribute("style");
    for (const name of SHAPE) part.setAttribute(name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return new XMLSerializer().serializeToString(copy);
}

async function paintSvg(paper, svg, box, x, y) {
  if (svg.classList.contains("icon") || !box.width || !box.height) return;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(svg, box))}`;
  await image.decode();
  paper.drawImage(image, x, y, box.width, box.height);
}

function paintText(paper, node, { left, top }) {
  const style = getComputedStyle(node.parentElement);
  paper.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  paper.fillStyle = style.color;
  paper.textBaseline = "middle";
  const range = document.createRange();
  for (const word of node.data.matchAll(/\S+\s*/g)) {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].trimEnd().length);
    const box = range.getBoundingClientRect();
    if (box.width > 1) paper.fillText(word[0].trimEnd(), box.left - left, box.top + box.height / 2 - top);
  }
}

async function paint(paper, node, origin) {
  if (node.nodeType === Node.TEXT_NODE) return paintText(paper, node, origin);
  if (node.nodeType !== Node.ELEMENT_NODE) return undefined;
  const style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  if (style.display === "none" || style.visibility === "hidden" || style.clipPath !== "none") return undefined;
  const [x, y] = [box.left - origin.left, box.top - origin.top];
  if (node instanceof SVGSVGElement) return paintSvg(paper, node, box, x, y);
  if (!/^rgba\(.*, 0\)$|^transparent$/.test(style.backgroundColor)) {
    paper.globalAlpha = Number(style.opacity);
    paper.fillStyle = style.backgroundColor;
    paper.beginPath();
    paper.roundRect(x, y, box.width, box.height, parseFloat(style.borderRadius) || 0);
    paper.fill();
    paper.globalAlpha = 1;
  }
  for (const child of node.childNodes) await paint(paper, child, origin);
  return undefined;
}

/** Paint the panel as it stands on the screen, and hand the file over. */
export async function savePicture(panel, note) {
  const parts = [...panel.querySelectorAll(".panel__number, [data-canvas], .panel__rows:not([hidden])")].filter((part) => part.clientHeight);
  const heights = parts.map((part) => Math.max(part.scrollHeight, part.clientHeight) + 8);
  const width = Math.max(...parts.map((part) => part.scrollWidth)) + 2 * EDGE;
  const height = heights.reduce((sum, one) => sum + one, 2 * EDGE + 52);
  const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
  const paper = canvas.getContext("2d");
  const [own, title] = [getComputedStyle(panel), panel.querySelector(".panel__title").textContent];
  paper.scale(SCALE, SCALE);
  paper.fillStyle = own.backgroundColor;
  paper.fillRect(0, 0, width, height);
  paper.fillStyle = own.color;
  paper.textBaseline = "alphabetic";
  paper.font = `600 17px ${own.fontFamily}`;
  paper.fillText(title, EDGE, EDGE + 16, width - 2 * EDGE);
  paper.font = `13px ${own.fontFamily}`;
  paper.fillText(note, EDGE, EDGE + 38, width - 2 * EDGE);
  let down = EDGE + 52;
  for (const [i, part] of parts.entries()) {
    const box = part.getBoundingClientRect();
    await paint(paper, part, { left: box.left - part.scrollLeft - EDGE, top: box.top - part.scrollTop - down });
    down += heights[i];
  }
  const file = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${title.trim()}.png` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
