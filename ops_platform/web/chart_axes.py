"""Axes of charts: round ticks around the values, written in the language and unit of the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ops_platform.web import formats
from ops_platform.web.chart_parts import Label, escaped
from ops_platform.web.formats import Unit

DIP = 0.25  # of a step: how far below zero a value may reach before the axis gets a tick there


@dataclass(frozen=True, slots=True)
class Scale:
    """Axis ticks at round numbers, and the range that they span."""

    ticks: tuple[float, ...]
    low: float
    high: float


def label(point: Label) -> str:
    """A point of the x axis as plotly takes it: an ISO day or instant, or escaped text."""
    if isinstance(point, datetime):
        return point.strftime("%Y-%m-%d %H:%M")
    return point.isoformat() if isinstance(point, date) else escaped(point)


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
    # A little below nothing costs no whole step of emptiness: the axis ends at the value, its ticks at zero.
    dips = first == -1 and low > -step * DIP
    first = 0 if dips else first
    # Multiply, and round to the step's own digits: adding up would leave 0.30000000000000004 on the axis.
    digits = max(0, 2 - math.floor(math.log10(step)))
    ticks = tuple(round(position * step, digits) for position in range(first, last + 1))
    return Scale(ticks, low if dips else ticks[0], ticks[-1])


def x_axis(x: Sequence[Label]) -> dict[str, Any]:
    """The axis of time, or of names."""
    if x and isinstance(x[0], datetime):
        return {"type": "date", "hoverformat": "%Y-%m-%d %H:%M"}
    if x and isinstance(x[0], date):
        return {"type": "date", "hoverformat": "%Y-%m-%d"}
    return {"type": "category"}


def value_axis(scale: Scale, unit: Unit) -> dict[str, Any]:
    """The axis of values: round ticks, a little air at the ends."""
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
