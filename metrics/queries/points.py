"""A KPI over time as the API gives it: periods with their values, whole or by slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from metrics.choices import GrainCode
from metrics.errors import BadSeries
from metrics.models import Kpi
from metrics.queries.buckets import GRAINS
from metrics.queries.periods import data_until
from metrics.queries.rows_behind import dimension_texts
from metrics.queries.series import Ask, Part, Reader, Split, Window, known_on, reader_of, window
from metrics.queries.windows import BreakdownColumn
from organization.access import Actor
from organization.engine.local_time import day_start, zone
from organization.engine.periods import Grain, Period, PeriodRule, period_of, periods, shift
from organization.models import Department

DEFAULT_POINTS, MOST_POINTS, MOST_SPLIT_POINTS = 30, 2_000, 100
# The most periods in a day, so that a range is refused before it is counted out
PER_DAY = {Grain.HOUR: 25.0, Grain.DAY: 1.0, Grain.WEEK: 1 / 7}


@dataclass(frozen=True)
class PointsAsked:
    """first_on, last_on: local days, both included; grain, breakdown and comparison as in the address, "" for none.

    known_on: as it was known at the end of that day.
    """

    grain: str = ""
    first_on: date | None = None
    last_on: date | None = None
    breakdown: str = ""
    comparison: str = ""
    known_on: date | None = None


def breakdown_name(column: BreakdownColumn) -> str:
    """How an address names a way of splitting: `country`, `country,customer` or `department:unit` for its tree."""
    if column.by_department:
        return f"department:{column.key}"
    return f"{column.key},{column.second_key}" if column.second_id else column.key


def kpi_points(actor: Actor, kpi: Kpi, asked: PointsAsked, *, as_of: datetime, rule: PeriodRule) -> dict[str, Any]:
    """As the schema has it: plain values, numbers as their digits. Raises BadSeries.

    The caller has checked that the actor may see the KPI.
    """
    reader = reader_of([kpi.pk], known_on(asked.known_on, rule.timezone) if asked.known_on else None)
    extent = reader.extent(kpi.pk)
    grain = GRAINS[GrainCode[asked.grain.upper()]] if asked.grain else max(GRAINS[GrainCode(kpi.grain)], extent.finest)
    if grain < extent.finest:
        raise BadSeries(_("This KPI is not kept by the %(grain)s.") % {"grain": grain.value}, field="grain")
    found = _periods(grain, asked, as_of, rule)
    view = window(found, asked.comparison, rule)
    until = data_until(extent.last_at, min(GRAINS[GrainCode(kpi.grain)], grain), rule)
    points = _Points(view, rule, as_of, until)
    answer = {
        "kpi": kpi.key,
        "grain": grain.value,
        "timezone": rule.timezone,
        "unit": kpi.unit,
        "last_at": points.local(extent.last_at),
    }
    ask = Ask(kpi.pk, view)
    if not asked.breakdown:
        reader.load([ask])
        series = reader.series(ask)
        return answer | {"points": points.of(series.values, series.counts, series.versions, series.compared)}
    column = next((item for item in reader.columns(kpi.pk) if breakdown_name(item) == asked.breakdown), None)
    if column is None:
        raise BadSeries(_("This KPI is not broken down that way."), field="breakdown")
    if len(found) > MOST_SPLIT_POINTS:
        raise BadSeries(
            _("Ask for at most %(most)d periods with a breakdown.") % {"most": MOST_SPLIT_POINTS}, field="from"
        )
    reader.load([ask, Ask(kpi.pk, view, split=column.split)])
    series = reader.series(ask)
    parts = _parts(actor, kpi, reader, view, column, points)
    return answer | {
        "points": points.of(series.values, series.counts, series.versions, series.compared),
        "parts": parts,
    }


@dataclass(frozen=True)
class _Points:
    view: Window
    rule: PeriodRule
    as_of: datetime
    until: datetime | None

    def of(
        self,
        values: Sequence[Decimal | None],
        counts: Sequence[int | None],
        versions: Sequence[int | None],
        compared: Sequence[Decimal | None],
    ) -> list[dict[str, Any]]:
        points = [
            {
                "start": self.local(period.start),
                "end": self.local(period.end),
                "value": _digits(value),
                "rows": count,
                "version": version,
                "is_partial": self._is_partial(period),
            }
            for period, value, count, version in zip(self.view.periods, values, counts, versions, strict=True)
        ]
        for point, period, base in zip(points, self.view.compared, compared, strict=False):
            point |= {"compared_start": self.local(period.start), "compared": _digits(base)}
        return points

    def local(self, instant: datetime | None) -> str | None:
        return instant.astimezone(zone(self.rule.timezone)).isoformat() if instant else None

    def _is_partial(self, period: Period) -> bool:
        return period.end > self.as_of or self.until is None or period.end > self.until


def _periods(grain: Grain, asked: PointsAsked, as_of: datetime, rule: PeriodRule) -> list[Period]:
    last = period_of(grain, as_of, rule)
    end = day_start(_next(asked.last_on), rule.timezone) if asked.last_on else last.end
    if asked.first_on:
        start = day_start(asked.first_on, rule.timezone)
    else:
        start = shift(period_of(grain, end, rule), -DEFAULT_POINTS, rule).start
    if start >= end:
        raise BadSeries(_("The range ends before it begins."), field="to")
    if (end - start).days * PER_DAY.get(grain, 1 / 28) > MOST_POINTS:
        raise BadSeries(_("Ask for at most %(most)d periods at once.") % {"most": MOST_POINTS}, field="from")
    return periods(grain, start, end, rule)


def _digits(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _parts(
    actor: Actor, kpi: Kpi, reader: Reader, view: Window, column: BreakdownColumn, points: _Points
) -> list[dict[str, Any]]:
    """Every slice that has a value in one of the periods, in the order of its name."""
    now, then = (
        [_split(kpi, reader, period, column.split) for period in stretch] for stretch in (view.periods, view.compared)
    )
    keys = sorted({key for parts in [*now, *then] for key in parts})
    versions = [
        version.number if version else None for version in (reader.in_force_on(kpi.pk, p) for p in view.periods)
    ]
    slices = _slices(actor, column, keys)
    return [
        {
            "slice": slices[key],
            "points": points.of(
                [parts[key].value if key in parts else None for parts in now],
                [parts[key].count if key in parts else None for parts in now],
                versions,
                [parts[key].value if key in parts else None for parts in then],
            ),
        }
        for key in keys
        if key in slices
    ]


def _split(kpi: Kpi, reader: Reader, period: Period, split: Split) -> dict[tuple[int, int], Part]:
    parts = reader.parts(Ask(kpi.pk, Window((period,)), split=split)) or []
    return {(part.key1, part.key2): part for part in parts}


def _slices(
    actor: Actor, column: BreakdownColumn, keys: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], dict[str, str | None]]:
    """What each key means; departments that the actor may not see are left out."""
    if column.by_department:
        codes = dict(Department.objects.visible_to(actor).values_list("pk", "code"))
        return {key: {"department": codes[key[0]]} for key in keys if key[0] in codes}
    wanted = {column.column_id: {key[0] for key in keys}}
    if column.second_id:
        wanted.setdefault(column.second_id, set()).update(key[1] for key in keys)
    texts = dimension_texts(wanted)
    found = {}
    for key in keys:
        found[key] = {column.key: texts.get((column.column_id, key[0]))}
        if column.second_id:
            found[key][column.second_key] = texts.get((column.second_id, key[1]))
    return found
