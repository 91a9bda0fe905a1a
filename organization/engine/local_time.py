"""Where local days begin, in UTC. Every other module asks here; nobody else turns a local date into an instant.

Zones do odd things at midnight: it may be skipped (Sao Paulo, Beirut, Cairo), come twice (Havana), come twice with an
hour of the day before in between (St. John's until 2011), and a whole date may be missing (Apia, 30 December 2011).
One definition covers all: **a day begins once no later instant shows an earlier date**. Days then tile time.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_INSTANT = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


class UnknownTimezone(ValueError):
    """The name is not an IANA time zone."""


@lru_cache(maxsize=128)
def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises UnknownTimezone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimezone(f"{name!r} is not a time zone.") from error


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime: guessing its zone would hide a bug."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone.")
    return instant.astimezone(UTC)


def day_start(day: date, timezone: str) -> datetime:
    """First instant of the local `day`, in UTC. Equal to the start of the next day where the zone skipped the date."""
    first, starts = _day_starts(timezone, day.year)
    return starts[day.toordinal() - first]


def local_day(instant: datetime, timezone: str) -> date:
    """The local day of `instant`: the date on the clock, or the day before after a midnight that is yet undone."""
    day = instant.astimezone(zone(timezone)).date()
    while instant < day_start(day, timezone):
        day -= timedelta(days=1)
    return day


def wall_instant(day: date, at: time, timezone: str) -> datetime:
    """The instant in UTC when the clock on `day` reaches `at`.

    Never falls as `at` rises, and stays within the day: a time that comes twice means the first, a time that is skipped
    means the end of the gap.
    """
    opens, closes = day_start(day, timezone), day_start(day + timedelta(days=1), timezone)
    if at == time.min:
        return opens
    tz = zone(timezone)
    first, second = _both_instants(datetime.combine(day, at.replace(fold=0)), tz)
    instant = _first_change(second, first, tz) if first > second else first
    return min(max(instant, opens), closes)


def offset_runs(start: datetime, end: datetime, timezone: str) -> list[tuple[datetime, datetime, timedelta]]:
    """Cut [start, end) where the UTC offset changes: (start, end, offset). Meant for spans of about a day.

    Two changes within one day that cancel each other out would be missed; the tz database has none.
    """
    tz = zone(timezone)
    runs = []
    while start < end:
        offset = _offset(start, tz)
        last = end - _INSTANT
        stop = end if _offset(last, tz) == offset else _first_change(start, last, tz)
        runs.append((start, stop, offset))
        start = stop
    return runs


@lru_cache(maxsize=512)
def _day_starts(timezone: str, year: int) -> tuple[int, tuple[datetime, ...]]:
    tz = zone(timezone)
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return first, tuple(_find_day_start(date.fromordinal(number), tz) for number in range(first, last + 1))


def _find_day_start(day: date, tz: ZoneInfo) -> datetime:
    first, second = _both_instants(datetime.combine(day, time.min), tz)
    if first == second:
        return first
    if first > second:
        return _first_change(second, first, tz)
    # Midnight comes twice. If the day before is shown in between, only the second midnight leaves it for good.
    return second if (second - _INSTANT).astimezone(tz).date() < day else first


def _both_instants(wall: datetime, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """The two readings of a naive local time (PEP 495): equal; rising if it comes twice, falling if it is skipped."""
    before = wall - cast(timedelta, tz.utcoffset(wall))
    after = wall - cast(timedelta, tz.utcoffset(wall.replace(fold=1)))
    return before.replace(tzinfo=UTC), after.replace(tzinfo=UTC)


def _offset(instant: datetime, tz: ZoneInfo) -> timedelta:
    return cast(timedelta, instant.astimezone(tz).utcoffset())


def _first_change(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    """The instant in (low, high] where the offset leaves that of `low`; offsets change on whole seconds."""
    offset = _offset(low, tz)
    before, after = 0, -(-(high - low) // _SECOND)
    low = low.replace(microsecond=0)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(low + middle * _SECOND, tz) == offset:
            before = middle
        else:
            after = middle
    return low + after * _SECOND
