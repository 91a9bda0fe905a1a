"""Days on which something recurs: the part of RFC 5545's RRULE that a checklist needs, looked for in a bounded span.

DAILY, WEEKLY, MONTHLY and YEARLY with INTERVAL, BYMONTH, BYMONTHDAY, BYDAY (with ordinals in months) and BYSETPOS. Every
day of the span is asked once, so that a rule that never comes, such as 30 February, ends the search instead of hanging it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.engine.translation import N_

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_DAY = timedelta(days=1)
_BY_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}")


class BadRule(ValueError):
    """A rule that cannot be followed. message: a sentence of the catalogue; params: its placeholders."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.message, self.params = message, params


@dataclass(frozen=True, slots=True)
class Recurrence:
    """weekdays: (which one of its month or 0, weekday from 0). picks: which of a period's days, 1 the first, -1 the last."""

    frequency: str
    interval: int = 1
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    picks: tuple[int, ...] = ()

    def days(self, starts_on: date, last_on: date) -> Iterator[date]:
        """Its days from `starts_on` to `last_on`, both included, in order."""
        first, period = self._period(starts_on)[1], starts_on
        while period <= last_on:
            number, opens = self._period(period)
            closes = self._next(opens)
            if (number - self._period(first)[0]) % self.interval == 0:
                found = [day for day in _span(opens, closes) if self._fits(day, starts_on)]
                yield from (day for day in self._picked(found) if starts_on <= day <= last_on)
            period = closes

    def period(self, day: date) -> tuple[date, date]:
        """First day of the day, week, month or year around `day`, and of the next one."""
        opens = self._period(day)[1]
        return opens, self._next(opens)

    def periods(self, starts_on: date, last_on: date) -> Iterator[date]:
        """First days of the periods that the rule takes, whichever days it names in them."""
        number, opens = self._period(starts_on)
        while opens <= last_on:
            if (self._period(opens)[0] - number) % self.interval == 0:
                yield opens
            opens = self._next(opens)

    def _period(self, day: date) -> tuple[int, date]:
        """Number and first day of the period around `day`."""
        if self.frequency == "DAILY":
            return day.toordinal(), day
        if self.frequency == "WEEKLY":
            opens = day - day.weekday() * _DAY
            return opens.toordinal() // 7, opens
        if self.frequency == "MONTHLY":
            return day.year * 12 + day.month, day.replace(day=1)
        return day.year, day.replace(month=1, day=1)

    def _next(self, opens: date) -> date:
        if self.frequency == "DAILY":
            return opens + _DAY
        if self.frequency == "WEEKLY":
            return opens + 7 * _DAY
        if self.frequency == "MONTHLY":
            return (opens + 31 * _DAY).replace(day=1)
        return opens.replace(year=opens.year + 1)

    def _fits(self, day: date, starts_on: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        length = ((day.replace(day=1) + 31 * _DAY).replace(day=1) - _DAY).day
        if self.month_days and not {day.day, day.day - length - 1} & set(self.month_days):
            return False
        if self.weekdays:
            return any(
                weekday == day.weekday() and nth in (0, (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1))
                for nth, weekday in self.weekdays
            )
        if self.month_days or self.frequency == "DAILY":
            return True
        if self.frequency == "WEEKLY":
            return day.weekday() == starts_on.weekday()
        in_month = self.frequency == "MONTHLY" or bool(self.months) or day.month == starts_on.month
        return in_month and day.day == starts_on.day

    def _picked(self, found: list[date]) -> list[date]:
        if not self.picks:
            return found
        places = {pick - 1 if pick > 0 else len(found) + pick for pick in self.picks}
        return [day for place, day in enumerate(found) if place in places]


def parse_rule(text: str) -> Recurrence:
    """Read `FREQ=MONTHLY;BYDAY=1MO`. Raises BadRule."""
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise BadRule(N_("“%(part)s” is no part of a rule."), part=part[:40])
        parts[name] = value
    frequency = parts.pop("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise BadRule(N_("A rule recurs by day, week, month or year."))
    rule = Recurrence(
        frequency,
        interval=_numbers(parts.pop("INTERVAL", "1"), 1, 366)[0],
        months=_numbers(parts.pop("BYMONTH", ""), 1, 12),
        month_days=_numbers(parts.pop("BYMONTHDAY", ""), 1, 31, negative=True),
        weekdays=_weekdays(parts.pop("BYDAY", "")),
        picks=_numbers(parts.pop("BYSETPOS", ""), 1, 366, negative=True),
    )
    if parts:
        raise BadRule(N_("“%(part)s” is no part of a rule."), part=next(iter(parts))[:40])
    if frequency != "MONTHLY" and not (frequency == "YEARLY" and rule.months) and any(nth for nth, _ in rule.weekdays):
        raise BadRule(N_("“The second Monday” needs a month that it is counted in."))
    if frequency == "WEEKLY" and rule.month_days:
        raise BadRule(N_("A weekly rule goes by weekdays, not by days of the month."))
    return rule


def _numbers(text: str, low: int, high: int, *, negative: bool = False) -> tuple[int, ...]:
    found = []
    for part in text.split(",") if text else ():
        number = int(part) if _NUMBER.fullmatch(part) else 0
        if not low <= (abs(number) if negative else number) <= high:
            raise BadRule(N_("“%(part)s” is no part of a rule."), part=part[:40])
        found.append(number)
    return tuple(found)


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    found = []
    for part in text.split(",") if text else ():
        match = _BY_DAY.fullmatch(part)
        if match is None:
            raise BadRule(N_("“%(part)s” is no part of a rule."), part=part[:40])
        found.append((int(match[1] or 0), _DAYS.index(match[2])))
    return tuple(found)


def _span(opens: date, closes: date) -> Iterator[date]:
    for number in range((closes - opens).days):
        yield opens + number * _DAY
