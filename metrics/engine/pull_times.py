"""When a source is asked again, and how long a failing one is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from organization.engine.local_time import local_day, wall_instant

MINUTES = {"quarter_hour": 15, "hour": 60}
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MOST_FAILURES = 10
LONGEST_WAIT = timedelta(hours=6)


def next_time(every: str, at: str, *, after: datetime, timezone: str) -> datetime:
    """The first slot later than `after`. every: quarter_hour, hour or day; at: the local time "HH:MM" of a daily one."""
    if every in MINUTES:
        step = timedelta(minutes=MINUTES[every])
        return EPOCH + ((after - EPOCH) // step + 1) * step
    clock, day = time.fromisoformat(at), local_day(after, timezone)
    found = wall_instant(day, clock, timezone)
    return found if found > after else wall_instant(day + timedelta(days=1), clock, timezone)


def wait_after(failures: int) -> timedelta:
    """How long to wait after the nth failure in a row: 1, 2, 4 ... minutes, up to six hours."""
    return min(timedelta(minutes=2 ** min(failures - 1, 20)), LONGEST_WAIT)
