"""What a panel draws without a script, as an SVG picture for paper: calendars, cohorts, bullets, funnels, small courses."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _

from metrics.engine.heat import LEVELS
from metrics.queries.panel_base import Drawing
from metrics.queries.panel_calendar import Calendar
from metrics.queries.panel_cohort import CohortTable
from metrics.queries.panel_funnel import Funnel
from metrics.queries.panel_targets import Bullets
from ops_platform.web.chart_svg import COLOUR, SIZE, svg_of, text_width, words

# The same shares of the accent as on the screen
WARMTH = (0.0, 0.12, 0.30, 0.50, 0.86, 1.0)
TONES = {"good": "#137a48", "watch": "#8a5a00", "bad": "#b3261e"}
ROW = 13.0


def picture_of(drawing: Drawing, width: float) -> str:
    """The drawing as an SVG text of this width in points; empty for one that is no picture."""
    made = DRAWN.get(type(drawing))
    return made(drawing, width) if made else ""


def _calendar(drawing: Calendar, width: float) -> str:
    left = max(text_width(line.name) for line in drawing.weekdays) * 1.2 + 8
    weeks = max(len(line.days) for line in drawing.weekdays)
    step = min(16.0, (width - left) / max(1, weeks))
    wide = step if not drawing.has_numbers else (width - left) / max(1, weeks)
    parts, top = [], ROW
    for month, end in zip(drawing.months, accumulate(one.weeks for one in drawing.months), strict=True):
        parts.append(words(left + (end - month.weeks) * wide, top - 4, month.name, COLOUR.ink_3))
    for row, line in enumerate(drawing.weekdays):
        y = top + row * step
        if row % 2 == 0:
            parts.append(words(left - 6, y + step / 2 + SIZE * 0.35, line.name, COLOUR.ink_3, anchor="end"))
        for week, day in enumerate(line.days):
            if day is None:
                continue
            x = left + week * wide
            parts.append(_cell(x, y, wide - 1.5, step - 1.5, day.level))
            if day.is_noted:
                parts.append(f'<circle cx="{x + wide - 4:.1f}" cy="{y + 3:.1f}" r="1.4" fill="{COLOUR.ink}"/>')
            if drawing.has_numbers and day.text and text_width(day.text, 6) < wide:
                parts.append(_small(x + (wide - 1.5) / 2, y + step / 2 + 2, day.text, day.level))
    foot = top + len(drawing.weekdays) * step + ROW
    x = left
    parts.append(words(x, foot, drawing.low, COLOUR.ink_3))
    x += text_width(drawing.low) + 5
    for level in drawing.levels:
        parts.append(_cell(x, foot - 8, 9, 9, level))
        x += 11
    parts.append(words(x + 3, foot, drawing.high, COLOUR.ink_3))
    return svg_of(parts, width, foot + 4)


def _cohort(drawing: CohortTable, width: float) -> str:
    names = max([text_width(line.name) for line in drawing.lines] + [text_width(_("On average"))]) + 8
    sizes = max([text_width(line.size) for line in drawing.lines] + [text_width(drawing.who)]) + 8
    wide = (width - names - sizes) / max(1, len(drawing.ages))
    parts = [
        words(0, ROW - 4, _("First in"), COLOUR.ink_3),
        words(names + sizes - 6, ROW - 4, drawing.who, COLOUR.ink_3, anchor="end"),
    ]
    for place, age in enumerate(drawing.ages):
        parts.append(words(names + sizes + (place + 0.5) * wide, ROW - 4, f"+{age}", COLOUR.ink_3, anchor="middle"))
    for row, line in enumerate(drawing.lines):
        y = ROW + row * ROW
        parts.append(words(0, y + 9, line.name, COLOUR.ink_2))
        parts.append(words(names + sizes - 6, y + 9, line.size, COLOUR.ink, anchor="end"))
        for place, cell in enumerate(line.cells):
            if cell is None:
                continue
            x = names + sizes + place * wide
            parts.append(_cell(x, y, wide - 1.5, ROW - 1.5, cell.level))
            if text_width(cell.text, 7) <= wide:
                parts.append(_small(x + wide / 2 - 0.7, y + 8.5, cell.text, cell.level, size=7))
    foot = ROW + len(drawing.lines) * ROW + 10
    parts.append(words(0, foot, _("On average"), COLOUR.ink_2))
    for place, share in enumerate(drawing.average):
        if text_width(share, 7) <= wide:
            parts.append(_small(names + sizes + (place + 0.5) * wide, foot, share, 0, size=7))
    return svg_of(parts, width, foot + 5)


def _bullets(drawing: Bullets, width: float) -> str:
    parts, y = [], 0.0
    for one in drawing.bullets:
        figures = f"{one.value_text} / {one.target_text}" + (f" · {one.reached}" if one.reached else "")
        if not drawing.is_single:
            parts.append(words(0, y + 9, one.name, COLOUR.ink_2))
        parts.append(words(width, y + 9, figures, COLOUR.ink, anchor="end"))
        y += ROW
        scale = width / 100
        parts.append(f'<rect x="0" y="{y:.1f}" width="{width:.1f}" height="9" fill="{COLOUR.line}"/>')
        if one.span != "0.00":
            parts.append(_bar(float(one.low) * scale, y, float(one.span) * scale, 9, COLOUR.past))
        tone = TONES.get(one.status.level, COLOUR.series[0])
        parts.append(_bar(float(one.start) * scale, y + 2, float(one.width) * scale, 5, tone))
        if one.span == "0.00":
            parts.append(_bar(float(one.low) * scale - 0.7, y - 1.5, 1.4, 12, COLOUR.ink))
        y += 9 + 7
    return svg_of(parts, width, y)


def _funnel(drawing: Funnel, width: float) -> str:
    parts, y = [], 0.0
    for step in drawing.steps:
        if step.kept:
            parts.append(words(0, y + 7, f"↓ {step.kept}", COLOUR.ink_3))
            y += ROW
        parts.append(words(0, y + 9, step.name, COLOUR.ink_2))
        figures = f"{step.value_text} · {step.total}" if step.total else step.value_text
        parts.append(words(width, y + 9, figures, COLOUR.ink, anchor="end"))
        y += ROW
        parts.append(_bar(0, y, width, 7, COLOUR.line))
        parts.append(_bar(0, y, float(step.width) * width / 100, 7, COLOUR.series[0]))
        y += 7 + 7
    return svg_of(parts, width, y)


def _cell(x: float, y: float, width: float, height: float, level: int) -> str:
    return _bar(x, y, width, height, _mixed(WARMTH[min(level, LEVELS)]) if level else COLOUR.line)


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.4, width):.1f}" height="{height:.1f}" fill="{colour}"/>'


def _small(x: float, y: float, text: str, level: int, *, size: float = 6) -> str:
    colour = COLOUR.surface if level >= LEVELS - 1 else COLOUR.ink
    return f'<g font-size="{size:g}">{words(x, y, text, colour, anchor="middle")}</g>'


def _mixed(share: float) -> str:
    """The accent over the paper."""
    accent, paper = (
        [int(one[place : place + 2], 16) for place in (1, 3, 5)] for one in (COLOUR.series[0], COLOUR.surface)
    )
    return "#" + "".join(f"{round(a * share + p * (1 - share)):02x}" for a, p in zip(accent, paper, strict=True))


DRAWN: dict[type[Drawing], Callable[[Any, float], str]] = {
    Calendar: _calendar,
    CohortTable: _cohort,
    Bullets: _bullets,
    Funnel: _funnel,
}
