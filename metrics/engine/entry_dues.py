"""When a figure that people enter is due, and where its cell stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from organization.engine.local_time import day_start
from organization.engine.periods import Period
from organization.engine.working_time import NoWorkingTime, WorkingCalendar, add_working_days

DAY = timedelta(days=1)


class CellState(StrEnum):
    """Where a cell stands. RUNNING: its period is not over, so nothing is owed."""

    FILLED = "filled"
    WAIVED = "waived"
    RUNNING = "running"
    MISSING = "missing"
    OVERDUE = "overdue"


def due_at(period: Period, days: int, calendar: WorkingCalendar) -> datetime:
    """The close of work on the n-th working day after the last day of the period; plain days where no work is known."""
    try:
        due_on = add_working_days(calendar, period.last_on, days)
    except NoWorkingTime:
        due_on = period.last_on + days * DAY
    opened = calendar.intervals_on(due_on)
    return opened[-1][1] if opened else day_start(due_on + DAY, calendar.timezone)


def state_of(period: Period, *, due: datetime, is_filled: bool, is_waived: bool, as_of: datetime) -> CellState:
    """The state of a cell at `as_of`."""
    if is_waived:
        return CellState.WAIVED
    if is_filled:
        return CellState.FILLED
    if period.end > as_of:
        return CellState.RUNNING
    return CellState.OVERDUE if as_of > due else CellState.MISSING
