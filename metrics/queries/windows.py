"""What is asked of the store, and what comes out: windows of periods, slices, series, parts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from organization.engine.periods import Grain, Period, PeriodRule, previous_year, shift

Values = list[Decimal | None]


@dataclass(frozen=True)
class Slice:
    """Only the rows of one dictionary code of a column, or of one department's subtree."""

    column_id: int
    key: int
    by_department: bool = False


@dataclass(frozen=True)
class Term:
    """One property that rows must match. codes: by column that holds it, the dictionary codes that pass (0: no value).

    is_other: rows must have none of them instead. is_tree: the codes are those of subtrees of the departments `keys`.
    """

    codes: tuple[tuple[int, tuple[int, ...]], ...]
    is_other: bool = False
    is_tree: bool = False
    keys: tuple[int, ...] = ()

    def of(self, columns: Collection[int]) -> tuple[int, tuple[int, ...]] | None:
        """The column among `columns` that holds the property, with the codes that pass in it."""
        return next((pair for pair in self.codes if pair[0] in columns), None)


@dataclass(frozen=True)
class Where:
    """Only the rows that match all terms: what one slice of one property does not say."""

    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Split:
    """All keys of a column (or pair), as against one key of it."""

    column_id: int
    by_department: bool = False
    second_id: int | None = None


@dataclass(frozen=True)
class Window:
    """The periods to read, all of one grain and ascending, and those to compare them with, position by position."""

    periods: tuple[Period, ...]
    compared: tuple[Period, ...] = ()

    @property
    def grain(self) -> Grain:
        return self.periods[0].grain

    @property
    def every(self) -> tuple[Period, ...]:
        """Both together."""
        return (*self.periods, *self.compared)


@dataclass(frozen=True)
class Ask:
    """One KPI over a window: as a whole, of one slice, split by a column, or both (which needs a declared pair).

    What is asked of a Where is put together from rollups where they hold it, else counted from rows.
    """

    kpi_id: int
    window: Window
    only: Slice | Where | None = None
    split: Split | None = None


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


@dataclass(frozen=True)
class BreakdownColumn:
    """A way in which a KPI may be split: a column, a pair, or the department tree of a column.

    is_department: the column holds codes of departments.
    """

    column_id: int
    key: str
    name: str
    by_department: bool = False
    second_id: int | None = None
    second_key: str = ""
    second_name: str = ""
    is_department: bool = False

    @property
    def split(self) -> Split:
        return Split(self.column_id, self.by_department, self.second_id)


@dataclass(frozen=True)
class Extent:
    """How far the data of a KPI reaches, of all operands' the part that they share.

    finest: the finest grain that is rolled up. is_daily: the rows carry days only. is_computing: a version waits for its
    first roll-up. stamp: changes with every recomputation and every change of the definition. awaited_at: when the oldest
    figure is due that people still owe, where they enter it; far away where they owe none. is_kept: whether what was
    known then can be told at all.
    """

    first_at: datetime | None
    last_at: datetime | None
    is_daily: bool
    finest: Grain
    is_computing: bool
    stamp: str
    awaited_at: datetime | None = None
    is_kept: bool = True


def window(periods: Sequence[Period], comparison: str, rule: PeriodRule) -> Window:
    """A window of periods; comparison: "previous" (the stretch just before), "year" (a year earlier) or ""."""
    if comparison == "previous":
        return Window(tuple(periods), tuple(shift(period, -len(periods), rule) for period in periods))
    if comparison == "year":
        return Window(tuple(periods), tuple(previous_year(period, rule) for period in periods))
    return Window(tuple(periods))
