"""Plotly figures from plain lists, without plotly's validation at request time (tests hold every builder against it).

Texts of people are escaped, since plotly reads tags in them. Values stay exact in the hover text and in the table beside
the chart, where they are the strings of `formats`; the drawing alone uses floats.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ops_platform.web import formats
from ops_platform.web.chart_theme import Role
from ops_platform.web.formats import Number, Unit

Figure = dict[str, Any]
Label = str | date
FORBIDDEN = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
LABEL_CHARACTERS = 22


@dataclass(frozen=True, slots=True)
class Series:
    """One line or set of bars. `values` stand beside the x of the chart; None is a gap.

    urls: where a click on the point leads, one a point; or `url` with `{x}` for the point's x.
    texts: what hover and table say instead of the value in its unit.
    """

    name: str
    values: Sequence[Number | None]
    role: Role | None = None
    urls: Sequence[str] = ()
    url: str = ""
    texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A sentence at a moment: "Version 2 in force"."""

    at: Label
    text: str


class Payload(str):
    """A figure as JSON that may stand inside a script element: it holds none of `<`, `>`, `&`."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)

    @classmethod
    def of(cls, figure: Figure) -> Payload:
        """Serialise a figure. Raises ValueError for NaN or infinity."""
        return cls.stored(json.dumps(figure, allow_nan=False, ensure_ascii=False, separators=(",", ":")))

    @classmethod
    def stored(cls, text: str) -> Payload:
        """Take JSON that was kept; what must not stand in a script element is escaped again."""
        return cls(text.translate(FORBIDDEN))


@dataclass(frozen=True, slots=True)
class Chart:
    """What `components/chart.html` shows: a figure at hand (`payload`) or to be fetched (`url`).

    summary: one sentence that says what the chart shows, its name for screen readers. size: "", "low" or "tall".
    """

    id: str
    summary: str
    payload: Payload | None = None
    url: str = ""
    note: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Axis ticks at round numbers, and the range that they span."""

    ticks: tuple[float, ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Plot:
    """What all builders share: traces, labels and the value axis come together here."""

    unit: Unit
    traces: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)

    def figure(self, **layout: Any) -> Figure:
        extra = {"annotations": self.annotations, "shapes": self.shapes}
        return {"data": self.traces, "layout": layout | {key: value for key, value in extra.items() if value}}


def line(
    x: Sequence[Label],
    series: Sequence[Series],
    *,
    unit: Unit | None = None,
    target: Number | Sequence[Number | None] | None = None,
    target_name: str = "",
    marks: Sequence[Mark] = (),
    partial_name: str = "",
    from_zero: bool = False,
) -> Figure:
    """Lines over time or an ordered axis.

    partial_name: set when the last period is not over: the first series' last point is then dotted and named so.
    """
    plot = _Plot(unit or Unit())
    labels = [_label(point) for point in x]
    for position, one in enumerate(series):
        whole = len(labels) - 1 if partial_name and position == 0 else len(labels)
        plot.traces.append(_line(labels[:whole], one, plot.unit))
        if whole < len(labels):
            plot.traces.append(_partial_line(labels, one, plot.unit, partial_name))
    _add_target(plot, labels, target, target_name)
    scale = scale_of(_known(series, target), from_zero=from_zero)
    _label_lines(plot, series, scale, target, target_name)
    _add_marks(plot, marks)
    return plot.figure(xaxis=_x_axis(x), yaxis=_value_axis(scale, plot.unit), **_margin(plot))


def bar(
    x: Sequence[Label],
    series: Series,
    *,
    unit: Unit | None = None,
    target: Number | Sequence[Number | None] | None = None,
    target_name: str = "",
    comparison: Series | None = None,
    marks: Sequence[Mark] = (),
    partial_name: str = "",
) -> Figure:
    """Bars on a zero base; the last one hatched while its period runs; the comparison as a muted line behind."""
    plot = _Plot(unit or Unit())
    labels = [_label(point) for point in x]
    if comparison:
        plot.traces.append(_line(labels, comparison, plot.unit))
    whole = len(labels) - 1 if partial_name else len(labels)
    plot.traces.append(_bars(labels[:whole], series, plot.unit))
    if partial_name:
        last = Series(partial_name, series.values[-1:], "partial", series.urls[-1:], series.url, series.texts[-1:])
        plot.traces.append(_bars(labels[-1:], last, plot.unit))
    _add_target(plot, labels, target, target_name)
    everything = [series, comparison] if comparison else [series]
    scale = scale_of(_known(everything, target), from_zero=True)
    _label_lines(plot, [comparison] if comparison else [], scale, target, target_name)
    _add_marks(plot, marks)
    # "relative" though nothing is stacked: it gives the lone partial bar the width of the others.
    return plot.figure(barmode="relative", xaxis=_x_axis(x), yaxis=_value_axis(scale, plot.unit), **_margin(plot))


def stacked_bar(x: Sequence[Label], series: Sequence[Series], *, unit: Unit | None = None) -> Figure:
    """Parts of a whole over time, with a legend: labels at the ends would name the last bar only."""
    plot = _Plot(unit or Unit())
    labels = [_label(point) for point in x]
    plot.traces.extend(_bars(labels, one, plot.unit) for one in series)
    columns = list(zip(*(one.values for one in series), strict=True))
    # Positive parts grow upwards, negative ones downwards: the axis must hold both heaps.
    heaps = [
        heap
        for column in columns
        for heap in (
            sum(float(part) for part in column if part is not None and part > 0),
            sum(float(part) for part in column if part is not None and part < 0),
        )
    ]
    scale = scale_of(heaps, from_zero=True)
    return plot.figure(
        barmode="relative",
        showlegend=True,
        margin={"t": 36},
        xaxis=_x_axis(x),
        yaxis=_value_axis(scale, plot.unit),
    )


def breakdown(names: Sequence[str], series: Series, *, unit: Unit | None = None) -> Figure:
    """Horizontal bars, one a category in the order given (largest first reads best), the figure at the end of each."""
    unit = unit or Unit()
    texts = [formats.compact(value, unit) for value in series.values]
    known = [float(value) for value in series.values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    # The figures stand outside the bars and need their own room.
    room = (high - low or 1.0) * 0.18
    trace = {
        "type": "bar",
        "orientation": "h",
        "name": escaped(series.name),
        "x": [_float(value) for value in series.values],
        "y": list(range(len(names))),
        "text": texts,
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": _customdata(series, unit),
        "hovertemplate": "%{customdata[0]}<extra></extra>" if series.urls else "%{customdata}<extra></extra>",
        "meta": _meta(series, series.role or "current"),
    }
    trace["meta"]["names"] = [escaped(name) for name in names]
    return {
        "data": [trace],
        "layout": {
            "hovermode": "closest",
            "margin": {"t": 4, "r": 8, "b": 4},
            "xaxis": {"visible": False, "range": [low - (room if low < 0 else 0), high + room]},
            "yaxis": {
                "autorange": "reversed",
                "tickvals": list(range(len(names))),
                "ticktext": [escaped(shortened(name)) for name in names],
                "showgrid": False,
                "zeroline": False,
            },
        },
    }


def escaped(text: Any) -> str:
    """Text of people as plotly shall show it: letter by letter, with no tag or entity in it."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, characters: int = LABEL_CHARACTERS) -> str:
    """The beginning of a long name; a Chinese character counts as two."""
    width = 0
    for position, character in enumerate(text):
        width += 1 if ord(character) < 0x1100 else 2
        if width > characters:
            return text[:position].rstrip() + "…"
    return text


def scale_of(values: Sequence[float], *, from_zero: bool = False, count: int = 5) -> Scale:
    """Four to six ticks at 1, 2, 2.5 or 5 times a power of ten, around the finite values."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (low - abs(low) * 0.1, high + abs(high) * 0.1) if low else (0.0, 1.0)
    rough = (high - low) / (count - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    # Multiply, and round to the step's own digits: adding up would leave 0.30000000000000004 on the axis.
    digits = max(0, 2 - math.floor(math.log10(step)))
    ticks = tuple(round(position * step, digits) for position in range(first, last + 1))
    return Scale(ticks, ticks[0], ticks[-1])


def _label(point: Label) -> str:
    if isinstance(point, datetime):
        return point.strftime("%Y-%m-%d %H:%M")
    return point.isoformat() if isinstance(point, date) else escaped(point)


def _float(value: Number | None) -> float | None:
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _known(series: Sequence[Series], target: Any) -> list[float]:
    goals = target if isinstance(target, Sequence) else [target]
    everything = [*goals, *(value for one in series for value in one.values)]
    return [float(value) for value in everything if value is not None]


def _customdata(series: Series, unit: Unit) -> list[Any]:
    texts = [escaped(text) for text in series.texts] or [formats.in_unit(value, unit) for value in series.values]
    return [list(pair) for pair in zip(texts, series.urls, strict=True)] if series.urls else texts


def _meta(series: Series, role: str | None) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if role:
        meta["role"] = role
    if series.url:
        meta["url"] = series.url
    return meta


def _trace(labels: Sequence[str], series: Series, unit: Unit, **more: Any) -> dict[str, Any]:
    shown = "%{customdata[0]}" if series.urls else "%{customdata}"
    trace = {
        "name": escaped(series.name),
        "x": list(labels),
        "y": [_float(value) for value in series.values],
        "customdata": _customdata(series, unit),
        # No text of people in a template, where `%{` would mean something.
        "hovertemplate": f"%{{fullData.name}} <b>{shown}</b><extra></extra>",
        **more,
    }
    meta = _meta(series, series.role)
    return trace | ({"meta": meta} if meta else {})


def _line(labels: Sequence[str], series: Series, unit: Unit) -> dict[str, Any]:
    count = len(labels)
    part = Series(
        series.name, series.values[:count], series.role, series.urls[:count], series.url, series.texts[:count]
    )
    # A single point draws no line: show it as a dot.
    lonely = sum(value is not None for value in part.values) == 1
    return _trace(labels, part, unit, type="scatter", mode="lines+markers" if lonely else "lines")


def _partial_line(labels: Sequence[str], series: Series, unit: Unit, name: str) -> dict[str, Any]:
    tail = Series(name, series.values[-2:], "partial", series.urls[-2:], series.url, series.texts[-2:])
    trace = _trace(labels[-2:], tail, unit, type="scatter", mode="lines+markers")
    # The point before belongs to the whole line; here it is only where the dots begin.
    count = len(trace["x"])
    trace["marker"] = {"opacity": [0] * (count - 1) + [1]}
    trace["hoverinfo"] = ["skip"] * (count - 1) + ["all"]
    trace["hovertemplate"] = [""] * (count - 1) + [trace["hovertemplate"]]
    return trace


def _bars(labels: Sequence[str], series: Series, unit: Unit) -> dict[str, Any]:
    count = len(labels)
    part = Series(
        series.name, series.values[:count], series.role, series.urls[:count], series.url, series.texts[:count]
    )
    return _trace(labels, part, unit, type="bar")


def _add_target(plot: _Plot, labels: Sequence[str], target: Any, name: str) -> None:
    if target is None or not labels:
        return
    if isinstance(target, Sequence):
        trace = _trace(labels, Series(name, target, "target"), plot.unit, type="scatter", mode="lines")
        trace["line"] = {"shape": "hv"}
    else:
        ends = [labels[0], labels[-1]] if len(labels) > 1 else [labels[0]]
        values = Series(name, [target] * len(ends), "target")
        trace = _trace(ends, values, plot.unit, type="scatter", mode="lines")
        trace["hoverinfo"] = "skip"
        del trace["hovertemplate"]
    plot.traces.append(trace)


def _label_lines(plot: _Plot, series: Sequence[Series], scale: Scale, target: Any, target_name: str) -> None:
    """Names at the right ends instead of a legend, pushed apart where the ends meet."""
    ends: list[tuple[float, str, str]] = []
    for position, one in enumerate(series):
        known = [value for value in one.values if value is not None]
        if known and (len(series) > 1 or target is not None or one.role == "comparison"):
            ends.append((float(known[-1]), one.name, one.role or f"series-{position}"))
    goals = [goal for goal in (target if isinstance(target, Sequence) else [target]) if goal is not None]
    if goals and target_name:
        ends.append((float(goals[-1]), target_name, "target"))
    height = (scale.high - scale.low) * 0.085
    ends.sort()
    lowest = -math.inf
    for value, name, role in ends:
        lowest = max(value, lowest + height)
        plot.annotations.append(
            {
                "name": f"label:{role}",
                "text": escaped(shortened(name, 16)),
                "x": 1,
                "xref": "paper",
                "xanchor": "left",
                "xshift": 6,
                "y": lowest,
                "showarrow": False,
                "font": {"size": 12},
            }
        )


def _add_marks(plot: _Plot, marks: Sequence[Mark]) -> None:
    for mark in marks:
        at = _label(mark.at)
        plot.shapes.append(
            {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": {"width": 1, "dash": "dot"}}
        )
        plot.annotations.append(
            {
                "name": "note",
                "text": escaped(mark.text),
                "x": at,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12},
            }
        )


def _margin(plot: _Plot) -> dict[str, Any]:
    labels = [note["text"] for note in plot.annotations if note["name"].startswith("label:")]
    margin: dict[str, int] = {}
    if labels:
        widest = max(sum(7 if ord(letter) < 0x1100 else 13 for letter in text) for text in labels)
        margin["r"] = widest + 14
    if any(note["name"] == "note" for note in plot.annotations):
        margin["t"] = 28
    return {"margin": margin} if margin else {}


def _x_axis(x: Sequence[Label]) -> dict[str, Any]:
    if x and isinstance(x[0], datetime):
        return {"type": "date", "hoverformat": "%Y-%m-%d %H:%M"}
    if x and isinstance(x[0], date):
        return {"type": "date", "hoverformat": "%Y-%m-%d"}
    return {"type": "category"}


def _value_axis(scale: Scale, unit: Unit) -> dict[str, Any]:
    padding = (scale.high - scale.low) * 0.02
    return {
        "range": [scale.low - (padding if scale.low < 0 else 0), scale.high + padding],
        "tickvals": list(scale.ticks),
        "ticktext": _tick_texts(scale, unit),
        "zeroline": scale.low <= 0 <= scale.high,
    }


def _tick_texts(scale: Scale, unit: Unit) -> list[str]:
    """Short figures that still differ from tick to tick: an axis from 97.5 to 98 % needs its decimal."""
    for digits in range(6):
        fine = Unit(unit.kind, unit.symbol, digits)
        texts = [formats.compact(tick, fine) for tick in scale.ticks]
        if len(set(texts)) == len(texts):
            return texts
    return [formats.in_unit(tick, Unit(unit.kind, unit.symbol)) for tick in scale.ticks]
