"""When something that comes again comes next, by the organization's clock and working calendar."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from organization.engine.local_time import local_day, wall_instant

DAYS_AHEAD = 800


class NeverAgain(ValueError):
    """No such day within two years: a calendar without working days."""


@dataclass(frozen=True, slots=True)
class Times:
    """A rhythm: `daily`, `workdays`, `weekly` on `weekday` (0 is Monday), `monthly` on `month_day`, or `first_workday`.

    month_day: the last day of a month that is shorter. at: wall-clock time in `timezone`, an IANA name.
    """

    rhythm: str
    at: time
    timezone: str
    weekday: int = 0
    month_day: int = 1


def next_time(times: Times, after: datetime, is_working: Callable[[date], bool]) -> datetime:
    """The first instant after `after`, in UTC. A time that the clock skips is the end of the gap; one that comes twice,
    the first. Raises NeverAgain."""
    first = local_day(after, times.timezone)
    for day in _days(first):
        if _fits(times, day, is_working):
            instant = wall_instant(day, times.at, times.timezone)
            if instant > after:
                return instant
    raise NeverAgain


def _days(first: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range(DAYS_AHEAD))


def _fits(times: Times, day: date, is_working: Callable[[date], bool]) -> bool:
    if times.rhythm == "daily":
        return True
    if times.rhythm == "workdays":
        return is_working(day)
    if times.rhythm == "weekly":
        return day.weekday() == times.weekday
    if times.rhythm == "monthly":
        return day.day == min(times.month_day, monthrange(day.year, day.month)[1])
    if times.rhythm == "first_workday":
        return is_working(day) and not any(is_working(day.replace(day=earlier)) for earlier in range(1, day.day))
    raise ValueError(times.rhythm)
