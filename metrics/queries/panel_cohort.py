"""Panels of cohorts: who came first together, and which share of them came again later. Counted from rows, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import connection, transaction
from django.utils.translation import gettext as _

from metrics.choices import KpiKind
from metrics.engine.cohorts import Cohort, average_shares, cohorts
from metrics.engine.heat import LEVELS
from metrics.models import DatasetColumn, KpiVersion
from metrics.queries.figures import rows_url
from metrics.queries.panel_base import Drawing, Made, Scene, Sheet
from metrics.queries.panel_splits import SHARE
from metrics.queries.periods import brief_label, period_start
from metrics.queries.rows_behind import Cut, cut_of, rows_behind
from ops_platform.web import formats
from ops_platform.web.columns import Column
from organization.engine.periods import Period

# Everybody's first period is looked for in all rows there are: one who came before the first shown is no newcomer.
COUNTED = """
WITH seen AS (SELECT DISTINCT {who} AS who, width_bucket(observed_at, %s::timestamptz[]) AS place FROM ({rows}) fact),
     born AS (SELECT who, min(place) AS place FROM seen GROUP BY who)
SELECT born.place - 1, seen.place - born.place, count(*)
  FROM seen JOIN born USING (who) WHERE born.place > 0 GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Cell:
    """level: 0 to LEVELS by the share. is_running: the period is not over, so the share still grows."""

    text: str
    title: str
    level: int
    is_running: bool = False
    url: str = ""


@dataclass(frozen=True)
class CohortLine:
    """One cohort: its period, its size, then one cell an age; None where its time has not come."""

    name: str
    size: str
    cells: Sequence[Cell | None]
    url: str = ""


@dataclass(frozen=True)
class CohortTable(Drawing):
    """ages: what stands above the cells: 1, 2, 3 ... periods later. average: of all cohorts together."""

    template: ClassVar[str] = "components/drawing_cohort.html"

    who: str
    ages: Sequence[int]
    lines: Sequence[CohortLine]
    average: Sequence[str]

    @property
    def printed(self) -> list[list[str]]:
        rows = [[line.name, line.size, *(cell.text if cell else "" for cell in line.cells)] for line in self.lines]
        return [[_("First in"), self.who, *(f"+{age}" for age in self.ages)], *rows]


def draw_cohort(scene: Scene) -> Made:
    """The cohorts by the panel's property, under the right to the rows behind."""
    plan, column = scene.plan, scene.plan.panel.column
    if plan.days is None or column is None:
        return scene.figure, None
    if not plan.rows_base:
        return scene.shows(notice=_("Cohorts are counted from rows, and the rows behind this KPI are not open to you."))
    version = scene.reader.newest(plan.kpi.pk)
    if version is None or version.kind != KpiKind.AGGREGATE or version.dataset_id != column.dataset_id:
        return scene.shows(notice=_("This KPI is not counted from rows that have this property."))
    periods = plan.days.periods
    found = _counted(scene, periods, column)
    made = cohorts(found, len(periods))
    if not any(cohort.size for cohort in made):
        return scene.figure, None
    running = plan.days.running is not None
    complete = len(periods) - 1 if running else len(periods)
    averages = average_shares(made, complete)
    names = [brief_label(period, plan.days.rule) for period in periods]
    drawing = CohortTable(
        column.display_name,
        range(1, len(periods)),
        [_line(scene, cohort, names[cohort.place], complete) for cohort in made],
        [formats.percent(share) if share is not None else "" for share in averages],
        is_scrolled=True,
    )
    first = averages[0] if averages else None
    summary = _("%(kpi)s by first %(property)s: on average %(share)s came again one period later.") % {
        "kpi": scene.name,
        "property": column.display_name,
        "share": formats.percent(first),
    }
    return scene.shows(_sheet(made, names), drawing=drawing, summary=summary)


def _counted(scene: Scene, periods: Sequence[Period], column: DatasetColumn) -> dict[tuple[int, int], int]:
    """(place of the first period, age) -> how many different values of the column. Two statements, apart from failures."""
    plan = scene.plan
    version = scene.reader.newest(plan.kpi.pk)
    assert version is not None
    with transaction.atomic():
        columns = list(DatasetColumn.objects.filter(dataset=column.dataset_id))
        starts = [period.start for period in periods]
        return _rows_counted(version, columns, column, starts, periods[-1], cut_of(plan.ask.only))


def _rows_counted(
    version: KpiVersion,
    columns: Sequence[DatasetColumn],
    column: DatasetColumn,
    starts: Sequence[datetime],
    last: Period,
    cut: Cut | None,
) -> dict[tuple[int, int], int]:
    """(place of the first stretch, age) -> how many. starts: of the stretches, the last of which ends with `last`."""
    assert version.dataset is not None
    first_at = min(version.dataset.first_at or starts[0], starts[0])
    everything = replace(last, start=first_at)
    rows = rows_behind(version, columns, everything, cut).rows.filter(**{f"{column.slot}__isnull": False})
    inner, params = rows.order_by().query.sql_with_params()
    sql = COUNTED.format(who=column.slot, rows=inner)
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(starts), *params])
        return {(place, age): count for place, age, count in cursor.fetchall()}


def cohort_count(version: KpiVersion, columns: Sequence[DatasetColumn], period: Period, cut: Cut) -> int:
    """How many of those that came first in the cohort's time were there in `period`, counted as the table counts them."""
    born = cut.cohort
    assert born is not None
    column = next(one for one in columns if one.pk == born.column_id)
    starts = sorted({born.start, born.end, period.start, period.end})
    found = _rows_counted(version, columns, column, starts, period, replace(cut, cohort=None))
    return found.get((starts.index(born.start), starts.index(period.start) - starts.index(born.start)), 0)


def _line(scene: Scene, cohort: Cohort, name: str, complete: int) -> CohortLine:
    assert scene.plan.days is not None
    periods = len(scene.plan.days.periods)
    cells: list[Cell | None] = []
    for age, (count, share) in enumerate(zip(cohort.counts, cohort.shares, strict=True), 1):
        if share is None:
            cells.append(None)
            continue
        text = formats.percent(share, 0)
        title = _("%(count)s of %(size)s") % {"count": formats.number(count), "size": formats.number(cohort.size)}
        level = min(int(share * LEVELS), LEVELS - 1) + 1 if count else 0
        url = _url(scene, cohort.place, age) if count else ""
        cells.append(Cell(text, title, level, cohort.place + age >= complete, url))
    rest = [None] * (periods - 1 - len(cells))
    return CohortLine(
        name, formats.number(cohort.size), [*cells, *rest], _url(scene, cohort.place, 0) if cohort.size else ""
    )


def _url(scene: Scene, place: int, age: int) -> str:
    """The rows of a cohort's members in a later period."""
    plan, column = scene.plan, scene.plan.panel.column
    assert plan.days is not None
    assert column is not None
    born = period_start(plan.days.periods[place])
    facts = {**plan.rows_facts, "cohort": column.pk, "born": born}
    return rows_url(plan.rows_base, plan.days.periods[place + age], **facts)


def _sheet(made: Sequence[Cohort], names: Sequence[str]) -> Sheet:
    """One row a cohort and age, with the count and the share: a shape that spreadsheets can pivot."""
    rows: list[dict[str, Any]] = []
    for cohort in made:
        all_of_them = Decimal(1) if cohort.size else None
        counts, shares = (cohort.size, *cohort.counts), (all_of_them, *cohort.shares)
        for age, (count, share) in enumerate(zip(counts, shares, strict=True)):
            rows.append({"cohort": names[cohort.place], "age": age, "count": count, "share": share})
    columns = [
        Column("cohort", _("First in"), kind="date", is_wide=True),
        Column("age", _("Periods later"), kind="number"),
        Column("count", _("How many"), kind="number"),
        Column("share", _("Share"), kind="percent", unit=SHARE),
    ]
    return Sheet(columns, rows)
