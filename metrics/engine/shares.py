"""Parts of a whole: how few of them make most of it (Pareto), and how many go on from step to step (a funnel)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

CONTEXT = Context(prec=34)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Pareto:
    """cumulated: up to each part, its share of the whole. vital: how many parts reach the line, 0 where none do."""

    cumulated: tuple[Decimal, ...]
    vital: int


@dataclass(frozen=True)
class Step:
    """of_first, of_previous: the value as a ratio of those steps' values; None where there is nothing to compare."""

    value: Decimal | None
    of_first: Decimal | None
    of_previous: Decimal | None


def pareto(values: Sequence[Decimal], whole: Decimal, line: Decimal) -> Pareto | None:
    """The shares of parts in the order given, largest first, and where they reach `line`, a ratio.

    None where shares mean nothing: a part below zero, or a whole that is not above it.
    """
    if whole <= 0 or any(value < 0 for value in values):
        return None
    reached, shares = ZERO, []
    for value in values:
        reached += value
        shares.append(CONTEXT.divide(reached, whole))
    vital = next((place for place, share in enumerate(shares, 1) if share >= line), 0)
    return Pareto(tuple(shares), vital)


def funnel(values: Sequence[Decimal | None]) -> list[Step]:
    """Each step with its rates, the first with none."""
    steps: list[Step] = []
    for place, value in enumerate(values):
        first, previous = (None, None) if place == 0 else (values[0], values[place - 1])
        steps.append(Step(value, _ratio(value, first), _ratio(value, previous)))
    return steps


def _ratio(value: Decimal | None, base: Decimal | None) -> Decimal | None:
    return None if value is None or not base else CONTEXT.divide(value, base)
