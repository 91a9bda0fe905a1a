"""Aggregation of rows into periods, written to be obviously right rather than fast.

The store aggregates in SQL; this is what its numbers are held against. Everything is exact but averages and
interpolated percentiles, which have 34 significant digits.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from enum import StrEnum
from itertools import pairwise

_EXACT = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
_CONTEXT = Context(prec=34)

Period = tuple[datetime, datetime]
Key = tuple[Hashable, ...]


class Kind(StrEnum):
    SUM = "sum"
    COUNT = "count"
    AVERAGE = "average"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    FIRST = "first"
    LAST = "last"
    DISTINCT = "distinct"
    MEDIAN = "median"
    PERCENTILE = "percentile"
    REPEAT = "repeat"


MERGEABLE = frozenset({Kind.SUM, Kind.COUNT, Kind.AVERAGE, Kind.MINIMUM, Kind.MAXIMUM, Kind.FIRST, Kind.LAST})


@dataclass(frozen=True)
class Aggregation:
    """What is computed of the rows of a period.

    The first nine of `Kind` look at the values; a row whose value is missing is not there for them. `distinct` counts
    the different entries of the dimension `of`; `repeat` those that come with at least `at_least` different entries
    of the dimension `per` (customers with 2 invoices). `fraction` is the percentile, 0 to 1.
    """

    kind: Kind
    of: str = ""
    per: str = ""
    at_least: int = 2
    fraction: Decimal = Decimal("0.5")


@dataclass(frozen=True)
class Row:
    """One observation. A missing entry of a dimension is None, or is not in `dims`."""

    observed_at: datetime
    row_key: str
    value: Decimal | None
    dims: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """What merges: of one period's values, their number, sum, sum of squares, extremes, and first and last in time.

    `first` and `last` carry (instant in UTC, row key, value); of two rows at one instant the key decides.
    """

    n: int
    sum: Decimal
    sum_of_squares: Decimal
    minimum: Decimal
    maximum: Decimal
    first: tuple[datetime, str, Decimal]
    last: tuple[datetime, str, Decimal]

    def value(self, kind: Kind) -> Decimal:
        """The aggregate of a mergeable kind. Raises ValueError for the others."""
        match kind:
            case Kind.SUM:
                return self.sum
            case Kind.COUNT:
                return Decimal(self.n)
            case Kind.AVERAGE:
                return _CONTEXT.divide(self.sum, Decimal(self.n))
            case Kind.MINIMUM:
                return self.minimum
            case Kind.MAXIMUM:
                return self.maximum
            case Kind.FIRST:
                return self.first[2]
            case Kind.LAST:
                return self.last[2]
        raise ValueError(f"{kind} cannot be merged from parts")


def roll_up(
    rows: Iterable[Row], periods: Sequence[Period], aggregation: Aggregation, *, by: Sequence[str] = ()
) -> dict[Key, Decimal]:
    """The aggregate for each (period start, *entries of the dimensions `by`) that has rows to aggregate.

    periods: (start, end) in order, start included, end not, without overlap; rows outside of them are left out. In the
    keys the starts are in UTC, a missing entry is None. Raises ValueError for naive times and periods out of order.
    """
    values = {key: _aggregate(group, aggregation) for key, group in grouped(rows, periods, by=by).items()}
    return {key: value for key, value in values.items() if value is not None}


def roll_up_parts(rows: Iterable[Row], periods: Sequence[Period], *, by: Sequence[str] = ()) -> dict[Key, Parts]:
    """As `roll_up`, but what can be merged further; see `combine`."""
    parts = {key: parts_of(group) for key, group in grouped(rows, periods, by=by).items()}
    return {key: part for key, part in parts.items() if part is not None}


def grouped(rows: Iterable[Row], periods: Sequence[Period], *, by: Sequence[str] = ()) -> dict[Key, list[Row]]:
    """The rows of each period and entry; keys as those of `roll_up`."""
    # In UTC: Python compares times of one zone by the clock on the wall, on which one hour of autumn comes twice.
    bounds = [(_utc(start), _utc(end)) for start, end in periods]
    if any(start >= end for start, end in bounds) or any(first[1] > then[0] for first, then in pairwise(bounds)):
        raise ValueError("periods must be in order, without overlap")
    groups: defaultdict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        instant = _utc(row.observed_at)
        at = bisect_right(bounds, instant, key=lambda bound: bound[0]) - 1
        if at >= 0 and instant < bounds[at][1]:
            groups[bounds[at][0], *(row.dims.get(name) for name in by)].append(row)
    return dict(groups)


def parts_of(rows: Iterable[Row]) -> Parts | None:
    """The parts of all rows that have a value; None when none has."""
    return combine(
        Parts(1, value, _EXACT.multiply(value, value), value, value, moment, moment)
        for row in rows
        if (value := row.value) is not None
        for moment in [(_utc(row.observed_at), row.row_key, value)]
    )


def combine(parts: Iterable[Parts]) -> Parts | None:
    """The parts of the union of disjoint sets of rows; None for no parts. No average is taken of averages."""
    found = list(parts)
    if not found:
        return None
    return Parts(
        n=sum(part.n for part in found),
        sum=_total(part.sum for part in found),
        sum_of_squares=_total(part.sum_of_squares for part in found),
        minimum=min(part.minimum for part in found),
        maximum=max(part.maximum for part in found),
        first=min(part.first for part in found),
        last=max(part.last for part in found),
    )


def _aggregate(rows: Sequence[Row], aggregation: Aggregation) -> Decimal | None:
    match aggregation.kind:
        case Kind.DISTINCT:
            return Decimal(len(entries)) if (entries := _entries(rows, aggregation.of)) else None
        case Kind.REPEAT:
            entries = _entries(rows, aggregation.of)
            often = [entry for entry, of_entry in entries.items() if _has(of_entry, aggregation)]
            return Decimal(len(often)) if entries else None
        case Kind.MEDIAN:
            return percentile(rows, Decimal("0.5"))
        case Kind.PERCENTILE:
            return percentile(rows, aggregation.fraction)
    parts = parts_of(rows)
    return None if parts is None else parts.value(aggregation.kind)


def percentile(rows: Iterable[Row], fraction: Decimal) -> Decimal | None:
    """The value at `fraction` (0 to 1) of the way through the sorted values, interpolated between neighbours.

    As `percentile_cont` of SQL:2003, Hyndman and Fan (1996), type 7.
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"a percentile at {fraction}")
    values = sorted(row.value for row in rows if row.value is not None)
    if not values:
        return None
    place = _EXACT.multiply(fraction, Decimal(len(values) - 1))
    below = int(place)
    above = min(below + 1, len(values) - 1)
    step = _EXACT.multiply(_EXACT.subtract(values[above], values[below]), _EXACT.subtract(place, Decimal(below)))
    return _CONTEXT.add(values[below], step)


def _entries(rows: Iterable[Row], dimension: str) -> dict[str, list[Row]]:
    """The rows of each entry of a dimension; a missing entry is none."""
    entries: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        entry = row.dims.get(dimension)
        if entry is not None:
            entries[entry].append(row)
    return dict(entries)


def _has(rows: Iterable[Row], aggregation: Aggregation) -> bool:
    return len(_entries(rows, aggregation.per)) >= aggregation.at_least


def _total(values: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = _EXACT.add(total, value)
    return total


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"{instant} has no timezone")
    return instant.astimezone(UTC)
