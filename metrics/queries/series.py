"""Reading KPIs: the one place that looks at rollups. Charts, tables, exports, alerts and the API all come here.

Cost: one statement for the versions of all asked KPIs and their operands, one for all their rollups, whatever the number
of KPIs. Values are Decimals as exact as the store; None where there is none, with the reason in the series.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from metrics.choices import Aggregation, GrainCode, KpiKind
from metrics.engine.expressions import evaluate, parse
from metrics.models import Kpi, KpiBreakdown, KpiOperand, KpiVersion, Rollup
from metrics.queries.versions import in_force
from organization.engine.periods import Grain, Period, PeriodRule, previous_year, shift

CONTEXT = Context(prec=34)
ZERO = Decimal(0)
COUNTED = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.DISTINCT, Aggregation.REPEAT})
CODES = {Grain(code.name.lower()): code for code in GrainCode}
CLOSURE = """
WITH RECURSIVE needed (kpi_id) AS (
  SELECT unnest(%s::bigint[])
  UNION
  SELECT operand.kpi_id FROM needed
    JOIN metrics_kpiversion version ON version.kpi_id = needed.kpi_id
    JOIN metrics_kpioperand operand ON operand.version_id = version.id)
SELECT kpi_id FROM needed
"""
NOTHING = Q(version_id__in=[])
Values = list[Decimal | None]


@dataclass(frozen=True)
class Slice:
    """Only the rows of one dictionary code of a column, or of one department's subtree."""

    column_id: int
    key: int
    by_department: bool = False


@dataclass(frozen=True)
class Window:
    """The periods to read, all of one grain and ascending, and those to compare them with, position by position."""

    periods: tuple[Period, ...]
    compared: tuple[Period, ...] = ()

    @property
    def grain(self) -> Grain:
        return self.periods[0].grain


@dataclass(frozen=True)
class KpiSeries:
    """One KPI over a window.

    values, compared, counts: one entry a period; counts are the rows behind a value, None for formulas. versions: the
    version number in force in each period. lacks_breakdown: the KPI is not rolled up by the column that was asked for.
    last_at: the newest instant of the data, of all operands' oldest. data_version: changes with every recomputation.
    """

    kpi_id: int
    values: Values
    compared: Values
    counts: list[int | None]
    versions: list[int | None]
    lacks_breakdown: bool = False
    last_at: datetime | None = None
    data_version: int = 0


@dataclass(frozen=True)
class Part:
    """One slice of a breakdown: dictionary codes (0: no value) or a department id, the value and its rows."""

    key1: int
    key2: int
    value: Decimal | None
    count: int | None


def window(periods: Sequence[Period], comparison: str, rule: PeriodRule) -> Window:
    """A window of periods; comparison: "previous" (the stretch just before), "year" (a year earlier) or ""."""
    if comparison == "previous":
        return Window(tuple(periods), tuple(shift(period, -len(periods), rule) for period in periods))
    if comparison == "year":
        return Window(tuple(periods), tuple(previous_year(period, rule) for period in periods))
    return Window(tuple(periods))


def series(kpi_ids: Iterable[int], window: Window, *, only: Slice | None = None) -> dict[int, KpiSeries]:
    """The series of each KPI. The caller has checked that the actor may see the KPIs."""
    wanted = list(dict.fromkeys(kpi_ids))
    reader = _Reader(wanted)
    every = (*window.periods, *window.compared)
    reader.load(every, only)
    return {kpi_id: reader.series(kpi_id, window, only) for kpi_id in wanted}


def breakdown(
    kpi_ids: Iterable[int], period: Period, column_id: int, *, by_department: bool = False, second_id: int | None = None
) -> dict[int, list[Part] | None]:
    """The parts of each KPI in one period, largest first; None where a KPI is not rolled up that way."""
    wanted = list(dict.fromkeys(kpi_ids))
    reader = _Reader(wanted)
    reader.load((period,), _Split(column_id, by_department, second_id))
    return {kpi_id: reader.parts(kpi_id, period, _Split(column_id, by_department, second_id)) for kpi_id in wanted}


@dataclass(frozen=True)
class _Split:
    """All keys of a column (or pair), as against one key of it."""

    column_id: int
    by_department: bool = False
    second_id: int | None = None


@dataclass
class _Rows:
    """Rollups of one version: (bucket start, key1, key2) -> (n, sum, min, max, first, last, value)."""

    cells: dict[tuple[datetime, int, int], tuple[Any, ...]] = field(default_factory=dict)
    keys: set[tuple[int, int]] = field(default_factory=set)


class _Reader:
    def __init__(self, kpi_ids: Sequence[int]) -> None:
        self._history: dict[int, list[KpiVersion]] = defaultdict(list)
        for version in _versions(kpi_ids):
            self._history[version.kpi_id].append(version)
        self._in_force = {kpi_id: in_force(history) for kpi_id, history in self._history.items()}
        self._rows: dict[int, _Rows] = defaultdict(_Rows)
        self._nodes: dict[int, Any] = {}

    def load(self, periods: Sequence[Period], selection: Slice | _Split | None) -> None:
        """Read the rollups of every version that may be asked for, in one statement."""
        if not periods:
            return
        totals, split = [], NOTHING
        for spans in self._in_force.values():
            for version, _, _ in spans:
                if version.kind != KpiKind.AGGREGATE:
                    continue
                if selection is None:
                    totals.append(version.pk)
                elif (breakdown_id := _breakdown_id(version, selection)) is not None:
                    split |= Q(version_id=version.pk, breakdown_id=breakdown_id)
        condition = Q(version_id__in=totals, breakdown_id=0) if selection is None else split
        if isinstance(selection, Slice):
            condition &= Q(key1=selection.key)
        rows = Rollup.objects.filter(condition, _ranges(periods), grain=CODES[periods[0].grain]).values_list(
            "version_id", "bucket_start", "key1", "key2", "n", "sum", "min", "max", "first", "last", "value"
        )
        for version_id, start, key1, key2, *parts in rows.iterator(chunk_size=5000):
            found = self._rows[version_id]
            keys = (0, 0) if isinstance(selection, Slice) else (key1, key2)
            found.cells[(start, *keys)] = tuple(parts)
            found.keys.add(keys)

    def series(self, kpi_id: int, window: Window, only: Slice | None) -> KpiSeries:
        periods = (*window.periods, *window.compared)
        values, counts, numbers = self._values(kpi_id, periods, (0, 0))
        size = len(window.periods)
        leaves = self._leaves(kpi_id)
        lacks = only is not None and any(_breakdown_id(version, only) is None for version in leaves)
        ends = [version.dataset.last_at for version in leaves if version.dataset and version.dataset.last_at]
        return KpiSeries(
            kpi_id=kpi_id,
            values=[None] * size if lacks else values[:size],
            compared=[None] * len(window.compared) if lacks else values[size:],
            counts=counts[:size],
            versions=numbers[:size],
            lacks_breakdown=lacks,
            last_at=min(ends, default=None),
            data_version=sum(version.data_version for version in leaves),
        )

    def parts(self, kpi_id: int, period: Period, split: _Split) -> list[Part] | None:
        leaves = self._leaves(kpi_id)
        if not leaves or any(_breakdown_id(version, split) is None for version in leaves):
            return None
        keys = sorted({key for version in leaves for key in self._rows[version.pk].keys})
        found = []
        for key in keys:
            values, counts, _ = self._values(kpi_id, (period,), key)
            found.append(Part(key[0], key[1], values[0], counts[0]))
        present = [part for part in found if part.value is not None]
        return sorted(present, key=lambda part: (-(part.value or ZERO), part.key1, part.key2))

    def _leaves(self, kpi_id: int) -> list[KpiVersion]:
        """The aggregate versions that the KPI's newest version rests on."""
        spans = self._in_force.get(kpi_id)
        if not spans:
            return []
        newest = spans[-1][0]
        if newest.kind == KpiKind.AGGREGATE:
            return [newest]
        operands = newest.operand_rows  # type: ignore[attr-defined]  # annotated
        return [leaf for operand in operands for leaf in self._leaves(operand["kpi"])]

    def _values(
        self, kpi_id: int, periods: Sequence[Period], key: tuple[int, int]
    ) -> tuple[Values, list[int | None], list[int | None]]:
        """Value, row count and version number in each period, under the version in force on its first day."""
        spans = self._in_force.get(kpi_id, [])
        values: Values = [None] * len(periods)
        counts: list[int | None] = [None] * len(periods)
        numbers: list[int | None] = [None] * len(periods)
        for version, first_on, until_on in spans:
            places = [
                place
                for place, period in enumerate(periods)
                if (first_on is None or period.first_on >= first_on)
                and (until_on is None or period.first_on < until_on)
            ]
            if not places:
                continue
            covered = [periods[place] for place in places]
            found, found_counts = (
                self._formula(version, covered, key)
                if version.kind == KpiKind.FORMULA
                else self._aggregate(version, covered, key)
            )
            for place, value, count in zip(places, found, found_counts, strict=True):
                values[place], counts[place], numbers[place] = value, count, version.number
        return values, counts, numbers

    def _aggregate(
        self, version: KpiVersion, periods: Sequence[Period], key: tuple[int, int]
    ) -> tuple[Values, list[int | None]]:
        cells = self._rows[version.pk].cells
        aggregation = Aggregation(version.aggregation)
        dataset = version.dataset
        empty = ZERO if aggregation in COUNTED else None
        values: Values = []
        counts: list[int | None] = []
        for period in periods:
            cell = cells.get((period.start, *key))
            if cell is not None:
                values.append(value_of(aggregation, cell))
                counts.append(cell[0])
            else:
                known = dataset is not None and dataset.first_at is not None and dataset.last_at is not None
                inside = known and period.end > dataset.first_at and period.start <= dataset.last_at  # type: ignore[union-attr,operator]
                values.append(empty if inside else None)
                counts.append(0 if inside else None)
        return values, counts

    def _formula(
        self, version: KpiVersion, periods: Sequence[Period], key: tuple[int, int]
    ) -> tuple[Values, list[int | None]]:
        if version.pk not in self._nodes:
            self._nodes[version.pk] = parse(version.formula)
        operands: Mapping[str, Values] = {
            row["name"]: self._values(row["kpi"], periods, key)[0]
            for row in version.operand_rows  # type: ignore[attr-defined]  # annotated
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


def _versions(kpi_ids: Sequence[int]) -> Iterable[KpiVersion]:
    """All versions of the KPIs and of everything their formulas use, with operands, breakdowns and dataset."""
    operands = KpiOperand.objects.filter(version=OuterRef("pk")).values(json=JSONObject(name="name", kpi="kpi_id"))
    breakdowns = KpiBreakdown.objects.filter(version=OuterRef("pk")).values(
        json=JSONObject(id="pk", first="first_id", second="second_id", by_department="by_department")
    )
    return (
        KpiVersion.objects.filter(kpi_id__in=RawSQL(CLOSURE, [list(kpi_ids)]))  # noqa: S611  # a constant with parameters
        .select_related("dataset")
        .annotate(operand_rows=ArraySubquery(operands), breakdown_rows=ArraySubquery(breakdowns))
        .order_by("kpi_id", "number")
    )


def _breakdown_id(version: KpiVersion, selection: Slice | _Split) -> int | None:
    second = getattr(selection, "second_id", None)
    for row in version.breakdown_rows:  # type: ignore[attr-defined]  # annotated
        if (row["first"], row["second"], row["by_department"]) == (
            selection.column_id,
            second,
            selection.by_department,
        ):
            return row["id"]
    return None


def _ranges(periods: Sequence[Period]) -> Q:
    """Bucket starts of the periods, neighbours joined into ranges."""
    condition, start, end = NOTHING, None, None
    spans: list[tuple[datetime, datetime]] = []
    for period in sorted(periods, key=lambda item: item.start):
        if end is not None and start is not None and period.start <= end:
            end = max(end, period.end)
        else:
            if start is not None and end is not None:
                spans.append((start, end))
            start, end = period.start, period.end
    if start is not None and end is not None:
        spans.append((start, end))
    for opens, closes in spans:
        condition |= Q(bucket_start__gte=opens.astimezone(UTC), bucket_start__lt=closes.astimezone(UTC))
    return condition


def visible_kpis(actor: Any) -> Any:
    """The KPIs the actor may see, with owner and department, by reference."""
    return Kpi.objects.visible_to(actor).select_related("owner", "department")
