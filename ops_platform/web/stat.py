"""A figure to be read from across the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from ops_platform.web import formats
from ops_platform.web.formats import Number, Unit
from ops_platform.web.status import Status
from ops_platform.web.templatetags.web import icon

Direction = Literal["up", "down", "none"]


@dataclass(frozen=True, slots=True)
class Tile:
    """What `components/stat.html` shows.

    change: against the comparison, as a ratio of it. direction: where good lies; it colours the change and says so in
    words for those who do not see it. fresh_at: the newest fact in the value. instead: what stands in place of the value;
    goal: the target in words, where it is no single figure.
    """

    label: str
    value: Number | None
    unit: Unit = field(default_factory=Unit)
    target: Number | None = None
    change: Number | None = None
    direction: Direction = "none"
    status: Status | None = None
    period: str = ""
    fresh_at: datetime | None = None
    url: str = ""
    spark: SafeString | str = ""
    instead: str = ""
    goal: str = ""

    @property
    def value_text(self) -> str:
        """The short figure."""
        return formats.compact(self.value, self.unit)

    @property
    def unit_text(self) -> str:
        """What stands behind it, smaller; per cent and currency are part of the figure."""
        return self.unit.suffix if self.unit.kind in ("number", "duration") and self.value is not None else ""

    @property
    def exact(self) -> str:
        """The full figure, for `title`."""
        return formats.in_unit(self.value, self.unit)

    @property
    def target_text(self) -> str:
        """The target in short, or nothing."""
        return self.goal if self.target is None else formats.compact(self.target, self.unit)

    @property
    def change_text(self) -> str:
        """The change in per cent, or nothing."""
        return "" if self.change is None else formats.signed_percent(self.change)

    @property
    def change_icon(self) -> str:
        """The arrow of the change."""
        return {1: "arrow-up-right", -1: "arrow-down-right", 0: "arrow-right"}[self._sign]

    @property
    def change_class(self) -> str:
        """Green or red by the direction of good; plain where there is none."""
        return {1: "good-text", -1: "bad-text", 0: ""}[self._merit]

    @property
    def change_word(self) -> str:
        """The same for the ear."""
        return {1: gettext("(better)"), -1: gettext("(worse)"), 0: ""}[self._merit]

    @property
    def change_mark(self) -> SafeString:
        """Arrow, figure and colour of the change, with the word for the ear; nothing without one."""
        if self.change is None:
            return SafeString()
        return format_html(
            '<span class="change {}">{}{}<span class="visually-hidden"> {}</span></span>',
            self.change_class,
            icon(self.change_icon),
            self.change_text,
            self.change_word,
        )

    @property
    def _sign(self) -> int:
        change = Decimal(0) if self.change is None else formats.exact(self.change)
        return (change > 0) - (change < 0)

    @property
    def _merit(self) -> int:
        return self._sign * {"up": 1, "down": -1, "none": 0}[self.direction]


def spark_line(values: Sequence[Number | None], *, target: Number | None = None, is_area: bool = False) -> SafeString:
    """A word-sized line as SVG made here, without a script. Gaps stay gaps; fewer than two points draw nothing.

    is_area: the room below the line is filled, down to the lowest value and not to zero: it shows the course alone.
    It is decoration beside figures that say the same, so it is hidden from screen readers.
    """
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return SafeString()
    bounds = [*known, float(target)] if target is not None else known
    low, high = min(bounds), max(bounds)
    height, width = 30.0, 100.0

    def y(value: float) -> str:
        share = 0.5 if high == low else (value - low) / (high - low)
        return f"{1 + (1 - share) * height:.1f}"

    strokes: list[list[str]] = []
    pen_is_down = False
    for position, value in enumerate(values):
        if value is not None:
            if not pen_is_down:
                strokes.append([])
            strokes[-1].append(f"{position * width / (len(values) - 1):.1f} {y(float(value))}")
        pen_is_down = value is not None
    path = "".join(f"M{'L'.join(points)}" for points in strokes)
    area: SafeString | str = ""
    if is_area:
        below = "".join(
            f"M{points[0].split()[0]} 32L{'L'.join(points)}L{points[-1].split()[0]} 32Z"
            for points in strokes
            if len(points) > 1
        )
        area = format_html('<path class="spark__area" d="{}"/>', below)
    goal = format_html('<path class="spark__target" d="M0 {0}H100"/>', y(float(target))) if target is not None else ""
    return format_html(
        '<svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true">{}{}<path d="{}"/></svg>',
        area,
        goal,
        path,
    )
