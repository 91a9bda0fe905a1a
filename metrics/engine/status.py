"""Is a value on track? Traffic light and attainment of one value against one target.

The distance of a value is how far it lies on the wrong side of its target, 0 on the right side:

    higher    target - value
    lower     value - target
    in_range  low - value, or value - high; a missing bound is open

and margins tell how much of it is borne, edges included:

    no margin             distance 0: on track, else off track
    one margin m          0: on track; up to m: warning; beyond: off track
    amber a and red r     up to a: on track; up to r: warning; beyond: off track

A margin is an amount in the KPI's unit or a share (0.1 for 10 %) of the target's size |target|, so it widens the
right way for targets below 0 too. Of a range it is a share of the width; of a range with one bound, or of width 0, a
share of the bound's size. A share of 0 means nothing: such a margin is left out, and the assessment says so.
"""

from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum

_CONTEXT = Context(prec=34)
_ZERO = Decimal(0)


class Direction(StrEnum):
    """Which way a KPI should go."""

    HIGHER = "higher"
    LOWER = "lower"
    IN_RANGE = "in_range"


class Status(StrEnum):
    ON_TRACK = "on_track"
    WARNING = "warning"
    OFF_TRACK = "off_track"
    UNKNOWN = "unknown"


class StatusReason(StrEnum):
    """Why the status is what it is."""

    MET = "met"
    WITHIN_MARGIN = "within_margin"
    BEYOND_MARGIN = "beyond_margin"
    NO_VALUE = "no_value"
    NO_TARGET = "no_target"


class NoAttainment(StrEnum):
    """Why there is no attainment ratio."""

    NO_VALUE = "no_value"
    NO_TARGET = "no_target"
    RANGE = "range"
    TARGET_NOT_POSITIVE = "target_not_positive"
    VALUE_NOT_POSITIVE = "value_not_positive"


@dataclass(frozen=True)
class Margin:
    """An amount in the KPI's unit or, with `is_share`, a share of the target's size; never negative."""

    amount: Decimal
    is_share: bool = True

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or self.amount < 0:
            raise ValueError(f"a margin of {self.amount}")

    def width(self, base: Decimal) -> Decimal | None:
        """The margin in the KPI's unit; None for a share of 0."""
        if not self.is_share:
            return self.amount
        return _CONTEXT.multiply(self.amount, base) if base else None


@dataclass(frozen=True)
class Target:
    """`value` for higher and lower; `low` and `high`, either of which may be open, for in_range.

    Raises ValueError for a range upside down, an amber margin wider than the red one, or a share beside an amount.
    """

    direction: Direction
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    amber: Margin | None = None
    red: Margin | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"a range from {self.low} to {self.high}")
        if self.amber is not None and self.red is not None:
            if self.amber.is_share != self.red.is_share:
                raise ValueError("one margin is a share, the other an amount")
            if self.amber.amount > self.red.amount:
                raise ValueError(f"the amber margin {self.amber.amount} is wider than the red one {self.red.amount}")

    @property
    def is_set(self) -> bool:
        if self.direction is Direction.IN_RANGE:
            return self.low is not None or self.high is not None
        return self.value is not None


@dataclass(frozen=True)
class Assessment:
    """`distance`: how far on the wrong side, 0 when met; None when unknown.

    `margin_left_out`: a share of 0 was asked for. `attainment` is a ratio, 1 when the target is just met; where it
    would say nothing it is None and `no_attainment` says why.
    """

    status: Status
    reason: StatusReason
    distance: Decimal | None = None
    margin_left_out: bool = False
    attainment: Decimal | None = None
    no_attainment: NoAttainment | None = None


def assess(value: Decimal | None, target: Target | None) -> Assessment:
    """The status of `value` under `target`."""
    if target is None or not target.is_set:
        return Assessment(Status.UNKNOWN, StatusReason.NO_TARGET, no_attainment=NoAttainment.NO_TARGET)
    if value is None:
        return Assessment(Status.UNKNOWN, StatusReason.NO_VALUE, no_attainment=NoAttainment.NO_VALUE)
    distance, base = _distance(value, target)
    given = [margin.width(base) for margin in (target.amber, target.red) if margin is not None]
    widths = [width for width in given if width is not None]
    status, reason = _light(distance, widths)
    ratio, no_ratio = _attainment(value, target)
    return Assessment(status, reason, distance, len(widths) < len(given), ratio, no_ratio)


def distance_from_range(value: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    """How far `value` lies outside of the range; 0 within, edges included. A bound of None is open."""
    below = _ZERO if low is None else _CONTEXT.subtract(low, value)
    above = _ZERO if high is None else _CONTEXT.subtract(value, high)
    return max(below, above, _ZERO)


def _distance(value: Decimal, target: Target) -> tuple[Decimal, Decimal]:
    """The distance, and the size that margins are shares of."""
    match target.direction, target.value:
        case Direction.HIGHER, Decimal() as aim:
            return distance_from_range(value, aim, None), abs(aim)
        case Direction.LOWER, Decimal() as aim:
            return distance_from_range(value, None, aim), abs(aim)
    low, high = target.low, target.high
    distance = distance_from_range(value, low, high)
    if low is not None and high is not None and low < high:
        return distance, _CONTEXT.subtract(high, low)
    bound = high if low is None else low
    return distance, _ZERO if bound is None else abs(bound)


def _light(distance: Decimal, widths: list[Decimal]) -> tuple[Status, StatusReason]:
    amber, red = [_ZERO, _ZERO, *widths][-2:]
    if distance == 0:
        return Status.ON_TRACK, StatusReason.MET
    if distance <= amber:
        return Status.ON_TRACK, StatusReason.WITHIN_MARGIN
    if distance <= red:
        return Status.WARNING, StatusReason.WITHIN_MARGIN
    return Status.OFF_TRACK, StatusReason.BEYOND_MARGIN


def _attainment(value: Decimal, target: Target) -> tuple[Decimal | None, NoAttainment | None]:
    """value / target for higher, target / value for lower; only where both grow the same way from a true zero."""
    aim = target.value
    if target.direction is Direction.IN_RANGE or aim is None:
        return None, NoAttainment.RANGE
    if aim <= 0:
        return None, NoAttainment.TARGET_NOT_POSITIVE
    if target.direction is Direction.HIGHER:
        return _CONTEXT.divide(value, aim), None
    if value <= 0:
        return None, NoAttainment.VALUE_NOT_POSITIVE
    return _CONTEXT.divide(aim, value), None
