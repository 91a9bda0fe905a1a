"""The one place that decides periods: rollups, targets, charts, pickers and schedules all ask here.

Nothing else cuts time, SQL included: a database and Python disagree where midnight comes twice. Store the instants and
join half-open (`start <= at < end`).

- Days tile time (see `local_time`); weeks, months, fiscal quarters and years are whole local days.
- An hour is a longest run of instants with the same local date, hour and UTC offset. The hour that is repeated when
  clocks go back is two periods, a skipped one does not exist, and where clocks move by half an hour (Lord Howe) one
  period of that day is shorter. Hours of zones at :30 or :45 begin there in UTC.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache

from organization.engine.grains import Grain, Period, PeriodRule
from organization.engine.local_time import as_utc, day_start, local_day, offset_runs, wall_instant, zone
from organization.engine.period_labels import label, period_key

__all__ = [
    "Grain",
    "Period",
    "PeriodRule",
    "label",
    "period_key",
    "period_of",
    "periods",
    "previous_year",
    "shift",
]

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def periods(grain: Grain, start: datetime, end: datetime, rule: PeriodRule) -> list[Period]:
    """All periods that overlap [start, end), in order; the outer two may stick out. Empty when start equals end.

    Raises ValueError for naive instants and when end is before start.
    """
    start, end = as_utc(start), as_utc(end)
    if end < start:
        raise ValueError(f"The range ends ({end.isoformat()}) before it starts ({start.isoformat()}).")
    if start == end:
        return []
    if grain is Grain.HOUR:
        hours = [hour for day in periods(Grain.DAY, start, end, rule) for hour in _hours(day.first_on, rule)]
        return [hour for hour in hours if hour.end > start and hour.start < end]
    return list(_days_or_longer(grain, start, end, rule))


@lru_cache(maxsize=64)  # a dashboard asks for the same year of days once for each of its charts
def _days_or_longer(grain: Grain, start: datetime, end: datetime, rule: PeriodRule) -> tuple[Period, ...]:
    found = []
    first_on = _first_on(grain, local_day(start, rule.timezone), rule)
    opens = day_start(first_on, rule.timezone)
    while opens < end:
        next_on = _move(grain, first_on, 1)
        closes = day_start(next_on, rule.timezone)
        if opens < closes:  # a date that the zone skipped is no period
            found.append(Period(grain, opens, closes, first_on, next_on - _DAY))
        first_on, opens = next_on, closes
    return tuple(found)


def period_of(grain: Grain, instant: datetime, rule: PeriodRule) -> Period:
    """The one period that contains the aware `instant`."""
    instant = as_utc(instant)
    day = local_day(instant, rule.timezone)
    if grain is Grain.HOUR:
        return next(hour for hour in _hours(day, rule) if hour.contains(instant))
    return _starting(grain, _first_on(grain, day, rule), rule)


def shift(period: Period, n: int, rule: PeriodRule) -> Period:
    """The period `n` places later in the sequence that `periods` gives; earlier for a negative `n`.

    Counts hours and days that exist: one hour after 01:00 on a spring night is 03:00.
    """
    if period.grain is Grain.HOUR:
        return _shift_hours(period, n, rule)
    if period.grain is not Grain.DAY:
        return _starting(period.grain, _move(period.grain, period.first_on, n), rule)
    day, step = period.first_on, _DAY if n > 0 else -_DAY
    for _ in range(abs(n)):
        day += step
        while day_start(day, rule.timezone) == day_start(day + _DAY, rule.timezone):
            day += step
    return _starting(Grain.DAY, day, rule)


def previous_year(period: Period, rule: PeriodRule) -> Period:
    """The period to compare `period` with a year before.

    Months, quarters and years: twelve months earlier. Weeks: 52 weeks earlier, so that weekdays match. Days: the same
    date, 28 February for the 29th. Hours: the same clock time of that date; what a clock change took away is answered
    by the period after it.
    """
    if period.grain in _MONTHS:
        return _starting(period.grain, _add_months(period.first_on, -12), rule)
    if period.grain is Grain.WEEK:
        return shift(period, -52, rule)
    day = _add_months(period.first_on, -12)
    if period.grain is Grain.DAY:
        return period_of(Grain.DAY, day_start(day, rule.timezone), rule)
    local = period.start.astimezone(zone(rule.timezone))
    found = period_of(Grain.HOUR, wall_instant(day, local.time(), rule.timezone), rule)
    following = shift(found, 1, rule)
    # The second of a repeated hour is compared with the second of that year, when the dates coincide.
    return following if local.fold and _clock(following, rule) == _clock(found, rule) else found


def _first_on(grain: Grain, day: date, rule: PeriodRule) -> date:
    if grain is Grain.DAY:
        return day
    if grain is Grain.WEEK:
        return day - timedelta(days=(day.weekday() - rule.week_starts_on) % 7)
    months_in = (day.month - rule.fiscal_year_starts_month) % _MONTHS[grain]
    return _add_months(day.replace(day=1), -months_in)


def _move(grain: Grain, first_on: date, n: int) -> date:
    if grain in _MONTHS:
        return _add_months(first_on, n * _MONTHS[grain])
    return first_on + timedelta(days=n * (7 if grain is Grain.WEEK else 1))


def _add_months(day: date, n: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _starting(grain: Grain, first_on: date, rule: PeriodRule) -> Period:
    next_on = _move(grain, first_on, 1)
    return Period(
        grain, day_start(first_on, rule.timezone), day_start(next_on, rule.timezone), first_on, next_on - _DAY
    )


def _hours(day: date, rule: PeriodRule) -> list[Period]:
    found = []
    opens, closes = day_start(day, rule.timezone), day_start(day + _DAY, rule.timezone)
    for start, end, offset in offset_runs(opens, closes, rule.timezone):
        local = start + offset
        edge = start + _HOUR - timedelta(minutes=local.minute, seconds=local.second)
        while edge < end:
            found.append(Period(Grain.HOUR, start, edge, day, day))
            start, edge = edge, edge + _HOUR
        found.append(Period(Grain.HOUR, start, end, day, day))
    return found


def _shift_hours(period: Period, n: int, rule: PeriodRule) -> Period:
    day = period.first_on
    hours = _hours(day, rule)
    place = n + next(number for number, hour in enumerate(hours) if hour.contains(period.start))
    while place >= len(hours):
        place -= len(hours)
        day += _DAY
        hours = _hours(day, rule)
    while place < 0:
        day -= _DAY
        hours = _hours(day, rule)
        place += len(hours)
    return hours[place]


def _clock(hour: Period, rule: PeriodRule) -> tuple[date, int]:
    local = hour.start.astimezone(zone(rule.timezone))
    return local.date(), local.hour
