"""When the company sells: week, year, holidays and sales festivals, as a factor a day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MONTHS = 18
# First days of the lunar years; facts of the calendar.
LUNAR_NEW_YEARS = tuple(
    map(
        date.fromisoformat,
        (
            *("2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13"),
            *("2030-02-03", "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08", "2036-01-28"),
        ),
    )
)
WEEKDAYS = (0.94, 0.92, 0.95, 0.98, 1.08, 1.14, 0.99)
YEAR = (1.0, 0.92, 1.02, 1.0, 1.03, 1.06, 0.95, 0.96, 1.04, 1.05, 1.16, 1.02)
GROWTH_A_YEAR = 0.13
HOURS = {
    "online": (2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 10, 9, 8, 8, 8, 8, 9, 12, 16, 17, 12, 6),
    "day": (0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 9, 9, 7, 7, 9, 10, 10, 9, 8, 7, 5, 2, 0, 0),
}


def first_day(as_of: date, months: int = MONTHS) -> date:
    """The first of the month that lies `months` before the one of `as_of`."""
    number = as_of.year * 12 + as_of.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def days_until(as_of: date, months: int = MONTHS) -> list[date]:
    """Every day of the sample, `as_of` included."""
    start = first_day(as_of, months)
    return [start + timedelta(days=n) for n in range((as_of - start).days + 1)]


def demand(days: list[date]) -> Floats:
    """How much is bought on each day; about 1 on an ordinary one at the beginning."""
    factors = [
        WEEKDAYS[day.weekday()] * YEAR[day.month - 1] * _festival(day) * (1 + GROWTH_A_YEAR) ** (number / 365)
        for number, day in enumerate(days)
    ]
    return np.array(factors)


def congestion(days: list[date]) -> Floats:
    """How crowded the roads are: the share of deliveries that festivals add to the late ones."""
    return np.array([_congestion(day) for day in days])


def hour_shares(kind: str) -> Floats:
    """The share of each hour of a day."""
    shares = np.array(HOURS[kind], dtype=float)
    return shares / shares.sum()


def _festival(day: date) -> float:
    until_new_year = min(((day - first).days for first in LUNAR_NEW_YEARS), key=abs)
    if -3 <= until_new_year <= 7:
        return 0.32
    if -16 <= until_new_year < -3:
        return 1.22
    peaks = {(11, 9): 1.3, (11, 10): 1.7, (11, 11): 3.4, (11, 12): 1.7, (11, 13): 1.3, (6, 17): 1.4, (6, 18): 2.3}
    return peaks.get((day.month, day.day), 1.0)


def _congestion(day: date) -> float:
    until_new_year = min(((day - first).days for first in LUNAR_NEW_YEARS), key=abs)
    if -8 <= until_new_year <= 10:
        return 0.10
    return 0.06 if (day.month == 11 and 11 <= day.day <= 18) or (day.month == 6 and 18 <= day.day <= 22) else 0.0
