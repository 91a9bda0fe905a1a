"""How warm a value is among its fellows: equal steps between the smallest and the largest."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

LEVELS = 5


def heat(values: Sequence[Decimal | None]) -> list[int | None]:
    """A level from 1 to LEVELS for each value; None for none. Where all are equal, all stand in the middle."""
    known = [value for value in values if value is not None]
    if not known:
        return [None] * len(values)
    low, high = min(known), max(known)
    if low == high:
        return [None if value is None else (LEVELS + 1) // 2 for value in values]
    return [
        None if value is None else min(int((value - low) * LEVELS / (high - low)), LEVELS - 1) + 1 for value in values
    ]
