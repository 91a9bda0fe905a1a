"""Reading KPIs as they were known: the definitions of then over the rows of then, computed from rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from metrics.choices import GrainCode
from metrics.models import DatasetColumn, KpiBreakdown, KpiVersion
from metrics.queries.buckets import buckets_of
from metrics.queries.cuts import columns_of, narrowed
from metrics.queries.definitions import Definition, definition_of
from metrics.queries.department_pairs import department_pairs
from metrics.queries.known_on import KnownOn
from metrics.queries.places import place_of
from metrics.queries.reader import CODES, Reader
from metrics.queries.rollup_sql import Statement, from_rows
from metrics.queries.windows import Ask, Extent, Where
from organization.engine.periods import Period

Wanted = dict[tuple[int, GrainCode], tuple[dict[Any, Period], set[int]]]


class KnownReader(Reader):
    """A Reader of the past: no rollup of today is looked at.

    Costs a statement or two for each definition and grain on top of the Reader's: rollups of then are not kept, so they
    are aggregated from the rows.
    """

    def __init__(self, kpi_ids: Iterable[int], known: KnownOn, *, has_cuts: bool = False) -> None:
        self.known = known
        self._definitions: dict[int, Definition] = {}
        self._pairs: dict[int, list[tuple[int, int]]] = {}
        super().__init__(kpi_ids, has_cuts=has_cuts)

    def versions(self, kpi_ids: list[int]) -> Iterable[KpiVersion]:
        found = [version for version in super().versions(kpi_ids) if version.created_at < self.known.at]
        datasets = {version.dataset_id: version.organization_id for version in found if version.dataset_id}
        ends = self.known.ends(next(iter(datasets.values())), datasets) if datasets else {}
        for version in found:
            version.computed_at = version.created_at
            if version.dataset is not None:
                is_kept = self._is_kept(version)
                first, last = ends.get(version.dataset.pk, (None, None)) if is_kept else (None, None)
                version.dataset.first_at, version.dataset.last_at = first, last
        return found

    def extent(self, kpi_id: int) -> Extent:
        is_kept = all(self._is_kept(version) for version in self._leaves(kpi_id))
        # By which hour a figure was owed then is not kept; the KPI's own hours decide.
        return replace(super().extent(kpi_id), awaited_at=None, is_kept=is_kept)

    def load(self, asks: Iterable[Ask]) -> None:
        wanted: Wanted = defaultdict(lambda: ({}, set()))
        asks = list(asks)
        cuts = [ask for ask in asks if isinstance(ask.only, Where) and ask.window.periods]
        for ask in asks:
            if isinstance(ask.only, Where):
                continue
            for version in self._reached(ask.kpi_id):
                place = place_of(version, ask)
                for period in ask.window.every if place is not None else ():
                    periods, breakdowns = wanted[version.pk, CODES[period.grain]]
                    periods[period.start] = period
                    breakdowns.add(place.breakdown_id if place else 0)
        versions = {version.pk: version for kept in self._history.values() for version in kept}
        cut_versions = [version for ask in cuts for version in self._reached(ask.kpi_id)]
        self._define([*(versions[version_id] for version_id, _ in wanted), *cut_versions])
        for (version_id, grain), (periods, breakdowns) in wanted.items():
            if self._is_kept(versions[version_id]):
                self._aggregated(version_id, grain, [periods[start] for start in sorted(periods)], breakdowns)
        for ask in cuts:
            self._cut_out(ask)

    def _cut_out(self, ask: Ask) -> None:
        """What a Where leaves of the rows of then."""
        number, grain = self._cut_number(ask), CODES[ask.window.grain]
        for version in self._reached(ask.kpi_id):
            periods = self._covered(version, ask)
            if not periods or self._place(version, ask) is None or not self._is_kept(version):
                continue
            slots = {column.pk: column.slot for column in columns_of(version)}
            definition = narrowed(self._definitions[version.pk], version, slots, ask, number)
            self._read(from_rows(definition, buckets_of(grain, periods), {}), version.pk, grain)

    def _is_kept(self, version: KpiVersion) -> bool:
        since = version.dataset.known_since if version.dataset else None
        return since is None or since <= self.known.at

    def _define(self, versions: Sequence[KpiVersion]) -> None:
        """Compile the definitions, in two statements, and two more where departments are asked for."""
        fresh = {version.pk: version for version in versions if version.pk not in self._definitions}
        if not fresh:
            return
        columns: dict[int, list[DatasetColumn]] = defaultdict(list)
        for column in DatasetColumn.objects.filter(dataset__in={version.dataset_id for version in fresh.values()}):
            columns[column.dataset_id].append(column)
        breakdowns: dict[int, list[KpiBreakdown]] = defaultdict(list)
        for row in KpiBreakdown.objects.filter(version__in=fresh).select_related("first", "second").order_by("pk"):
            breakdowns[row.version_id].append(row)
        for version in fresh.values():
            dataset_id = version.dataset_id or 0
            made = definition_of(version, columns[dataset_id], breakdowns[version.pk])
            rows, params = self.known.rows(version.organization_id, dataset_id)
            self._definitions[version.pk] = replace(made, rows=rows, rows_params=params)
        self._pairs |= department_pairs(column for found in columns.values() for column in found)

    def _aggregated(self, version_id: int, grain: GrainCode, found: Sequence[Period], breakdown_ids: set[int]) -> None:
        definition = self._definitions[version_id]
        # The total is the first of the plain ones, and costs nothing beside the others.
        kept = tuple(item for item in definition.breakdowns if item.id in breakdown_ids or item.id == 0)
        statements = from_rows(replace(definition, breakdowns=kept), buckets_of(grain, found), self._pairs)
        self._read(statements, version_id, grain)

    def _read(self, statements: Iterable[Statement], version_id: int, grain: GrainCode) -> None:
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                for row in cursor.fetchall():
                    _organization, _version, _grain, breakdown_id, start, key1, key2, n, total, _squares, *parts = row
                    self._cells[version_id, grain, breakdown_id][start, key1, key2] = (n, total, *parts)


def reader_of(kpi_ids: Iterable[int], known: KnownOn | None = None, *, has_cuts: bool = False) -> Reader:
    """The reader of today, or of what was known. has_cuts: as for Reader."""
    return Reader(kpi_ids, has_cuts=has_cuts) if known is None else KnownReader(kpi_ids, known, has_cuts=has_cuts)
