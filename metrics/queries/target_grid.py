"""The targets of a year beside what was reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from metrics.choices import GrainCode
from metrics.engine.status import assess
from metrics.models import Kpi
from metrics.queries.periods import full_label
from metrics.queries.reader import GRAINS, Reader
from metrics.queries.targets import TargetRow, book_of, judgement, target_words, targets_version
from metrics.queries.units import unit_of
from metrics.queries.windows import Ask, Window
from ops_platform.web import formats
from ops_platform.web.status import Status
from organization.engine.local_time import day_start
from organization.engine.periods import Grain, Period, PeriodRule, period_of, periods
from organization.models import Department


@dataclass(frozen=True)
class GridLine:
    """A period: the target set for it, what is in force without one, the value and its status once it is over."""

    period: Period
    label: str
    own: TargetRow | None
    in_force: str
    value: str
    status: Status | None


@dataclass(frozen=True)
class TargetGrid:
    """The periods of a fiscal year.

    newest: the latest target of this grain and department, of any year. version: all of them as they stand.
    """

    year: int
    grain: GrainCode
    lines: list[GridLine]
    newest: TargetRow | None
    version: str


def target_grid(
    kpi: Kpi,
    *,
    grain: GrainCode,
    year: int,
    department: Department | None,
    as_of: datetime,
    rule: PeriodRule,
    currency: str,
) -> TargetGrid:
    """The grid of a KPI that `kpis_for_page` gave. year: the calendar year in which the periods begin; of years, five."""
    unit = unit_of(kpi, currency)
    book = book_of(kpi, kpi.target_rows)  # type: ignore[attr-defined]  # annotated
    department_id = department.pk if department else None
    size = GRAINS[grain]
    rows = [row for row in book.rows if row.grain == grain and row.department_id == department_id]
    found = _periods(size, year, rule, {row.starts_on for row in rows})
    reader = Reader([kpi.pk])
    ask = Ask(kpi.pk, Window(found))
    reader.load([ask])
    values = reader.series(ask).values
    own = {row.starts_on: row for row in rows}
    lines = []
    for period, value in zip(found, values, strict=True):
        target = book.target(period, department_id)
        is_over = period.end <= as_of and value is not None and department_id is None
        lines.append(
            GridLine(
                period=period,
                label=full_label(period, rule),
                own=own.get(period.first_on),
                in_force=target_words(target, unit, short=False),
                value=formats.in_unit(value, unit) if is_over else "",
                status=judgement(assess(value, target)) if is_over and target else None,
            )
        )
    newest = max(rows, key=lambda row: row.starts_on, default=None)
    return TargetGrid(year, grain, lines, newest, targets_version(rows))


def _periods(grain: Grain, year: int, rule: PeriodRule, set_on: set[date]) -> tuple[Period, ...]:
    """The lines. Of days, the first of each month and those with a target: a target goes on until the next one."""
    start = day_start(date(year, 1, 1), rule.timezone)
    end = day_start(date(year + (5 if grain is Grain.YEAR else 1), 1, 1), rule.timezone)
    found = [period for period in periods(grain, start, end, rule) if period.start >= start]
    if grain is Grain.DAY:
        found = [period for period in found if period.first_on.day == 1 or period.first_on in set_on]
    return tuple(found) or (period_of(grain, start, rule),)
