"""Moments written as a day and a time of day: a year of minutes is 365 days and 1,440 times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .dates import DateStyle, read_moment

_DAY = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T")  # no other spelling is followed by a T
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_A_DAY = timedelta(days=1)
MOST_DAYS = 50_000  # remembered before starting anew


class DayAndTime:
    """Reads the common spellings "2026-03-01 14:05" and "1/3/2026 14:05:09", each day and each time of day once.

    Days on which the clock changes are left to the thorough way, as is everything else.
    """

    def __init__(self, style: DateStyle, tz: ZoneInfo) -> None:
        self._days = _Days(style, tz)
        self._times = _Times()

    def instants(self, texts: Sequence[str]) -> list[datetime | None]:
        """The instants in UTC, None where a text must be read the thorough way."""
        days, times, found = self._days, self._times, []
        for text in texts:
            day, sign, time = text.partition(" " if " " in text else "T")
            if sign == "T":
                day += sign
            start, after = days[day], times[time]
            found.append(start + after if start is not None and after is not None else None)
        return found


class _Days(dict[str, datetime | None]):
    """Text of a day to its first instant; None where it is no such text, or the clock changes on that day."""

    def __init__(self, style: DateStyle, tz: ZoneInfo) -> None:
        super().__init__()
        self._style, self._tz = style, tz

    def __missing__(self, text: str) -> datetime | None:
        if not _DAY.fullmatch(text) and not _ISO_DAY.fullmatch(text):
            return None
        if len(self) > MOST_DAYS:
            self.clear()
        moment = read_moment(text.removesuffix("T"), self._style)
        start = self[text] = self._start(moment) if isinstance(moment, datetime) else None
        return start

    def _start(self, midnight: datetime) -> datetime | None:
        offsets = {self._tz.utcoffset(at.replace(fold=fold)) for at in (midnight, midnight + _A_DAY) for fold in (0, 1)}
        (offset,) = offsets if len(offsets) == 1 else (None,)
        return None if offset is None else (midnight - offset).replace(tzinfo=UTC)


class _Times(dict[str, timedelta | None]):
    """Text of a time of day to the time since midnight; None where it is no such text."""

    def __missing__(self, text: str) -> timedelta | None:
        match = _TIME.fullmatch(text)
        if match is None:
            return None
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        after = self[text] = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return after
