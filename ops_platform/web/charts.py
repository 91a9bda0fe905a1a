"""Plotly figures from plain lists, without plotly's validation at request time (tests hold every builder against it).

Texts of people are escaped, since plotly reads tags in them. Values stay exact in the hover text and in the table
beside the chart, where they are the strings of `formats`; the drawing alone uses floats.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ops_platform.web import formats
from ops_platform.web.chart_axes import Scale, label, scale_of, value_axis, x_axis
from ops_platform.web.chart_parts import Chart, Figure, Label, Mark, Payload, Series, escaped, shortened
from ops_platform.web.chart_theme import Role
from ops_platform.web.formats import Number, Unit

__all__ = ["Chart", "Figure", "Mark", "Payload", "Series", "bar", "breakdown", "line", "pareto", "stacked_bar"]


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
    is_area: bool = False,
) -> Figure:
    """Lines over time or an ordered axis.

    partial_name: set when the last period is not over: the first series' last point is then dotted and named so.
    is_area: the first series stands on zero, filled.
    """
    plot = _Plot(unit or Unit())
    labels = [label(point) for point in x]
    for position, one in enumerate(series):
        whole = len(labels) - 1 if partial_name and position == 0 else len(labels)
        plot.traces.append(_line(labels[:whole], one, plot.unit))
        if is_area and position == 0:
            plot.traces[-1]["fill"] = "tozeroy"
        if whole < len(labels):
            plot.traces.append(_partial_line(labels, one, plot.unit, partial_name))
    _add_target(plot, labels, target, target_name)
    scale = scale_of(_known(series, target), from_zero=from_zero or is_area)
    _label_lines(plot, series, scale, target, target_name)
    _add_marks(plot, marks)
    return plot.figure(xaxis=x_axis(x), yaxis=value_axis(scale, plot.unit), **_margin(plot))


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
    labels = [label(point) for point in x]
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
    return plot.figure(barmode="relative", xaxis=x_axis(x), yaxis=value_axis(scale, plot.unit), **_margin(plot))


def stacked_bar(
    x: Sequence[Label], series: Sequence[Series], *, unit: Unit | None = None, marks: Sequence[Mark] = ()
) -> Figure:
    """Parts of a whole over time, with a legend: labels at the ends would name the last bar only."""
    plot = _Plot(unit or Unit())
    labels = [label(point) for point in x]
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
    _add_marks(plot, marks)
    # The words of marks stand between the legend and the bars
    room: dict[str, Any] = {"margin": {"t": 56}, "legend": {"y": 1.14}} if marks else {"margin": {"t": 36}}
    return plot.figure(
        barmode="relative",
        showlegend=True,
        **room,
        xaxis=x_axis(x),
        yaxis=value_axis(scale, plot.unit),
    )


def breakdown(names: Sequence[str], series: Series, *, unit: Unit | None = None) -> Figure:
    """Horizontal bars, one a category in the order given (largest first reads best), the figure at the end of each."""
    unit = unit or Unit()
    known = [float(value) for value in series.values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    # The figures stand outside the bars and need their own room.
    room = (high - low or 1.0) * 0.18
    return {
        "data": [_horizontal(names, series, unit, 0)],
        "layout": {
            "hovermode": "closest",
            "margin": {"t": 4, "r": 8, "b": 4},
            "xaxis": {"visible": False, "range": [low - (room if low < 0 else 0), high + room]},
            "yaxis": _names_axis(names),
        },
    }


def pareto(
    names: Sequence[str],
    series: Series,
    cumulated: Series,
    *,
    whole: Number,
    vital: int,
    line: Number,
    line_text: str,
    unit: Unit | None = None,
) -> Figure:
    """Horizontal bars, the largest first, and the line of what they make together, on one scale of the whole.

    cumulated: values in the unit of the bars, with texts that say their shares. vital: how many of the bars come in the
    full colour; line: the share, a ratio, that is marked and called `line_text`.
    """
    unit = unit or Unit()
    full = float(whole)
    data = []
    halves: tuple[tuple[Role, int, int], ...] = (("current", 0, vital), ("muted", vital, len(names)))
    for role, first, last in halves:
        part = Series(
            series.name, series.values[first:last], role, series.urls[first:last], "", series.texts[first:last]
        )
        if part.values:
            data.append(_horizontal(names, part, unit, first))
    data.append(
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": escaped(cumulated.name),
            "x": [_float(value) for value in cumulated.values],
            "y": list(range(len(names))),
            "customdata": [escaped(text) for text in cumulated.texts],
            "hovertemplate": "%{customdata}<extra></extra>",
            "meta": {"role": "target", "names": [escaped(name) for name in names]},
        }
    )
    mark = float(line) * full
    at = {"x": mark, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False, "font": {"size": 12}}
    return {
        "data": data,
        "layout": {
            "hovermode": "closest",
            "barmode": "overlay",
            "margin": {"t": 22, "r": 8, "b": 4},
            "shapes": [
                {
                    "type": "line",
                    "x0": mark,
                    "x1": mark,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"width": 1, "dash": "dot"},
                }
            ],
            "annotations": [{"name": "note", "text": escaped(line_text), **at}],
            "xaxis": {
                "range": [0, full * 1.04],
                "tickvals": [full * share / 4 for share in range(5)],
                "ticktext": [formats.percent(share / 4, 0) for share in range(5)],
                "showgrid": True,
            },
            "yaxis": _names_axis(names),
        },
    }


def _horizontal(names: Sequence[str], series: Series, unit: Unit, first: int) -> dict[str, Any]:
    """Horizontal bars of the categories from `first` on, the figure at the end of each."""
    count = len(series.values)
    return {
        "type": "bar",
        "orientation": "h",
        "name": escaped(series.name),
        "x": [_float(value) for value in series.values],
        "y": list(range(first, first + count)),
        "text": [formats.compact(value, unit) for value in series.values],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": _customdata(series, unit),
        "hovertemplate": "%{customdata[0]}<extra></extra>" if series.urls else "%{customdata}<extra></extra>",
        "meta": _meta(series, series.role or "current")
        | {"names": [escaped(name) for name in names[first : first + count]]},
    }


def _names_axis(names: Sequence[str]) -> dict[str, Any]:
    return {
        "autorange": "reversed",
        "tickvals": list(range(len(names))),
        "ticktext": [escaped(shortened(name)) for name in names],
        "showgrid": False,
        "zeroline": False,
    }


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
        # No text of people in a template, where `%{` would mean something; no tag, which would become an inline style.
        "hovertemplate": f"%{{fullData.name}}  {shown}<extra></extra>",
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
        at = label(mark.at)
        ends = {"x0": at, "x1": at if mark.until is None else label(mark.until), "y0": 0, "y1": 1, "yref": "paper"}
        if mark.until is None:
            plot.shapes.append({"type": "line", **ends, "line": {"width": 1, "dash": "dot"}})
        else:
            plot.shapes.append({"type": "rect", **ends, "layer": "below", "line": {"width": 0}})
            at = label(mark.at if mark.middle is None else mark.middle)
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
