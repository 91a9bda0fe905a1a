"""The one place that looks at rollups: the versions of some KPIs in one statement, then what is asked in another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

from metrics.choices import Aggregation, GrainCode, KpiKind
from metrics.engine.expressions import evaluate, parse
from metrics.models import KpiVersion, Rollup
from metrics.queries.buckets import END_OF_TIME, buckets_of
from metrics.queries.cuts import cut_place, cut_statement, kept_in, united
from metrics.queries.places import Key, Place, place_of, rows_of
from metrics.queries.rollup_sql import Statement
from metrics.queries.version_rows import breakdown_column, version_rows
from metrics.queries.versions import in_force
from metrics.queries.windows import Ask, BreakdownColumn, Extent, KpiSeries, Part, Split, Values, Where
from organization.engine.periods import Grain, Period

CONTEXT = Context(prec=34)
ZERO = Decimal(0)
COUNTED = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.DISTINCT, Aggregation.REPEAT})
CODES = {Grain(code.name.lower()): code for code in GrainCode}
GRAINS = {code: grain for grain, code in CODES.items()}
NOTHING = Q(version_id__in=[])
Cells = dict[tuple[datetime, int, int], tuple[Any, ...]]
Known = dict[tuple[int, tuple[datetime, ...]], tuple[Values, list[int | None], list[int | None]]]


class Reader:
    """Reads some KPIs. The caller has checked that the actor may see them.

    `load` as often as needed, one statement each; then `series` and `parts` answer from what was loaded. has_cuts: whether
    anything will be asked of a Where.
    """

    def __init__(self, kpi_ids: Iterable[int], *, has_cuts: bool = False) -> None:
        self._has_cuts = has_cuts
        self._cuts: dict[tuple[Where, Split | None], int] = {}
        self._history: dict[int, list[KpiVersion]] = defaultdict(list)
        for version in self.versions(list(dict.fromkeys(kpi_ids))):
            self._history[version.kpi_id].append(version)
        self._in_force = {kpi_id: in_force(history) for kpi_id, history in self._history.items()}
        self._cells: dict[tuple[int, GrainCode, int], Cells] = defaultdict(dict)
        self._nodes: dict[int, Any] = {}
        # Formulas that share operands are walked once, however many ways lead to them
        self._reached_by: dict[int, list[KpiVersion]] = {}
        self._counting_by: dict[int, set[KpiVersion]] = {}
        self._leaves_by: dict[int, list[KpiVersion]] = {}

    def versions(self, kpi_ids: list[int]) -> Iterable[KpiVersion]:
        """All versions of the KPIs and of what their formulas use, by KPI and number."""
        return version_rows(kpi_ids, has_columns=self._has_cuts) if kpi_ids else ()

    def history(self, kpi_id: int) -> list[KpiVersion]:
        """All versions by number, with dataset, operand_rows and breakdown_rows."""
        return self._history[kpi_id]

    def newest(self, kpi_id: int) -> KpiVersion | None:
        """The version that counts from the latest day on."""
        spans = self._in_force.get(kpi_id)
        return spans[-1][0] if spans else None

    def numbers_in_force(self, kpi_id: int) -> set[int]:
        """Numbers of the versions that count on some day; the others were overtaken."""
        return {version.number for version, _, _ in self._in_force.get(kpi_id, ())}

    def in_force_on(self, kpi_id: int, period: Period) -> KpiVersion | None:
        """The version that a period is computed under: the one in force on its first day."""
        for version, first_on, until_on in self._in_force.get(kpi_id, ()):
            if _covers(period, first_on, until_on):
                return version
        return None

    def extent(self, kpi_id: int) -> Extent:
        """How far the data reaches, and a stamp that changes with it."""
        leaves = self._leaves(kpi_id)
        datasets = [version.dataset for version in leaves if version.dataset]
        firsts = [dataset.first_at for dataset in datasets if dataset.first_at]
        lasts = [dataset.last_at for dataset in datasets if dataset.last_at]
        counting = sorted(self._counting(kpi_id), key=lambda version: version.pk)
        return Extent(
            first_at=max(firsts, default=None) if len(firsts) == len(leaves) else None,
            last_at=min(lasts, default=None) if len(lasts) == len(leaves) else None,
            is_daily=all(dataset.is_daily for dataset in datasets),
            finest=GRAINS[GrainCode(max((version.finest_grain for version in leaves), default=GrainCode.DAY))],
            is_computing=any(version.computed_at is None for version in leaves),
            stamp=",".join(f"{version.pk}:{version.data_version}" for version in counting),
            awaited_at=min(
                (dataset.awaited_at or END_OF_TIME for dataset in datasets if dataset.is_entered), default=None
            ),
        )

    def columns(self, kpi_id: int) -> list[BreakdownColumn]:
        """The ways in which the KPI as it is now may be split: what all versions it rests on declare."""
        leaves = self._leaves(kpi_id)
        declared = [
            {breakdown_column(row).split: breakdown_column(row) for row in rows_of(version)} for version in leaves
        ]
        if not declared:
            return []
        return [column for split, column in declared[0].items() if all(split in other for other in declared[1:])]

    def load(self, asks: Iterable[Ask]) -> None:
        """Read the rollups of all that is asked, in one statement."""
        groups: dict[tuple[Any, ...], Q] = {}
        cuts: dict[tuple[int, Grain, int], Statement] = {}
        for ask in asks:
            if not ask.window.periods:
                continue
            if isinstance(ask.only, Where):
                cuts |= self._cut_statements(ask)
                continue
            condition = self._condition(ask)
            if condition is None:
                continue
            group = (ask.window.every, ask.only, ask.split)
            groups[group] = groups.get(group, NOTHING) | condition
        if not groups and not cuts:
            return
        everything = NOTHING
        for (periods, _, _), condition in groups.items():
            everything |= condition & _ranges(periods) & Q(grain=CODES[periods[0].grain])
        rows = Rollup.objects.filter(everything).values_list(
            "version_id", "grain", "breakdown_id", "bucket_start", "key1", "key2",
            "n", "sum", "min", "max", "first", "last", "value",
        )  # fmt: skip
        found: Iterable[Any] = rows
        if cuts:
            sql, params = united([*([rows.query.sql_with_params()] if groups else []), *cuts.values()])
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
                found = cursor.fetchall()
        for version_id, grain, breakdown_id, start, key1, key2, *parts in found:
            self._cells[version_id, grain, breakdown_id][start, key1, key2] = tuple(parts)

    def rows_read(self, ask: Ask) -> int:
        """About how many rows of datasets are aggregated to answer an ask; none where rollups do."""
        if not isinstance(ask.only, Where):
            return 0
        total = 0
        for version in self._reached(ask.kpi_id):
            dataset, periods = version.dataset, self._covered(version, ask)
            if not periods or dataset is None or not dataset.first_at or not dataset.last_at or kept_in(version, ask):
                continue
            wanted = sum(((one.end - one.start) for one in periods), timedelta(0))
            there = max(dataset.last_at - dataset.first_at, timedelta(hours=1))
            total += round(dataset.row_count * min(wanted / there, 1.0))
        return total

    def _cut_statements(self, ask: Ask) -> dict[tuple[int, Grain, int], Statement]:
        found = {}
        number = self._cut_number(ask)
        for version in self._reached(ask.kpi_id):
            periods = self._covered(version, ask)
            if periods and self._place(version, ask) is not None:
                buckets = buckets_of(CODES[ask.window.grain], periods)
                key = version.pk, ask.window.grain, number
                found[key] = cut_statement(version, ask, buckets, number)
        return found

    def _covered(self, version: KpiVersion, ask: Ask) -> list[Period]:
        """The periods of an ask that are read under the version, each once and in order."""
        spans = [(first, until) for one, first, until in self._in_force[version.kpi_id] if one.pk == version.pk]
        periods = {one.start: one for one in ask.window.every if any(_covers(one, *span) for span in spans)}
        return [periods[start] for start in sorted(periods)]

    def _cut_number(self, ask: Ask) -> int:
        """The number below zero under which what is cut out so stands among the breakdowns."""
        assert isinstance(ask.only, Where)
        return self._cuts.setdefault((ask.only, ask.split), -1 - len(self._cuts))

    def _place(self, version: KpiVersion, ask: Ask) -> Place | None:
        if isinstance(ask.only, Where):
            return cut_place(version, ask, self._cut_number(ask))
        return place_of(version, ask)

    def series(self, ask: Ask) -> KpiSeries:
        """The values of a loaded ask without a split."""
        periods = ask.window.every
        values, counts, numbers = self._values(ask, periods, (0, 0), ask.kpi_id, {})
        size = len(ask.window.periods)
        extent = self.extent(ask.kpi_id)
        return KpiSeries(
            kpi_id=ask.kpi_id,
            values=values[:size],
            compared=values[size:],
            counts=counts[:size],
            versions=numbers[:size],
            lacks_breakdown=self.lacks(ask),
            last_at=extent.last_at,
            data_version=sum(version.data_version for version in self._reached(ask.kpi_id)),
        )

    def lacks(self, ask: Ask) -> bool:
        """Whether the KPI as it is now is not rolled up the way that is asked."""
        leaves = self._leaves(ask.kpi_id)
        return not leaves or any(self._place(version, ask) is None for version in leaves)

    def leaves(self, kpi_id: int) -> list[KpiVersion]:
        """The aggregate versions that the KPI as it is now rests on."""
        return self._leaves(kpi_id)

    def parts(self, ask: Ask) -> list[Part] | None:
        """The parts of a loaded ask with a split in its first period, largest first; None where it is not split so."""
        found = self.parts_over(ask, ask.window.periods[:1])
        return None if found is None else found[0]

    def parts_over(self, ask: Ask, periods: Sequence[Period]) -> list[list[Part]] | None:
        """The same in each of some periods of one grain, which were loaded."""
        if self.lacks(ask):
            return None
        keys: dict[datetime, set[Key]] = {period.start: set() for period in periods}
        for version in self._reached(ask.kpi_id):
            place = self._place(version, ask)
            if place is None:
                continue
            cells = self._cells[version.pk, CODES[ask.window.grain], place.breakdown_id]
            for start, *stored in cells:
                if start in keys and (part := place.part((stored[0], stored[1]))):
                    keys[start].add(part)
        return [self._parts_in(ask, period, keys[period.start]) for period in periods]

    def _parts_in(self, ask: Ask, period: Period, keys: set[Key]) -> list[Part]:
        found = []
        for key in sorted(keys):
            values, counts, _ = self._values(ask, (period,), key, ask.kpi_id, {})
            found.append(Part(key[0], key[1], values[0], counts[0]))
        present = [part for part in found if part.value is not None]
        return sorted(present, key=lambda part: (-(part.value or ZERO), part.key1, part.key2))

    def _condition(self, ask: Ask) -> Q | None:
        totals, split = [], None
        for version in self._reached(ask.kpi_id):
            place = self._place(version, ask)
            if place is None:
                continue
            if place.breakdown_id == 0:
                totals.append(version.pk)
                continue
            one = Q(version_id=version.pk, breakdown_id=place.breakdown_id)
            if place.fixed is not None:
                one &= Q(**{"key2" if place.fixed_is_second else "key1": place.fixed})
            split = one if split is None else split | one
        if totals:
            return Q(version_id__in=totals, breakdown_id=0)
        return split

    def _reached(self, kpi_id: int) -> list[KpiVersion]:
        """The aggregate versions in force on some day, of the KPI and of everything its formulas use."""
        if kpi_id in self._reached_by:
            return self._reached_by[kpi_id]
        found: dict[int, KpiVersion] = {}
        for version, _, _ in self._in_force.get(kpi_id, ()):
            if version.kind == KpiKind.AGGREGATE:
                found[version.pk] = version
                continue
            for operand in _operands(version):
                found |= {leaf.pk: leaf for leaf in self._reached(operand["kpi"])}
        self._reached_by[kpi_id] = list(found.values())
        return self._reached_by[kpi_id]

    def _counting(self, kpi_id: int) -> set[KpiVersion]:
        """All versions in force on some day, formulas with their operands'."""
        if kpi_id in self._counting_by:
            return self._counting_by[kpi_id]
        found: set[KpiVersion] = set()
        for version, _, _ in self._in_force.get(kpi_id, ()):
            found.add(version)
            if version.kind == KpiKind.FORMULA:
                found.update(*(self._counting(operand["kpi"]) for operand in _operands(version)))
        self._counting_by[kpi_id] = found
        return found

    def _leaves(self, kpi_id: int) -> list[KpiVersion]:
        """The aggregate versions that the KPI's newest version rests on."""
        if kpi_id in self._leaves_by:
            return self._leaves_by[kpi_id]
        newest = self.newest(kpi_id)
        leaves: dict[int, KpiVersion] = {}
        if newest is not None and newest.kind == KpiKind.AGGREGATE:
            leaves[newest.pk] = newest
        elif newest is not None:
            leaves = {leaf.pk: leaf for operand in _operands(newest) for leaf in self._leaves(operand["kpi"])}
        self._leaves_by[kpi_id] = list(leaves.values())
        return self._leaves_by[kpi_id]

    def _values(
        self, ask: Ask, periods: Sequence[Period], key: Key, kpi_id: int, known: Known
    ) -> tuple[Values, list[int | None], list[int | None]]:
        """Value, row count and version number in each period, under the version in force on its first day.

        known: what was computed already for this ask and key, by KPI and starts of the periods.
        """
        place_in_known = (kpi_id, tuple(period.start for period in periods))
        if place_in_known in known:
            return known[place_in_known]
        values: Values = [None] * len(periods)
        counts: list[int | None] = [None] * len(periods)
        numbers: list[int | None] = [None] * len(periods)
        for version, first_on, until_on in self._in_force.get(kpi_id, ()):
            places = [place for place, period in enumerate(periods) if _covers(period, first_on, until_on)]
            if not places:
                continue
            covered = [periods[place] for place in places]
            found, found_counts = (
                self._formula(ask, version, covered, key, known)
                if version.kind == KpiKind.FORMULA
                else self._aggregate(ask, version, covered, key)
            )
            for place, value, count in zip(places, found, found_counts, strict=True):
                values[place], counts[place], numbers[place] = value, count, version.number
        known[place_in_known] = values, counts, numbers
        return values, counts, numbers

    def _aggregate(
        self, ask: Ask, version: KpiVersion, periods: Sequence[Period], key: Key
    ) -> tuple[Values, list[int | None]]:
        place = self._place(version, ask)
        if place is None:
            return [None] * len(periods), [None] * len(periods)
        cells = self._cells[version.pk, CODES[periods[0].grain], place.breakdown_id]
        aggregation = Aggregation(version.aggregation)
        dataset = version.dataset
        # Where people enter the figures, a period without any is missing and not nothing
        is_entered = dataset is not None and dataset.is_entered
        empty = ZERO if aggregation in COUNTED and not is_entered else None
        stored = place.stored(key)
        values: Values = []
        counts: list[int | None] = []
        for period in periods:
            cell = cells.get((period.start, *stored))
            if cell is not None:
                values.append(None if is_entered and not cell[0] else value_of(aggregation, cell))
                counts.append(cell[0])
            else:
                known = dataset is not None and dataset.first_at is not None and dataset.last_at is not None
                inside = known and period.end > dataset.first_at and period.start <= dataset.last_at  # type: ignore[union-attr,operator]
                values.append(empty if inside else None)
                counts.append(0 if inside else None)
        return values, counts

    def _formula(
        self, ask: Ask, version: KpiVersion, periods: Sequence[Period], key: Key, known: Known
    ) -> tuple[Values, list[int | None]]:
        if version.pk not in self._nodes:
            self._nodes[version.pk] = parse(version.formula)
        operands: Mapping[str, Values] = {
            row["name"]: self._values(ask, periods, key, row["kpi"], known)[0] for row in _operands(version)
        }
        return evaluate(self._nodes[version.pk], operands), [None] * len(periods)


def value_of(aggregation: Aggregation, cell: tuple[Any, ...]) -> Decimal | None:
    """The value of a bucket's parts (n, sum, min, max, first, last, value)."""
    n, total, smallest, largest, first, last, value = cell
    match aggregation:
        case Aggregation.SUM:
            return total if total is not None else ZERO
        case Aggregation.COUNT:
            return Decimal(n)
        case Aggregation.AVERAGE:
            return CONTEXT.divide(total, Decimal(n)) if n and total is not None else None
        case Aggregation.MINIMUM:
            return smallest
        case Aggregation.MAXIMUM:
            return largest
        case Aggregation.FIRST:
            return first
        case Aggregation.LAST:
            return last
    return value


def _covers(period: Period, first_on: Any, until_on: Any) -> bool:
    return (first_on is None or period.first_on >= first_on) and (until_on is None or period.first_on < until_on)


def _operands(version: KpiVersion) -> list[dict[str, Any]]:
    return version.operand_rows  # type: ignore[attr-defined]  # annotated


def _ranges(periods: Sequence[Period]) -> Q:
    """Bucket starts of the periods, neighbours joined into ranges."""
    spans: list[tuple[datetime, datetime]] = []
    for period in sorted(periods, key=lambda item: item.start):
        if spans and period.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], period.end))
        else:
            spans.append((period.start, period.end))
    condition = NOTHING
    for opens, closes in spans:
        condition |= Q(bucket_start__gte=opens.astimezone(UTC), bucket_start__lt=closes.astimezone(UTC))
    return condition
