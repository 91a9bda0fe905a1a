"""Cohorts: who came first together, and how many of them were there again in each later period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from metrics.engine.shares import CONTEXT


@dataclass(frozen=True)
class Cohort:
    """size: how many came first in its period. counts, shares: by age from 1 on, as far as there are periods."""

    place: int
    size: int
    counts: tuple[int, ...]
    shares: tuple[Decimal | None, ...]


def cohorts(found: Mapping[tuple[int, int], int], periods: int) -> list[Cohort]:
    """The cohorts of `periods` consecutive periods.

    found: (period of the first occurrence, age) -> how many; age 0 is the first period itself. What is missing is none.
    """
    made = []
    for place in range(periods):
        size = found.get((place, 0), 0)
        counts = tuple(found.get((place, age), 0) for age in range(1, periods - place))
        shares = tuple(CONTEXT.divide(Decimal(count), Decimal(size)) if size else None for count in counts)
        made.append(Cohort(place, size, counts, shares))
    return made


def average_shares(made: list[Cohort], complete: int) -> list[Decimal | None]:
    """Of all cohorts together, the share that was there again at each age from 1 on.

    complete: how many of the periods are over; a running one counts for no average.
    """
    averages: list[Decimal | None] = []
    for age in range(1, len(made)):
        reaching = [cohort for cohort in made if cohort.place + age < complete]
        size = sum(cohort.size for cohort in reaching)
        back = sum(cohort.counts[age - 1] for cohort in reaching)
        averages.append(CONTEXT.divide(Decimal(back), Decimal(size)) if size else None)
    return averages
