"""Keeping rollups equal to the observations: recompute what was marked, or everything.

A write marks the (dataset, hour) buckets it touched. One task takes a dataset's marks and computes just the buckets they
lie in, for every KPI on the dataset: the finest grain from rows, coarser ones from finer rollups where the aggregation
allows it. Values are set, never added to, so doing it twice gives the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from metrics.choices import FROM_ROWS, ColumnRole, GrainCode, KpiKind
from metrics.models import Dataset, DatasetColumn, DimensionValue, Kpi, KpiBreakdown, KpiVersion
from metrics.queries.definitions import Definition, definition_of
from metrics.queries.rollup_sql import COLUMNS, Buckets, from_finer, from_rows
from metrics.queries.versions import in_force
from organization.engine.local_time import day_start
from organization.engine.periods import Grain, Period, PeriodRule, period_of, periods
from organization.models import Department, Organization
from organization.tenancy import tenant_transaction

GRAINS = {code: Grain(code.name.lower()) for code in GrainCode}
SOURCES = {
    GrainCode.DAY: GrainCode.HOUR,
    GrainCode.WEEK: GrainCode.DAY,
    GrainCode.MONTH: GrainCode.DAY,
    GrainCode.QUARTER: GrainCode.MONTH,
    GrainCode.YEAR: GrainCode.QUARTER,
}
HOUR = timedelta(hours=1)
LONGEST = "SET LOCAL statement_timeout = '14min'"
TAKE_MARKS = "DELETE FROM metrics_rollupmark WHERE organization_id = %s AND dataset_id = %s RETURNING hour_start"
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
DROP = """
DELETE FROM metrics_rollup
 USING unnest(%s::timestamptz[], %s::timestamptz[]) AS run (opens, closes)
 WHERE organization_id = %s AND version_id = %s AND grain = %s AND bucket_start >= opens AND bucket_start < closes
"""
Span = tuple[datetime, datetime]


def recompute_dataset(organization_id: int, dataset_id: int) -> bool:
    """Work off the dataset's marks, and roll up versions that never were. False when another worker is at it.

    Runs as separate statements in READ COMMITTED: the lock first, then the marks, then the rows, so that what committed
    before the marks were taken is seen.
    """
    with tenant_transaction(organization_id), connection.cursor() as cursor:
        cursor.execute(TRY_LOCK, [f"rollup:{organization_id}:{dataset_id}"])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(LONGEST)
        cursor.execute(TAKE_MARKS, [organization_id, dataset_id])
        hours = sorted({hour for (hour,) in cursor.fetchall()})
        dataset = Dataset.objects.filter(pk=dataset_id).first()
        if dataset is None:
            return True
        rule = Organization.objects.get(pk=organization_id).period_rule
        builder = Builder(dataset, rule)
        for version, span in versions_in_force(dataset, rule):
            if version.computed_at is None:
                builder.rebuild(version, span)
            elif hours:
                builder.refresh(version, span, [(hour, hour + HOUR) for hour in hours])
    return True


def rebuild_dataset(dataset: Dataset, rule: PeriodRule) -> None:
    """Compute all rollups of a dataset from its observations, in the running transaction."""
    builder = Builder(dataset, rule)
    for version, span in versions_in_force(dataset, rule):
        builder.rebuild(version, span)


def forget_rollups(versions: Iterable[KpiVersion]) -> None:
    """Let the next sweep compute these versions anew."""
    KpiVersion.objects.filter(pk__in=[version.pk for version in versions]).update(computed_at=None)


def versions_in_force(dataset: Dataset, rule: PeriodRule) -> list[tuple[KpiVersion, Span]]:
    """The dataset's aggregate versions that are in force on some day, with the time they must cover.

    A version covers its days, and the rest of the longest period in which its successor begins.
    """
    versions: dict[int, list[KpiVersion]] = defaultdict(list)
    kpis = Kpi.objects.filter(versions__dataset=dataset).distinct()
    for version in KpiVersion.objects.filter(kpi__in=kpis).select_related("kpi").order_by("kpi_id", "number"):
        versions[version.kpi_id].append(version)
    found = []
    for history in versions.values():
        for version, first_on, until_on in in_force(history):
            if version.dataset_id == dataset.pk and version.kind == KpiKind.AGGREGATE:
                found.append((version, _span(first_on, until_on, rule)))
    return found


def _span(first_on: date | None, until_on: date | None, rule: PeriodRule) -> Span:
    """The instants a version must cover, to the end of every period that `until_on` cuts."""
    start, end = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
    if first_on is not None:
        start = day_start(first_on, rule.timezone)
    if until_on is not None:
        cut = day_start(until_on, rule.timezone)
        end = max(period_of(grain, cut, rule).end for grain in (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR))
    return start, end


class Builder:
    """Computes rollups of one dataset's versions."""

    def __init__(self, dataset: Dataset, rule: PeriodRule) -> None:
        self.dataset, self.rule = dataset, rule
        self.columns = list(DatasetColumn.objects.filter(dataset=dataset))
        self.departments = department_pairs(self.columns)

    def rebuild(self, version: KpiVersion, span: Span) -> None:
        """Drop the version's rollups and compute all of them."""
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM metrics_rollup WHERE organization_id = %s AND version_id = %s",
                [version.organization_id, version.pk],
            )
        if self.dataset.first_at is not None and self.dataset.last_at is not None:
            self._compute(version, span, [(self.dataset.first_at, self.dataset.last_at + timedelta(microseconds=1))])
        self._stamp(version)

    def refresh(self, version: KpiVersion, span: Span, touched: Sequence[Span]) -> None:
        """Compute the buckets that `touched` lies in."""
        self._compute(version, span, touched)
        self._stamp(version)

    def _compute(self, version: KpiVersion, span: Span, touched: Sequence[Span]) -> None:
        spans = [
            (max(start, span[0]), min(end, span[1])) for start, end in touched if start < span[1] and end > span[0]
        ]
        if not spans:
            return
        breakdowns = KpiBreakdown.objects.filter(version=version).select_related("first", "second").order_by("pk")
        definition = definition_of(version, self.columns, list(breakdowns))
        from_rows_only = definition.aggregation in FROM_ROWS
        for grain in GrainCode:
            if grain < version.finest_grain:
                continue
            found = touched_periods(GRAINS[grain], spans, self.rule)
            buckets = buckets_of(grain, [period for period in found if span[0] <= period.start])
            if not buckets.starts:
                continue
            _drop(definition, buckets)
            finer = SOURCES.get(grain)
            if from_rows_only or grain == version.finest_grain or finer is None:
                statements = from_rows(definition, buckets, self.departments)
            else:
                statements = [from_finer(definition, buckets, finer)]
            with connection.cursor() as cursor:
                for sql, params in statements:
                    cursor.execute(f"INSERT INTO metrics_rollup ({COLUMNS}) {sql}", params)

    def _stamp(self, version: KpiVersion) -> None:
        version.data_version += 1
        version.computed_at = timezone.now()
        version.save(update_fields=["data_version", "computed_at"])


def touched_periods(grain: Grain, spans: Sequence[Span], rule: PeriodRule) -> list[Period]:
    """The periods that overlap any of the ascending spans, each once."""
    every = periods(grain, spans[0][0], max(end for _, end in spans), rule)
    starts = [period.start for period in every]
    wanted: set[int] = set()
    for start, end in spans:
        first = bisect_right(starts, start) - 1
        last = bisect_right(starts, end - timedelta(microseconds=1)) - 1
        wanted.update(range(max(first, 0), last + 1))
    return [every[place] for place in sorted(wanted)]


def buckets_of(grain: GrainCode, found: Sequence[Period]) -> Buckets:
    """Periods as arrays for SQL, neighbours joined into runs."""
    run_starts: list[datetime] = []
    run_ends: list[datetime] = []
    for period in found:
        if run_ends and run_ends[-1] == period.start:
            run_ends[-1] = period.end
        else:
            run_starts.append(period.start)
            run_ends.append(period.end)
    return Buckets(grain, [period.start for period in found], run_starts, run_ends)


def department_pairs(columns: Iterable[DatasetColumn]) -> dict[int, list[tuple[int, int]]]:
    """Per department column: each dictionary code with the id of every department whose subtree holds it."""
    wanted = [column.pk for column in columns if column.role == ColumnRole.DEPARTMENT]
    if not wanted:
        return {}
    paths = dict(Department.objects.values_list("pk", "path"))
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = DimensionValue.objects.filter(column__in=wanted, department__isnull=False)
    for column_id, code, department_id in rows.values_list("column_id", "code", "department_id"):
        for ancestor in paths[department_id].strip("/").split("/"):
            pairs[column_id].append((code, int(ancestor)))
    return dict(pairs)


def _drop(definition: Definition, buckets: Buckets) -> None:
    params: list[Any] = [list(buckets.run_starts), list(buckets.run_ends)]
    with connection.cursor() as cursor:
        cursor.execute(DROP, [*params, definition.organization_id, definition.version_id, buckets.grain])
