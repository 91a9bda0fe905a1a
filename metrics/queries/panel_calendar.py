"""Panels that show every day: weeks beside each other, weekdays below each other, warmer where there was more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import ClassVar

from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from metrics.engine.heat import LEVELS, heat
from metrics.engine.panel_settings import CalendarSettings
from metrics.queries.annotations import Note
from metrics.queries.figures import any_known, rows_url
from metrics.queries.panel_base import Drawing, Made, Scene, Sheet
from ops_platform.web import formats
from ops_platform.web.columns import Column

WEEK = 7


@dataclass(frozen=True)
class Day:
    """A day's cell. level: 1 to LEVELS, 0 without a value; on: its date for the address of its rows, empty outside.

    is_noted: somebody wrote a note on the day, which stands in its title.
    """

    level: int
    on: str
    text: str
    title: str
    is_noted: bool = False


@dataclass(frozen=True)
class Weekday:
    """A line of the calendar. name: of every other weekday, so that they can be read; full: for the ear."""

    name: str
    days: Sequence[Day | None]


@dataclass(frozen=True)
class Month:
    """The head above the weeks that begin in a month. name: empty where there is no room for it."""

    name: str
    weeks: int


@dataclass(frozen=True)
class Calendar(Drawing):
    """rows_url: the address behind a day, with `{x}` for the day; low, high: what the coldest and warmest colour mean."""

    template: ClassVar[str] = "components/drawing_calendar.html"

    months: Sequence[Month]
    weekdays: Sequence[Weekday]
    low: str
    high: str
    rows_url: str
    has_numbers: bool

    @property
    def levels(self) -> range:
        return range(1, LEVELS + 1)


def draw_calendar(scene: Scene) -> Made:
    """The days of the shown stretch, of the last year at most."""
    plan = scene.plan
    if plan.days is None or plan.days_ask is None or not plan.days.periods:
        return scene.figure, None
    options = plan.options
    assert isinstance(options, CalendarSettings)
    values = scene.reader.series(plan.days_ask).values
    if not any_known(values):
        return scene.figure, None
    periods, unit = plan.days.periods, scene.unit
    cells = {
        period.first_on: Day(
            level or 0,
            period.first_on.isoformat() if value is not None else "",
            formats.compact(value, unit) if value is not None else "",
            _title(period.first_on, formats.in_unit(value, unit), scene.notes),
            any(_is_of(note, period.first_on) for note in scene.notes),
        )
        for period, value, level in zip(periods, values, heat(values), strict=True)
    }
    first = _week_of(periods[0].first_on, plan.days.rule.week_starts_on)
    weeks = [first + timedelta(weeks=number) for number in range((periods[-1].first_on - first).days // WEEK + 1)]
    known = [(period, value) for period, value in zip(periods, values, strict=True) if value is not None]
    lowest, highest = min(known, key=lambda pair: pair[1]), max(known, key=lambda pair: pair[1])
    drawing = Calendar(
        _months(weeks),
        [
            Weekday(
                _weekday(first + timedelta(days=place)), [cells.get(week + timedelta(days=place)) for week in weeks]
            )
            for place in range(WEEK)
        ],
        formats.compact(lowest[1], unit),
        formats.compact(highest[1], unit),
        rows_url(plan.rows_base, periods[0], **plan.rows_facts).replace(periods[0].first_on.isoformat(), "{x}"),
        options.numbers,
        is_scrolled=True,
    )
    summary = _(
        "%(kpi)s by day, %(range)s: lowest on %(low_day)s with %(low)s, highest on %(high_day)s with %(high)s."
    ) % {
        "kpi": scene.name,
        "range": plan.days.words(),
        "low_day": formats.day(lowest[0].first_on),
        "low": formats.compact(lowest[1], unit),
        "high_day": formats.day(highest[0].first_on),
        "high": formats.compact(highest[1], unit),
    }
    rows = [
        {
            "day": period.first_on,
            "value": value,
            "url": rows_url(plan.rows_base, period, **plan.rows_facts) if value is not None else "",
        }
        for period, value in zip(periods, values, strict=True)
    ]
    sheet = Sheet(
        [
            Column("day", _("Day"), kind="date"),
            Column("value", scene.name, kind="number", unit=unit, href=lambda row: row["url"]),
        ],
        rows,
    )
    return scene.shows(sheet, drawing=drawing, summary=summary)


def _title(day: date, value: str, notes: Sequence[Note]) -> str:
    words = f"{_weekday(day)} {formats.named(formats.day(day), value)}"
    return " · ".join([words, *(note.text for note in notes if _is_of(note, day))])


def _is_of(note: Note, day: date) -> bool:
    return note.first_on <= day <= (note.last_on or note.first_on)


def _week_of(day: date, week_starts_on: int) -> date:
    """The first day of the week that `day` is in. week_starts_on: 0 for Monday."""
    return day - timedelta(days=(day.weekday() - week_starts_on) % WEEK)


def _weekday(day: date) -> str:
    return str(WEEKDAYS_ABBR[day.weekday()])


def _months(weeks: Sequence[date]) -> list[Month]:
    """The months that weeks begin in; the first is left without its name where it has no room for it."""
    made = []
    for month, group in groupby(weeks, key=lambda week: (week.year, week.month)):
        count = len(list(group))
        name = f"{month[1]}月" if formats.is_chinese() else str(MONTHS_3[month[1]]).capitalize()
        made.append(Month(name if count > 1 else "", count))
    return made
