"""When runs start by plan (P14): a recurrence, a time of day, and what a day off does to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from organization.engine.local_time import local_day, wall_instant, zone
from organization.engine.working_time import NoWorkingTime, WorkingCalendar, add_working_days
from processes.engine.recurrence import Recurrence

_DAY = timedelta(days=1)
_SEARCH = timedelta(days=3660)


class DayOff(StrEnum):
    """What happens when a planned day is a day off."""

    KEEP = "keep"
    SKIP = "skip"
    NEXT = "next"
    PREVIOUS = "previous"


class Clock(StrEnum):
    """How the time of day stands on that day: SKIPPED where the clocks go forward over it, the start is then at the end of
    the gap; TWICE where they go back over it, the first is then meant."""

    ONCE = "once"
    SKIPPED = "skipped"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class StartPlan:
    """working_day: the n-th working day of each period of the rule instead of its days, -1 the last; 0 for none.

    `FREQ=MONTHLY` with working_day 1 is “every first working day of the month”; `FREQ=DAILY` with SKIP “every working day”.
    """

    rule: Recurrence
    at: time
    starts_on: date
    ends_on: date | None = None
    day_off: DayOff = DayOff.KEEP
    working_day: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """A start: the instant in UTC, the local day, the day that the rule named, and what the clock does there."""

    at: datetime
    on: date
    planned_on: date
    clock: Clock = Clock.ONCE

    @property
    def is_shifted(self) -> bool:
        """Whether a day off moved it."""
        return self.on != self.planned_on


def next_starts(plan: StartPlan, calendar: WorkingCalendar, after: datetime, count: int) -> list[Start]:
    """The next `count` starts later than `after`, in order; fewer where the plan ends, or has none in ten years.

    Two planned days that move to the same working day are one start.
    """
    today = local_day(after, calendar.timezone)
    found: dict[date, Start] = {}
    for planned, day in _days(plan, calendar, today):
        if len(found) >= count and planned > max(found) + 31 * _DAY:
            break
        start = Start(
            wall_instant(day, plan.at, calendar.timezone), day, planned, clock_on(day, plan.at, calendar.timezone)
        )
        if start.at > after:
            found.setdefault(day, start)
    return [found[day] for day in sorted(found)][:count]


def clock_on(day: date, at: time, timezone: str) -> Clock:
    """Whether that time comes once, twice or not at all on that day (PEP 495)."""
    wall = datetime.combine(day, at, zone(timezone))
    first, second = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    if first is None or second is None or first == second:
        return Clock.ONCE
    return Clock.SKIPPED if first < second else Clock.TWICE


def _days(plan: StartPlan, calendar: WorkingCalendar, today: date) -> Iterator[tuple[date, date]]:
    """(planned, real) days from a little before `today` on, by planned day; days may have moved either way."""
    last = min(plan.ends_on or date.max, today + _SEARCH)
    days = plan.rule.periods if plan.working_day else plan.rule.days
    for planned in days(plan.starts_on, last):
        if planned < today - 400 * _DAY:
            continue
        day = _nth_working_day(plan, calendar, planned) if plan.working_day else _moved(plan, calendar, planned)
        if day is not None and plan.starts_on <= day <= (plan.ends_on or day):
            yield (day if plan.working_day else planned), day


def _nth_working_day(plan: StartPlan, calendar: WorkingCalendar, planned: date) -> date | None:
    """The n-th working day of the period around `planned`; None where it has not so many."""
    opens, closes = plan.rule.period(planned)
    days = [opens + number * _DAY for number in range((closes - opens).days)]
    working = [day for day in days if calendar.is_working_day(day)]
    place = plan.working_day - 1 if plan.working_day > 0 else len(working) + plan.working_day
    return working[place] if 0 <= place < len(working) else None


def _moved(plan: StartPlan, calendar: WorkingCalendar, planned: date) -> date | None:
    if plan.day_off is DayOff.KEEP or calendar.is_working_day(planned):
        return planned
    if plan.day_off is DayOff.SKIP:
        return None
    try:
        return add_working_days(calendar, planned, 1 if plan.day_off is DayOff.NEXT else -1)
    except NoWorkingTime:
        return None
