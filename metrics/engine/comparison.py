"""A series against the series it is compared with: the period before, or the same period of last year.

The relative change is (value - base) / |base|: its sign always tells which way the value moved, for bases below 0 too
(from -100 to -50 is +50 %). It is None for a base of 0, where any change is infinitely large.

A running period holds part of its data only. It is compared with the same elapsed part of its base (`elapsed_part` says
which instants that is), or not at all: never with the whole.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal
from enum import StrEnum

from metrics.engine.status import Direction, distance_from_range

_CONTEXT = Context(prec=34)


class Verdict(StrEnum):
    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


class NoChange(StrEnum):
    """Why a change, or only its relative form (BASE_ZERO), cannot be given."""

    NO_VALUE = "no_value"
    NO_BASE = "no_base"
    BASE_ZERO = "base_zero"
    PARTIAL = "partial"


@dataclass(frozen=True)
class Change:
    """`base` is what was compared with: of a running period its elapsed part. `relative` is a ratio, 0.1 for +10 %."""

    value: Decimal | None
    base: Decimal | None
    absolute: Decimal | None = None
    relative: Decimal | None = None
    verdict: Verdict = Verdict.NEUTRAL
    no_change: NoChange | None = None


@dataclass(frozen=True)
class Goal:
    """What counts as better. In a range, to come nearer to it; with no bound given every change is neutral."""

    direction: Direction
    low: Decimal | None = None
    high: Decimal | None = None

    def verdict(self, value: Decimal, base: Decimal) -> Verdict:
        if self.direction is Direction.IN_RANGE:
            gain = distance_from_range(base, self.low, self.high) - distance_from_range(value, self.low, self.high)
        else:
            gain = value - base if self.direction is Direction.HIGHER else base - value
        if gain == 0:
            return Verdict.NEUTRAL
        return Verdict.GOOD if gain > 0 else Verdict.BAD


def compare(
    values: Sequence[Decimal | None],
    bases: Sequence[Decimal | None],
    goal: Goal,
    *,
    running: Collection[int] = (),
    elapsed_bases: Mapping[int, Decimal | None] | None = None,
) -> list[Change]:
    """The change at each position; None is a missing value.

    running: positions whose period has not ended; elapsed_bases: for these, the base up to the same elapsed part. A
    running position without one gets no change. Raises ValueError when the lengths differ.
    """
    elapsed = elapsed_bases or {}
    changes = []
    for at, (value, base) in enumerate(zip(values, bases, strict=True)):
        if at in running and at not in elapsed:
            changes.append(Change(value, None, no_change=NoChange.PARTIAL))
        else:
            changes.append(change(value, elapsed[at] if at in running else base, goal))
    return changes


def change(value: Decimal | None, base: Decimal | None, goal: Goal) -> Change:
    """The change from `base` to `value`."""
    if value is None:
        return Change(value, base, no_change=NoChange.NO_VALUE)
    if base is None:
        return Change(value, base, no_change=NoChange.NO_BASE)
    absolute = _CONTEXT.subtract(value, base)
    verdict = goal.verdict(value, base)
    if base == 0:
        return Change(value, base, absolute, None, verdict, NoChange.BASE_ZERO)
    return Change(value, base, absolute, _CONTEXT.divide(absolute, abs(base)), verdict)


def elapsed_part(
    period: tuple[datetime, datetime], base_period: tuple[datetime, datetime], *, as_of: datetime
) -> tuple[datetime, datetime]:
    """The part of `base_period` that corresponds to what has passed of `period` at `as_of`, by the clock on the wall.

    On 15 March at 10:00 of a month: up to 15 February at 10:00. Never past the end of the base period (31 March: all of
    February), and all of it once `period` has ended. Times are in the zone of the calendar; raises ValueError for
    naive ones and for an `as_of` before the start.
    """
    (start, end), (base_start, base_end) = period, base_period
    zone = start.tzinfo
    if zone is None or base_start.tzinfo is None or as_of.tzinfo is None:
        raise ValueError("times need a timezone")
    if as_of.astimezone(UTC) < start.astimezone(UTC):
        raise ValueError(f"{as_of} is before the period, which starts at {start}")
    if as_of.astimezone(UTC) >= end.astimezone(UTC):
        return base_period
    on_the_wall = as_of.astimezone(zone).replace(tzinfo=None) - start.replace(tzinfo=None)
    cut = base_start + on_the_wall
    return base_start, min(cut, base_end, key=lambda instant: instant.astimezone(UTC))
