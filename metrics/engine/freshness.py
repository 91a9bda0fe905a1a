"""Is the newest value the answer, still growing, awaited, or overdue?

A period is (start, end), start included, end not. At its end it stops running; its value is due `due_after` later,
and at that very instant it is not late yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

Period = tuple[datetime, datetime]


class State(StrEnum):
    """The state of one period.

    CURRENT has ended and has data; PARTIAL has not ended; WAITING has ended without data and is not due yet; STALE is
    past due: "no value since" stands in place of its number.
    """

    CURRENT = "current"
    PARTIAL = "partial"
    WAITING = "waiting"
    STALE = "stale"


@dataclass(frozen=True)
class Freshness:
    """What a tile says of a KPI.

    `period` is the one that decides: the number of it is shown, or is awaited, or is missing. `since` is the last
    instant with data (None: there never was any). `due_at` is when the value of `period` is, or was, due.
    """

    state: State
    period: Period
    since: datetime | None
    due_at: datetime


def due_at(period: Period, due_after: timedelta) -> datetime:
    """The instant, in UTC, at which the value of `period` is due. Raises ValueError for a negative `due_after`."""
    if due_after < timedelta(0):
        raise ValueError(f"a value cannot be due {due_after} after the end of its period")
    # Added to the clock on the wall, an hour would be lost or won where the clocks change.
    return _utc(period[1]) + due_after


def period_state(
    period: Period, *, last_data_at: datetime | None, as_of: datetime, due_after: timedelta = timedelta(0)
) -> State:
    """The state of one period at the instant `as_of`. Data of a later period also shows that the period was reported.

    Raises ValueError for naive times and periods that end before they start.
    """
    start, end = map(_utc, period)
    if end <= start:
        raise ValueError(f"the period from {start} to {end}")
    now = _utc(as_of)
    if now < end:
        return State.PARTIAL
    if last_data_at is not None and _utc(last_data_at) >= start:
        return State.CURRENT
    return State.WAITING if now <= due_at(period, due_after) else State.STALE


def freshness(
    periods: Sequence[Period], *, last_data_at: datetime | None, as_of: datetime, due_after: timedelta = timedelta(0)
) -> Freshness | None:
    """The freshness of a KPI from its periods (of the grain in which it is due, oldest first, without gaps).

    An overdue period decides before all others, the oldest one first; else the running period if it has data or is the
    first; else the newest that has ended. None when no period has begun.
    """
    now = _utc(as_of)
    begun = [period for period in periods if _utc(period[0]) <= now]
    states = [period_state(p, last_data_at=last_data_at, as_of=as_of, due_after=due_after) for p in begun]
    if not begun:
        return None
    if State.STALE in states:
        at = states.index(State.STALE)
    elif states[-1] is State.PARTIAL and (last_data_at is None or _utc(last_data_at) < _utc(begun[-1][0])):
        at = max(len(begun) - 2, 0)
    else:
        at = len(begun) - 1
    return Freshness(states[at], begun[at], last_data_at, due_at(begun[at], due_after))


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"{instant} has no timezone")
    return instant.astimezone(UTC)
