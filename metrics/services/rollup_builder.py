"""Computing rollups of some versions of one dataset: the finest grain from rows, coarser ones from finer rollups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from metrics.choices import FROM_ROWS, GrainCode
from metrics.models import Dataset, DatasetColumn, KpiBreakdown, KpiVersion
from metrics.queries.buckets import GRAINS, Buckets, Reach, Span, chunks_of, touched_periods
from metrics.queries.definitions import Definition, definition_of
from metrics.queries.department_pairs import department_pairs
from metrics.queries.rollup_sql import COLUMNS, ENDS, ROLLUPS, from_finer, from_rows, whose
from organization.engine.periods import PeriodRule

SOURCES = {
    GrainCode.DAY: GrainCode.HOUR,
    GrainCode.WEEK: GrainCode.DAY,
    GrainCode.MONTH: GrainCode.DAY,
    GrainCode.QUARTER: GrainCode.MONTH,
    GrainCode.YEAR: GrainCode.QUARTER,
}
DROP = """
DELETE FROM {table}
 USING unnest(%s::timestamptz[], %s::timestamptz[]) AS run (opens, closes)
 WHERE organization_id = %s AND version_id = ANY(%s) AND grain = %s AND breakdown_id = ANY(%s)
   AND bucket_start >= opens AND bucket_start < closes
"""
DROP_ALL = "DELETE FROM {table} WHERE organization_id = %s AND version_id = ANY(%s)"


@dataclass(frozen=True)
class Work:
    """A version with the time it must cover."""

    version: KpiVersion
    definition: Definition
    reach: Reach


class Builder:
    """Writes rollups of one dataset's versions into `table`, in the running transaction."""

    def __init__(self, dataset: Dataset, rule: PeriodRule, *, table: str = ROLLUPS) -> None:
        self.dataset, self.rule, self.table = dataset, rule, table
        self._columns = list(DatasetColumn.objects.filter(dataset=dataset))
        self._departments = department_pairs(self._columns)

    def plan(self, versions: Sequence[tuple[KpiVersion, Reach]]) -> list[Work]:
        """The versions with their definitions compiled."""
        breakdowns: dict[int, list[KpiBreakdown]] = defaultdict(list)
        rows = KpiBreakdown.objects.filter(version__in=[version.pk for version, _ in versions])
        for row in rows.select_related("first", "second").order_by("pk"):
            breakdowns[row.version_id].append(row)
        return [
            Work(version, definition_of(version, self._columns, breakdowns[version.pk]), reach)
            for version, reach in versions
        ]

    def rebuild(self, work: Sequence[Work]) -> None:
        """Drop the versions' rollups and compute all of them."""
        if not work:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                DROP_ALL.format(table=self.table),
                [self.dataset.organization_id, [item.version.pk for item in work]],
            )
        if self.dataset.first_at is not None and self.dataset.last_at is not None:
            extent = (self.dataset.first_at, self.dataset.last_at + timedelta(microseconds=1))
            self._compute(work, [extent], is_empty=True)

    def refresh(self, work: Sequence[Work], touched: Sequence[Span]) -> None:
        """Compute the buckets that the ascending spans `touched` lie in."""
        self._compute(work, touched, is_empty=False)

    def _compute(self, work: Sequence[Work], touched: Sequence[Span], *, is_empty: bool) -> None:
        for grain in GrainCode:
            together: dict[tuple[tuple[Span, ...], datetime], list[Work]] = defaultdict(list)
            for item in work:
                if grain >= item.version.finest_grain and (spans := item.reach.clip(touched)):
                    together[tuple(spans), item.reach.start].append(item)
            for (clipped, start), items in together.items():
                found = [
                    period for period in touched_periods(GRAINS[grain], clipped, self.rule) if period.start >= start
                ]
                for buckets in chunks_of(grain, found):
                    self._fill(grain, buckets, items, is_empty=is_empty)

    def _fill(self, grain: GrainCode, buckets: Buckets, items: Sequence[Work], *, is_empty: bool) -> None:
        definitions = [item.definition for item in items]
        statements = []
        if not is_empty:
            runs = [buckets.run_starts_array, buckets.run_ends_array, self.dataset.organization_id]
            statements.append((DROP.format(table=self.table), [*runs, *whose(definitions, grain)]))
        finer = SOURCES.get(grain)
        merged: dict[bool, list[Definition]] = {False: [], True: []}
        inserts = []
        for item in items:
            definition = item.definition
            if definition.aggregation in FROM_ROWS or grain == item.version.finest_grain or finer is None:
                inserts += from_rows(definition, buckets, self._departments)
            else:
                merged[definition.aggregation in ENDS].append(definition)
        inserts += [from_finer(group, buckets, finer or 0, self.table) for group in merged.values() if group]
        statements += [(f"INSERT INTO {self.table} ({COLUMNS}) {sql}", params) for sql, params in inserts]
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
