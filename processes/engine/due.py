"""When a step or a run is due (P1), by the working calendar (P2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from organization.engine.local_time import as_utc, day_start, local_day, wall_instant, zone
from organization.engine.working_time import (
    NoWorkingTime,
    WorkingCalendar,
    add_working_days,
    add_working_time,
    is_provisional,
)
from processes.engine.content import Direction, DueOrigin, DueRule, DueUnit

_LAST_MINUTE = time(23, 59)
_SECONDS = {
    DueUnit.MINUTES: 60,
    DueUnit.HOURS: 3600,
    DueUnit.WORKING_MINUTES: 60,
    DueUnit.WORKING_HOURS: 3600,
}
_WORKING = frozenset({DueUnit.WORKING_MINUTES, DueUnit.WORKING_HOURS, DueUnit.WORKING_DAYS})


@dataclass(frozen=True, slots=True)
class DueFacts:
    """What due rules count from. dates: answers of date fields; finished: when steps were done; both by key."""

    run_start: datetime
    run_due: datetime | None = None
    dates: Mapping[str, date] = field(default_factory=dict)
    finished: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """A due instant in UTC and where it comes from.

    rule: the rule that gave it. counted_from: what it counted from. is_provisional: it lies beyond the official list of days
    off, so it may still move. without_calendar: the calendar knows too little working time, so plain time was counted.
    """

    at: datetime
    rule: DueRule
    counted_from: datetime | date
    is_provisional: bool = False
    without_calendar: bool = False


def due(rule: DueRule, facts: DueFacts, calendar: WorkingCalendar) -> Due | None:
    """When it is due; None while what the rule counts from is not known.

    Minutes and hours count from the instant, or from the first instant of a date. Days lead to the same time on the clock,
    from a date to its last minute; working days lead to the close of work. 0 working days before or after a day off is the
    nearest working day on that side. Where the calendar runs out, plain time is counted instead.
    """
    origin = _origin(rule, facts)
    if origin is None:
        return None
    try:
        at, without = _counted(rule, origin, calendar), False
    except NoWorkingTime:
        at, without = _counted_plainly(rule, origin, calendar), True
    last = local_day(at, calendar.timezone)
    provisional = rule.unit in _WORKING and not without and is_provisional(calendar, last)
    return Due(at, rule, origin, provisional, without)


def _origin(rule: DueRule, facts: DueFacts) -> datetime | date | None:
    if rule.origin is DueOrigin.RUN_START:
        return as_utc(facts.run_start)
    if rule.origin is DueOrigin.RUN_DUE:
        return facts.run_due and as_utc(facts.run_due)
    if rule.origin is DueOrigin.FIELD:
        return facts.dates.get(rule.field)
    done = facts.finished.get(rule.step)
    return done and as_utc(done)


def _counted(rule: DueRule, origin: datetime | date, calendar: WorkingCalendar) -> datetime:
    sign = -1 if rule.direction is Direction.BEFORE else 1
    if rule.unit is DueUnit.WORKING_DAYS:
        start = local_day(origin, calendar.timezone) if isinstance(origin, datetime) else origin
        amount = sign * rule.amount
        if amount == 0 and sign < 0 and not calendar.is_working_day(start):
            amount = -1
        return calendar.intervals_on(add_working_days(calendar, start, amount))[-1][1]
    if rule.unit in _WORKING:
        seconds = sign * rule.amount * _SECONDS[rule.unit]
        return add_working_time(calendar, _instant(origin, calendar), seconds)
    return _counted_plainly(rule, origin, calendar)


def _counted_plainly(rule: DueRule, origin: datetime | date, calendar: WorkingCalendar) -> datetime:
    amount = -rule.amount if rule.direction is Direction.BEFORE else rule.amount
    if rule.unit not in (DueUnit.DAYS, DueUnit.WORKING_DAYS):
        return _instant(origin, calendar) + timedelta(seconds=amount * _SECONDS[rule.unit])
    if isinstance(origin, datetime):
        local = origin.astimezone(zone(calendar.timezone))
        if amount == 0:
            return origin
        return wall_instant(local.date() + timedelta(days=amount), local.time(), calendar.timezone)
    return wall_instant(origin + timedelta(days=amount), _LAST_MINUTE, calendar.timezone)


def _instant(origin: datetime | date, calendar: WorkingCalendar) -> datetime:
    return origin if isinstance(origin, datetime) else day_start(origin, calendar.timezone)
