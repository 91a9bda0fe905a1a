"""Counting in working days and working seconds: due dates, answer clocks, durations, alerts.

One set of functions for all of them, on one `WorkingCalendar`, so that two pages never disagree on what is overdue.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from organization.engine.local_time import as_utc, local_day
from organization.engine.working_calendar import (
    DayException,
    DayKind,
    InvalidCalendar,
    Ranges,
    TimeRange,
    WorkingCalendar,
)

__all__ = [
    "DayException",
    "DayKind",
    "InvalidCalendar",
    "NoWorkingTime",
    "Ranges",
    "TimeRange",
    "WorkingCalendar",
    "add_working_days",
    "add_working_time",
    "is_provisional",
    "is_working_day",
    "working_days_between",
    "working_ranges",
    "working_seconds",
]

Interval = tuple[datetime, datetime]

_DAY = timedelta(days=1)
# A range opens at most a day before it closes: an instant can lie in one of its own day, of the day before, or, where
# clocks or dates jump, of the one before that.
_REACH = 2 * _DAY


class NoWorkingTime(ValueError):
    """The calendar has no working time in the direction that was asked."""


def is_working_day(cal: WorkingCalendar, day: date) -> bool:
    """Whether work opens on the local date `day`."""
    return cal.is_working_day(day)


def is_provisional(cal: WorkingCalendar, day: date) -> bool:
    """Whether `day` lies beyond the official list, so that a date reckoned to it may still move."""
    return cal.known_until is not None and day > cal.known_until


def add_working_days(cal: WorkingCalendar, day: date, n: int) -> date:
    """The n-th working day after `day`, or before it for a negative `n`; `day` itself is not counted.

    0 gives `day` when it is a working day, else the next one. Raises NoWorkingTime when there are not that many.
    """
    if n == 0 and cal.is_working_day(day):
        return day
    for count, found in enumerate(_working_days(cal, day, forward=n >= 0), start=1):
        if count >= abs(n):
            return found
    raise NoWorkingTime(f"The calendar has no {abs(n)} working days {'after' if n >= 0 else 'before'} {day}.")


def working_days_between(cal: WorkingCalendar, a: date, b: date) -> int:
    """How many working days lead from `a` to `b`: those after `a`, up to and including `b`; negative backwards.

    The inverse of `add_working_days`: adding the answer to `a` gives `b` whenever `b` is a working day.
    """
    step = _DAY if b > a else -_DAY
    count = sum(cal.is_working_day(a + step * number) for number in range(1, abs((b - a).days) + 1))
    return count if b > a else -count


def working_ranges(cal: WorkingCalendar, start: datetime, end: datetime) -> list[Interval]:
    """Working time within [start, end) as UTC intervals in order, joined where they touch. Empty when end <= start."""
    start, end = as_utc(start), as_utc(end)
    found: list[Interval] = []
    for opens, closes in _intervals(cal, start, end):
        opens, closes = max(opens, start), min(closes, end)
        if found and found[-1][1] == opens:
            found[-1] = (found[-1][0], closes)
        else:
            found.append((opens, closes))
    return found


def working_seconds(cal: WorkingCalendar, a: datetime, b: datetime) -> int:
    """Working seconds from `a` to `b`, negative when `b` is earlier.

    Both instants count from their whole second, so that the parts of a span add up to the span exactly.
    """
    a, b = as_utc(a).replace(microsecond=0), as_utc(b).replace(microsecond=0)
    if b < a:
        return -working_seconds(cal, b, a)
    worked = sum(((min(closes, b) - max(opens, a)) for opens, closes in _intervals(cal, a, b)), timedelta())
    return worked // timedelta(seconds=1)


def add_working_time(cal: WorkingCalendar, instant: datetime, seconds: int) -> datetime:
    """The instant, in UTC, that lies `seconds` of working time after `instant`; before it for a negative number.

    The answer is the nearest such instant. Forward, time that runs out as work closes ends at the closing (Monday
    17:00, not Tuesday 09:00); backward, it ends at the opening (09:00, not 17:00 of the day before). 0 gives `instant`.
    Raises NoWorkingTime when the calendar does not have that much.
    """
    instant = as_utc(instant)
    left = timedelta(seconds=abs(seconds))
    if not left:
        return instant
    day = local_day(instant, cal.timezone)
    if seconds > 0:
        for opens, closes in _forward(cal, day - _REACH):
            opens = max(opens, instant)
            if opens + left <= closes:
                return opens + left
            left -= max(closes - opens, timedelta())
    else:
        for opens, closes in _backward(cal, day):
            closes = min(closes, instant)
            if closes - left >= opens:
                return closes - left
            left -= max(closes - opens, timedelta())
    direction = "after" if seconds > 0 else "before"
    raise NoWorkingTime(f"The calendar has less than {abs(seconds)} working seconds {direction} {instant.isoformat()}.")


def _working_days(cal: WorkingCalendar, day: date, *, forward: bool) -> Iterator[date]:
    """Working days beyond `day`, nearest first; ends where the calendar has none left."""
    if cal.working_span is None:
        return
    first, last = cal.working_span
    step = _DAY if forward else -_DAY
    # Nothing lies outside the span, so a calendar of a few dates is walked from the nearest of them.
    day = max(day, first - _DAY) if forward else min(day, last + _DAY)
    while (day < last) if forward else (day > first):
        day += step
        if cal.is_working_day(day):
            yield day


def _intervals(cal: WorkingCalendar, start: datetime, end: datetime) -> Iterator[Interval]:
    """Intervals of the calendar that overlap [start, end), whole."""
    if start >= end:
        return
    for opens, closes in _forward(cal, local_day(start, cal.timezone) - _REACH):
        if opens >= end:
            return
        if closes > start:
            yield opens, closes


def _forward(cal: WorkingCalendar, day: date) -> Iterator[Interval]:
    for found in _working_days(cal, day - _DAY, forward=True):
        yield from cal.intervals_on(found)


def _backward(cal: WorkingCalendar, day: date) -> Iterator[Interval]:
    for found in _working_days(cal, day + _DAY, forward=False):
        yield from reversed(cal.intervals_on(found))
