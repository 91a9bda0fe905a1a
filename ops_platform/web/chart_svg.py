"""Charts as SVG pictures, drawn here: for paper and mail, where no script draws.

What is drawn is the figure that the page would draw with plotly, so far as `charts` builds figures: lines, areas, bars
upright and lying, targets, comparisons, marks, a second axis for shares. The colours are those of the light theme.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from ops_platform.web import formats
from ops_platform.web.chart_theme import COLOURS, roles

FONT, SIZE = "Noto Sans CJK SC", 8.5
COLOUR = COLOURS["light"]
MOST_TICKS = 6
FOOT, HEAD, NOTE_HEAD, LEGEND_ROW = 16.0, 6.0, 18.0, 12.0
DASHES = {"target": "5 3", "partial": "2 2.5"}


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the drawing stands: edges in points, places of x by number, the range of values."""

    left: float
    top: float
    right: float
    bottom: float
    count: int
    low: float
    high: float

    def x(self, place: float) -> float:
        return self.left + (place + 0.5) * (self.right - self.left) / max(1, self.count)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low or 1.0)
        return self.bottom - share * (self.bottom - self.top)

    @property
    def step(self) -> float:
        return (self.right - self.left) / max(1, self.count)


def chart_svg(figure: dict[str, Any], *, width: float = 480, height: float = 170) -> str:
    """The figure of `charts` as an SVG text of this size in points. A figure without traces is an empty picture."""
    data, layout = figure.get("data", []), figure.get("layout", {})
    if any(trace.get("orientation") == "h" for trace in data):
        parts = _lying(data, layout, width, height)
    else:
        parts = _upright(data, layout, width, height)
    return svg_of(parts, width, height)


def svg_of(parts: Iterable[str], width: float, height: float) -> str:
    """Elements as an SVG text of this size in points."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}pt" '
        f'height="{height:g}pt" font-family="{FONT}" font-size="{SIZE}">{"".join(parts)}</svg>'
    )


def text_width(text: str, size: float = SIZE) -> float:
    """A rough width in points: Chinese characters are as wide as high, others a bit over half."""
    return sum(size if ord(letter) >= 0x1100 else size * 0.56 for letter in text)


def _upright(data: Sequence[dict[str, Any]], layout: dict[str, Any], width: float, height: float) -> list[str]:
    xs = _places(data, layout)
    axis, notes = layout.get("yaxis", {}), layout.get("annotations", [])
    low, high = axis.get("range") or (0.0, 1.0)
    labels = [note for note in notes if str(note.get("name", "")).startswith("label:")]
    marks = [note for note in notes if note.get("name") == "note" and str(note.get("x")) in xs]
    share_axis = layout.get("yaxis2", {})
    right = max([0.0, *(text_width(note["text"]) + 8 for note in labels)])
    right = max([right, *(text_width(str(text)) + 8 for text in share_axis.get("ticktext", ()))])
    left = max([0.0, *(text_width(str(text)) for text in axis.get("ticktext", ()))]) + 6
    legend, lines = _legend(data, left, width) if layout.get("showlegend") else ("", 0)
    top = (LEGEND_ROW * lines + 6 if lines else 0) + (NOTE_HEAD if marks else 0) or HEAD
    bands = [one for one in layout.get("shapes", ()) if one.get("type") == "rect"]
    frame = _Frame(left, top, width - right - 4, height - FOOT, len(xs), float(low), float(high))
    parts = [legend, *_grid(frame, axis), *_feet(frame, list(xs))]
    parts += [
        _band(frame, xs[str(one["x0"])], xs[str(one["x1"])])
        for one in bands
        if {str(one["x0"]), str(one["x1"])} <= xs.keys()
    ]
    parts += _bars(frame, data, xs)
    for number, trace in enumerate(data):
        if trace.get("type") == "scatter":
            own = frame
            if trace.get("yaxis") == "y2":
                bottom, ceiling = share_axis.get("range") or (0.0, 1.0)
                own = _Frame(*_edges(frame), frame.count, float(bottom), float(ceiling))
            parts += _line(own, trace, xs, _colour(trace, number))
    parts += [_side_label(frame, note) for note in labels]
    dotted = {str(one["x0"]) for one in layout.get("shapes", ()) if one.get("type") == "line"}
    for note in marks:
        parts += _mark(frame, note, xs[str(note["x"])], has_line=str(note["x"]) in dotted)
    return parts


def _edges(frame: _Frame) -> tuple[float, float, float, float]:
    return frame.left, frame.top, frame.right, frame.bottom


def _places(data: Iterable[dict[str, Any]], layout: dict[str, Any]) -> dict[str, int]:
    seen = dict.fromkeys(str(x) for trace in data for x in trace.get("x", ()))
    names = sorted(seen) if layout.get("xaxis", {}).get("type") == "date" else seen
    return {name: place for place, name in enumerate(names)}


def _colour(trace: dict[str, Any], number: int) -> str:
    role = (trace.get("meta") or {}).get("role")
    if role == "target":
        return COLOUR.ink_2
    if role in ("comparison", "muted"):
        return COLOUR.past
    if role in ("current", "partial"):
        return COLOUR.series[0]
    return COLOUR.series[number % len(COLOUR.series)]


def _grid(frame: _Frame, axis: dict[str, Any]) -> list[str]:
    parts = []
    for value, text in zip(axis.get("tickvals", ()), axis.get("ticktext", ()), strict=False):
        y = frame.y(float(value))
        colour = COLOUR.edge if value == 0 else COLOUR.line
        parts.append(_rule(frame.left, y, frame.right, y, colour, 0.6))
        parts.append(words(frame.left - 5, y + SIZE * 0.35, str(text), COLOUR.ink_3, anchor="end"))
    return parts


def _feet(frame: _Frame, names: Sequence[str]) -> list[str]:
    """A few names below, so many that none touches the next."""
    texts = [_foot(name) for name in names]
    widest = max((text_width(text) for text in texts), default=1.0) + 8
    room = max(1, min(MOST_TICKS, int((frame.right - frame.left) / widest)))
    every = -(-len(names) // room) or 1
    parts = []
    for place in range(0, len(names), every):
        x = min(
            max(frame.x(place), frame.left + text_width(texts[place]) / 2), frame.right - text_width(texts[place]) / 2
        )
        parts.append(words(x, frame.bottom + SIZE + 4, texts[place], COLOUR.ink_3, anchor="middle", is_escaped=True))
    return parts


def _foot(name: str) -> str:
    try:
        return formats.day(date.fromisoformat(name[:10])) + name[10:]
    except ValueError:
        return name


def _bars(frame: _Frame, data: Sequence[dict[str, Any]], xs: dict[str, int]) -> list[str]:
    wide = frame.step * 0.72
    tops: dict[tuple[int, bool], float] = {}
    parts = []
    for number, trace in enumerate(data):
        if trace.get("type") != "bar":
            continue
        is_partial = (trace.get("meta") or {}).get("role") == "partial"
        for name, value in zip(trace["x"], trace["y"], strict=True):
            if value is None:
                continue
            heap = xs[str(name)], value >= 0
            base = tops.get(heap, 0.0)
            tops[heap] = base + value
            y1, y2 = sorted((frame.y(base), frame.y(base + value)))
            colour = _colour(trace, number)
            look = (
                f'fill="{colour}"'
                if not is_partial
                else f'fill="{COLOUR.surface}" stroke="{colour}" stroke-width="0.8"'
            )
            parts.append(
                f'<rect x="{frame.x(heap[0]) - wide / 2:.1f}" y="{y1:.1f}" width="{wide:.1f}" '
                f'height="{max(0.4, y2 - y1):.1f}" {look}/>'
            )
    return parts


def _line(frame: _Frame, trace: dict[str, Any], xs: dict[str, int], colour: str) -> list[str]:
    role = (trace.get("meta") or {}).get("role", "")
    is_stepped = trace.get("line", {}).get("shape") == "hv"
    runs: list[list[tuple[float, float]]] = [[]]
    for name, value in zip(trace["x"], trace["y"], strict=True):
        if value is None:
            runs.append([])
            continue
        x, y = frame.x(xs[str(name)]), frame.y(value)
        if is_stepped and runs[-1]:
            runs[-1].append((x, runs[-1][-1][1]))
        runs[-1].append((x, y))
    dash = f' stroke-dasharray="{DASHES[role]}"' if role in DASHES else ""
    thin = 1.0 if role in ("target", "comparison") else 1.5
    parts = []
    for run in filter(None, runs):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        if trace.get("fill"):
            ground = frame.y(max(frame.low, min(0.0, frame.high)))
            around = f"{run[0][0]:.1f},{ground:.1f} {points} {run[-1][0]:.1f},{ground:.1f}"
            parts.append(f'<polygon points="{around}" fill="{colour}" fill-opacity="0.16"/>')
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{thin}"{dash}/>')
    if "markers" in trace.get("mode", "") and runs[-1]:
        x, y = runs[-1][-1]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{COLOUR.surface}" stroke="{colour}"/>')
    return parts


def _side_label(frame: _Frame, note: dict[str, Any]) -> str:
    role = str(note["name"]).partition(":")[2]
    styles = roles("light")
    if role in styles:
        colour = styles[role]["label"]["font"]["color"]
    else:
        colour = COLOUR.series[int(role.rpartition("-")[2] or 0) % len(COLOUR.series)]
    return words(frame.right + 5, frame.y(note["y"]) + SIZE * 0.35, note["text"], colour, is_escaped=True)


def _band(frame: _Frame, first: int, last: int) -> str:
    """What lasted from one point to another, behind what is drawn."""
    x1, x2 = frame.x(first), frame.x(last)
    return (
        f'<rect x="{x1:.1f}" y="{frame.top:.1f}" width="{max(1.0, x2 - x1):.1f}" height="{frame.bottom - frame.top:.1f}" '
        f'fill="{COLOUR.edge}" fill-opacity="0.18"/>'
    )


def _mark(frame: _Frame, note: dict[str, Any], place: int, *, has_line: bool) -> list[str]:
    x, wide = frame.x(place), text_width(note["text"])
    at = min(max(x, frame.left + wide / 2), frame.right - wide / 2)
    line = (
        f'<line x1="{x:.1f}" y1="{frame.top:.1f}" x2="{x:.1f}" y2="{frame.bottom:.1f}" stroke="{COLOUR.edge}" '
        'stroke-width="0.7" stroke-dasharray="1.5 2"/>'
    )
    return [
        line if has_line else "",
        words(at, frame.top - 5, note["text"], COLOUR.ink_2, anchor="middle", is_escaped=True),
    ]


def _legend(data: Sequence[dict[str, Any]], left: float, right: float) -> tuple[str, int]:
    """The names of the parts with their colours, and in how many lines they stand."""
    x, row, parts = left, 0, []
    for number, trace in enumerate(data):
        name = str(trace.get("name", ""))
        wide = text_width(name) + 22
        if x > left and x + wide > right:
            x, row = left, row + 1
        y = row * LEGEND_ROW
        parts.append(f'<rect x="{x:.1f}" y="{y + 2:.1f}" width="7" height="7" fill="{_colour(trace, number)}"/>')
        parts.append(words(x + 10, y + 9, name, COLOUR.ink_2, is_escaped=True))
        x += wide
    return "".join(parts), row + 1


def _lying(data: Sequence[dict[str, Any]], layout: dict[str, Any], width: float, height: float) -> list[str]:
    names = layout.get("yaxis", {}).get("ticktext", [])
    low, high = layout.get("xaxis", {}).get("range") or (0.0, 1.0)
    left = max([0.0, *(text_width(str(name)) for name in names)]) + 8
    marks = [note for note in layout.get("annotations", ()) if note.get("name") == "note"]
    head = 12.0 if marks else 2.0
    room = (height - head - 2) / max(1, len(names))
    thick = min(16.0, room * 0.68)
    parts: list[str] = []

    def x(value: float) -> float:
        return left + (value - low) / ((high - low) or 1.0) * (width - left - 4)

    def middle(place: float) -> float:
        return head + room * (place + 0.5)

    for place, name in enumerate(names):
        at = middle(place) + SIZE * 0.35
        parts.append(words(left - 6, at, str(name), COLOUR.ink_2, anchor="end", is_escaped=True))
    for trace in (one for one in data if one.get("orientation") == "h"):
        for place, value, text in zip(trace["y"], trace["x"], trace.get("text", names), strict=False):
            if value is None:
                continue
            x1, x2 = sorted((x(0.0), x(value)))
            parts.append(
                f'<rect x="{x1:.1f}" y="{middle(place) - thick / 2:.1f}" width="{max(0.4, x2 - x1):.1f}" '
                f'height="{thick:.1f}" fill="{_colour(trace, 0)}"/>'
            )
            parts.append(words(x2 + 4, middle(place) + SIZE * 0.35, str(text), COLOUR.ink))
    for trace in (one for one in data if one.get("type") == "scatter"):
        points = " ".join(
            f"{x(value):.1f},{middle(place):.1f}" for place, value in zip(trace["y"], trace["x"], strict=True)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{COLOUR.ink_2}" stroke-width="1"/>')
        for point in points.split():
            cx, _comma, cy = point.partition(",")
            parts.append(f'<circle cx="{cx}" cy="{cy}" r="2" fill="{COLOUR.surface}" stroke="{COLOUR.ink_2}"/>')
    for note in marks:
        at = x(float(note["x"]))
        parts.append(
            f'<line x1="{at:.1f}" y1="{head:.1f}" x2="{at:.1f}" y2="{height - 2:.1f}" stroke="{COLOUR.edge}" '
            'stroke-width="0.7" stroke-dasharray="1.5 2"/>'
        )
        parts.append(words(at, head - 3, note["text"], COLOUR.ink_2, anchor="middle", is_escaped=True))
    return parts


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, thin: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{thin}"/>'


def words(x: float, y: float, text: str, colour: str, *, anchor: str = "start", is_escaped: bool = False) -> str:
    """A line of text. is_escaped: it comes from a figure, where texts of people are escaped already."""
    shown = text if is_escaped else escape(text, quote=False)
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{shown}</text>'
