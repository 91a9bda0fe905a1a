"""How warm a value is among its fellows: by rank, so that one extraordinary day does not make all others alike."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

LEVELS = 5


def heat(values: Sequence[Decimal | None]) -> list[int | None]:
    """A level from 1 to LEVELS for each value, by the share of values below it; None for none.

    Equal values are equally warm. Where all are equal, all stand in the middle.
    """
    known = sorted(value for value in values if value is not None)
    if not known:
        return [None] * len(values)
    if known[0] == known[-1]:
        return [None if value is None else (LEVELS + 1) // 2 for value in values]
    return [None if value is None else bisect_left(known, value) * LEVELS // len(known) + 1 for value in values]
