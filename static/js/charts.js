// Draws figures with plotly under the strict policy: one after another as they come into view, in the colours of the theme,
// with a table beside each that says the same, and a click that leads to the rows behind a point.
import { theme } from "./appearance.js";
import { dark, light } from "./chart-theme.js";
import { each, words } from "./dom.js";

const THEMES = { dark, light };
const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, scrollZoom: false, showTips: false, showAxisDragHandles: false };
const NARROW = 420;
const drawn = new Map();
let onPaper = false;

const CHINESE = {
  moduleType: "locale",
  name: "zh-hans",
  dictionary: {},
  format: {
    days: ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
    shortDays: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
    months: ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"],
    shortMonths: ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
    date: "%Y-%m-%d",
    year: "%Y年",
    month: "%Y年%-m月",
    dayMonth: "%-m月%-d日",
    dayMonthYear: "%Y年%-m月%-d日",
  },
};

let loading;

/** plotly itself, fetched with the first chart of a page: pages without charts never pay for it. */
function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const { plotly: source, plotlySheet } = document.body.dataset;
    const style = document.createElement("link");
    // plotly looks for this id and class before it would inject its rules, which the policy forbids.
    Object.assign(style, { rel: "stylesheet", id: "plotly.js-style-global", className: "no-inline-styles", href: plotlySheet });
    const script = Object.assign(document.createElement("script"), { src: source });
    let waiting = 2;
    const arrived = () => {
      waiting -= 1;
      if (waiting) return;
      window.Plotly.register(CHINESE);
      resolve(window.Plotly);
    };
    for (const element of [style, script]) {
      element.addEventListener("load", arrived);
      element.addEventListener("error", reject);
    }
    document.head.append(style, script);
  });
  return loading;
}

/** A copy of `target` with `style` under what it already says. */
function layOver(target, style) {
  const result = { ...style, ...target };
  for (const [key, value] of Object.entries(style)) {
    if (value && typeof value === "object" && !Array.isArray(value)) result[key] = layOver(target[key] ?? {}, value);
  }
  return result;
}

function styled(figure, width) {
  const { template, roles, note, series } = THEMES[onPaper ? "light" : theme()];
  const narrow = width < NARROW;
  const layout = { ...figure.layout, template, width };
  const data = figure.data.map((trace) => layOver(trace, roles[trace.meta?.role]?.[trace.type] ?? {}));
  layout.annotations = (layout.annotations ?? [])
    .filter((one) => !narrow || one.name === "note")
    .map((one) => {
      const role = one.name.split(":")[1];
      const nth = role?.match(/^series-(\d+)$/)?.[1];
      if (one.name === "note") return layOver(one, { font: note.font });
      return layOver(one, nth ? { font: { color: series[nth % series.length] } } : (roles[role]?.label ?? {}));
    });
  layout.shapes = (layout.shapes ?? []).map((shape) => layOver(shape, shape.type === "rect" ? { fillcolor: note.band } : { line: note.line }));
  if (narrow) fitNarrow(layout, data);
  return { data, layout };
}

/**
 * No room for names at the ends of the lines: a legend below takes their place where there are several to tell apart; one
 * line is what the heading says, a dashed one beside it its target. Few ticks; room for figures outside.
 */
function fitNarrow(layout, data) {
  layout.xaxis = { ...layout.xaxis, nticks: 4, tickangle: 0 };
  if (layout.xaxis.visible === false) {
    const [low, high] = layout.xaxis.range;
    layout.xaxis.range = [low, high + 0.4 * (high - low)];
  }
  layout.margin = { ...layout.margin, r: 12 };
  layout.showlegend = data.filter((trace) => !trace.meta?.names && !["target", "partial"].includes(trace.meta?.role)).length > 1;
  layout.legend = { yref: "container", y: 0, yanchor: "bottom" };
}

function draw(chart) {
  const { canvas, figure, Plotly } = drawn.get(chart);
  // Behind its table a chart has no size
  if (!canvas.clientWidth) return undefined;
  const { data, layout } = styled(figure, canvas.clientWidth);
  const locale = document.documentElement.lang.startsWith("zh") ? "zh-hans" : "en";
  return Plotly.react(canvas, data, { ...layout, height: canvas.clientHeight }, { ...CONFIG, locale });
}

async function figureOf(chart) {
  // A template and no script element: htmx takes scripts out of what it swaps in.
  const stored = chart.querySelector("template[data-figure]");
  if (stored) return JSON.parse(stored.content.textContent);
  const answer = await fetch(chart.dataset.figureUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Where a point leads. Same origin only: a figure is data, and data must not send anybody away. */
function urlOf(trace, index) {
  const custom = trace.customdata?.[index];
  const url = Array.isArray(custom) ? custom[1] : trace.meta?.url?.replace("{x}", encodeURIComponent(trace.x[index]));
  return url && new URL(url, location.href).origin === location.origin ? url : undefined;
}

/** A click on a point leads to its rows; where the person may write notes, it offers both. */
function follow(chart, { points, event }) {
  const point = points.find((one) => urlOf(one.data, one.pointNumber)) ?? points[0];
  const url = point && urlOf(point.data, point.pointNumber);
  const note = point && noteOf(chart, drawn.get(chart)?.figure, point.x);
  if (note) offer(event, url, note, chart.querySelector("[data-chart-table]"));
  else if (url) location.assign(url);
}

/** Where a note for the day of a point is written, for who may write one. */
function noteOf(chart, figure, x) {
  const day = figure?.layout?.meta?.days?.[x] ?? String(x).match(/^\d{4}-\d\d-\d\d/)?.[0];
  return day ? chart.dataset.noteUrl?.replace("{x}", day) : undefined;
}

/** A small menu at the pointer, walked with arrows. It goes with Escape, back to `home`, and with a click beside it. */
function offer(event, rows, note, home) {
  document.getElementById("chart-offer")?.remove();
  const menu = Object.assign(document.createElement("div"), { id: "chart-offer", className: "menu__panel chart-offer" });
  for (const [id, href] of [["offer-rows", rows], ["offer-note", note]]) {
    if (href) menu.append(Object.assign(document.createElement("a"), { className: "menu__item", href, textContent: words(id) }));
  }
  document.body.append(menu);
  const { innerWidth, innerHeight } = window;
  menu.style.left = `${Math.max(8, Math.min(event.clientX, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(event.clientY, innerHeight - menu.offsetHeight - 8))}px`;
  menu.firstElementChild.focus();
  const close = new AbortController();
  const gone = () => { menu.remove(); close.abort(); };
  menu.addEventListener("keydown", (press) => {
    if (press.key === "Escape") {
      gone();
      home?.focus();
    } else if (press.key === "ArrowDown" || press.key === "ArrowUp") {
      (press.key === "ArrowDown" ? document.activeElement.nextElementSibling : document.activeElement.previousElementSibling)?.focus();
    } else return;
    press.preventDefault();
  }, { signal: close.signal });
  document.addEventListener("pointerdown", ({ target }) => { if (!menu.contains(target)) gone(); }, { signal: close.signal });
  addEventListener("scroll", gone, { signal: close.signal, passive: true });
}

async function show(chart) {
  views.unobserve(chart);
  chart.dataset.state = "loading";
  const canvas = chart.querySelector("[data-canvas]");
  try {
    const [figure, Plotly] = await Promise.all([figureOf(chart), plotly()]);
    drawn.set(chart, { canvas, figure, Plotly });
    await draw(chart);
    canvas.on("plotly_click", (event) => follow(chart, event));
    resizes.observe(canvas);
    chart.dataset.state = "drawn";
  } catch {
    chart.dataset.state = "failed";
    canvas.removeAttribute("role");
    canvas.textContent = chart.querySelector("[data-chart-failed]").content.textContent;
  }
}

const views = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) show(target);
  }
}, { rootMargin: "1200px" });

const pending = new Set();
const resizes = new ResizeObserver((entries) => {
  for (const { target } of entries) pending.add(target.closest("[data-chart]"));
  requestAnimationFrame(() => {
    for (const chart of pending) {
      if (!chart?.isConnected) forget(chart);
      else if (drawn.get(chart)?.canvas._fullLayout?.width !== drawn.get(chart)?.canvas.clientWidth) draw(chart);
    }
    pending.clear();
  });
});

function forget(chart) {
  const entry = drawn.get(chart);
  if (!entry) return;
  entry.Plotly.purge(entry.canvas);
  drawn.delete(chart);
}

function redraw() {
  for (const chart of drawn.keys()) {
    if (chart.isConnected) draw(chart);
    else forget(chart);
  }
}

document.addEventListener("ops:theme", redraw);
// On paper everything is light, and what was not scrolled to yet is wanted too.
addEventListener("beforeprint", () => {
  onPaper = true;
  redraw();
  for (const chart of document.querySelectorAll("[data-chart]:not([data-state])")) show(chart);
});
addEventListener("afterprint", () => {
  onPaper = false;
  redraw();
});
document.addEventListener("htmx:beforeCleanupElement", (event) => forget(event.target));

const entities = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const plain = (text) => String(text).replace(/&(?:lt|gt|amp);/g, (entity) => entities[entity]);

/** The rows of the table: one per x, one column per series; where a point leads somewhere, its row does too, and to a note. */
function tabulate(figure, noteFor) {
  if (figure.data[0]?.meta?.names) return tabulateNamed(figure.data);
  const rows = new Map();
  const urls = new Map();
  figure.data.forEach((trace, column) => {
    trace.x.forEach((x, i) => {
      if (trace.hoverinfo === "skip" || trace.hoverinfo?.[i] === "skip") return;
      if (!rows.has(x)) rows.set(x, []);
      rows.get(x)[column] = textOf(trace, i);
      if (urlOf(trace, i)) urls.set(x, urlOf(trace, i));
    });
  });
  const used = figure.data.map((_, column) => [...rows.values()].some((cells) => cells[column] !== undefined));
  const keep = (cells) => figure.data.map((_, column) => cells[column] ?? "").filter((_, column) => used[column]);
  return {
    heads: ["", ...keep(figure.data.map((trace) => trace.name))],
    rows: [...rows].map(([x, cells]) => ({ cells: [x, ...keep(cells)], url: urls.get(x), note: noteFor(x) })),
  };
}

/** The same for horizontal bars: a row a category, a column a series; bars of one series may be two traces. */
function tabulateNamed(traces) {
  const heads = [...new Set(traces.map((trace) => trace.name))];
  const rows = [];
  for (const trace of traces) {
    trace.meta.names.forEach((name, i) => {
      const row = (rows[trace.y[i]] ??= { cells: [name, ...heads.map(() => "")] });
      row.cells[1 + heads.indexOf(trace.name)] = textOf(trace, i);
      row.url ??= urlOf(trace, i);
    });
  }
  return { heads: ["", ...heads], rows };
}

function textOf(trace, index) {
  const custom = trace.customdata[index];
  return Array.isArray(custom) ? custom[0] : custom;
}

function cell(tag, text, first) {
  const element = document.createElement(tag);
  element.textContent = plain(text);
  if (!first) element.className = "end";
  return element;
}

function fill(box, { heads, rows }) {
  const table = Object.assign(document.createElement("table"), { className: "table" });
  const head = table.createTHead().insertRow();
  heads.forEach((text, i) => head.append(Object.assign(cell("th", text, i === 0), { scope: "col" })));
  const hasNotes = rows.some(({ note }) => note);
  if (hasNotes) head.insertCell();
  const body = table.createTBody();
  for (const { cells: [name, ...texts], url, note } of rows) {
    const first = Object.assign(cell("th", url ? "" : name, true), { scope: "row" });
    if (url) first.append(Object.assign(document.createElement("a"), { href: url, textContent: plain(name) }));
    const row = body.insertRow();
    row.append(first, ...texts.map((text) => cell("td", text)));
    if (hasNotes) row.insertCell().append(...(note ? [noteLink(note, name)] : []));
  }
  box.replaceChildren(table);
}

function noteLink(href, name) {
  const link = Object.assign(document.createElement("a"), { className: "button button--quiet button--icon", href, textContent: "+", title: words("offer-note") });
  link.ariaLabel = `${words("offer-note")}: ${plain(name)}`;
  return link;
}

async function toggleTable(chart, button) {
  const box = chart.querySelector("[data-chart-rows]");
  const open = box.hidden;
  if (open && !box.firstChild) {
    const figure = drawn.get(chart)?.figure ?? (await figureOf(chart));
    fill(box, tabulate(figure, (x) => noteOf(chart, figure, x)));
  }
  box.hidden = !open;
  button.setAttribute("aria-expanded", String(open));
}

export function bindCharts(scope) {
  each(scope, "[data-chart]", (chart) => {
    const button = chart.querySelector("[data-chart-table]");
    button?.addEventListener("click", () => toggleTable(chart, button));
    views.observe(chart);
  });
}
