"""When work is done: a weekly pattern, days that differ from it, and how far ahead those days are known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from organization.engine.local_time import day_start, wall_instant, zone

TimeRange = tuple[time, time]
"""Opening and closing time. Closing at or before opening means the next day: 22:00-06:00, 09:00-00:00, 00:00-00:00."""

Ranges = tuple[TimeRange, ...]

_DAY = timedelta(days=1)
_DAY_SECONDS = 24 * 3600
# A year short of what a date can hold: local midnights out there have no UTC instant.
_FIRST, _LAST = date(2, 1, 1), date(9998, 12, 31)


class InvalidCalendar(ValueError):
    """The parts of a working calendar contradict each other; the message says which."""


class DayKind(StrEnum):
    """What an exceptional day is, whatever weekday it falls on."""

    WORKING = "working"
    NON_WORKING = "non_working"


@dataclass(frozen=True)
class DayException:
    """A day that differs from the weekly pattern: a holiday, a make-up day (调休), a half day.

    `ranges` are for working days; None means the ordinary hours (see `WorkingCalendar`).
    """

    kind: DayKind
    ranges: Ranges | None = None
    name: str = ""


@dataclass(frozen=True)
class WorkingCalendar:
    """Working time of a site, department or person. Raises InvalidCalendar or UnknownTimezone.

    weekly: seven tuples of ranges, Monday first, in local time; an empty one is a free weekday.
    exceptions: by date. A working day without ranges of its own has those of its weekday, and on a free weekday
        `default_ranges`, or else the first weekday that has any.
    known_until: last date for which exceptions are known; None where no yearly list is waited for.

    A range belongs to the day on which it opens: a night shift that opens on the eve of a holiday is worked to its end.
    No two ranges may overlap, those of neighbouring days included; they may touch.
    """

    timezone: str
    weekly: tuple[Ranges, ...]
    exceptions: Mapping[date, DayException] = field(default_factory=dict, hash=False)
    known_until: date | None = None
    default_ranges: Ranges = ()

    def __post_init__(self) -> None:
        zone(self.timezone)
        if len(self.weekly) != 7:
            raise InvalidCalendar(f"A week has 7 days, not {len(self.weekly)}.")
        object.__setattr__(
            self, "exceptions", dict(self.exceptions)
        )  # a later change outside must not get in unchecked
        for day, exception in self.exceptions.items():
            self._check_exception(day, exception)
        for weekday in range(7):
            _check_neighbours(self.weekly[weekday - 1], self.weekly[weekday], f"weekday {weekday + 1}")
        _check_neighbours((), self.default_ranges, "the default day")
        for day in self.exceptions:
            _check_neighbours(self.ranges_on(day - _DAY), self.ranges_on(day), day.isoformat())
            _check_neighbours(self.ranges_on(day), self.ranges_on(day + _DAY), (day + _DAY).isoformat())

    def ranges_on(self, day: date) -> Ranges:
        """Local ranges that open on `day`, in order; empty for a free day."""
        exception = self.exceptions.get(day)
        pattern = self.weekly[day.weekday()]
        if exception is None:
            ranges = pattern
        elif exception.kind is DayKind.NON_WORKING:
            ranges = ()
        elif exception.ranges is None:
            ranges = pattern or self._ordinary_ranges
        else:
            ranges = exception.ranges
        return tuple(sorted(ranges))

    def intervals_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The ranges that open on `day` as UTC instants, in order.

        A time that the clock skips counts as the end of the gap, and a range lost in it is left out; of a time that
        comes twice the first is meant. So a range across the change is an hour shorter or longer than its times say.
        """
        found = []
        for opens, closes in self.ranges_on(day):
            start = wall_instant(day, opens, self.timezone)
            end = wall_instant(day if closes > opens else day + _DAY, closes, self.timezone)
            if start < end:
                found.append((start, end))
        return found

    def is_working_day(self, day: date) -> bool:
        """Whether work opens on `day`. A date that the zone skipped is no working day."""
        return bool(self.ranges_on(day)) and day_start(day, self.timezone) < day_start(day + _DAY, self.timezone)

    @cached_property
    def working_span(self) -> tuple[date, date] | None:
        """First and last date between which work can be found; None when there is no work at all."""
        if any(self.weekly):
            return _FIRST, _LAST
        working = [day for day, exception in self.exceptions.items() if exception.kind is DayKind.WORKING]
        return (min(working), max(working)) if working else None

    @property
    def _ordinary_ranges(self) -> Ranges:
        return self.default_ranges or next((ranges for ranges in self.weekly if ranges), ())

    def _check_exception(self, day: date, exception: DayException) -> None:
        if exception.kind is DayKind.NON_WORKING and exception.ranges:
            raise InvalidCalendar(f"{day} is a free day and has working hours.")
        if exception.kind is DayKind.WORKING and not self.ranges_on(day):
            raise InvalidCalendar(f"{day} is a working day without working hours.")


def _check_neighbours(previous: Iterable[TimeRange], ranges: Iterable[TimeRange], where: str) -> None:
    """Refuse `ranges` of one day that overlap each other or what runs over from the `previous` day."""
    spans = sorted([(start - _DAY_SECONDS, end - _DAY_SECONDS) for start, end in map(_span, previous)])
    spans += sorted(map(_span, ranges))
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise InvalidCalendar(f"Working hours overlap on {where}.")


def _span(times: TimeRange) -> tuple[int, int]:
    opens, closes = (_seconds(at) for at in times)
    return opens, closes if closes > opens else closes + _DAY_SECONDS


def _seconds(at: time) -> int:
    if at.tzinfo is not None or at.microsecond:
        raise InvalidCalendar(f"{at} is not a local time in whole seconds.")
    return at.hour * 3600 + at.minute * 60 + at.second
