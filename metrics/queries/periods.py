"""Which periods a page shows: from the address, the clock and how far the data reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils.translation import get_language

from ops_platform.web import formats
from organization.engine.local_time import day_start, zone
from organization.engine.named_ranges import NamedRange, named_range
from organization.engine.period_labels import week_number
from organization.engine.periods import Grain, Period, PeriodRule, label, period_of, periods, previous_year, shift

ALL, CUSTOM = "all", "custom"
# Past this the data is history: pages look back from its end, and say so. Before it, a silent feed is called overdue.
HISTORIC_AFTER = timedelta(days=365)
MOST_POINTS = 800
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Asked:
    """What the address asks for. range: a NamedRange, "all" or "custom" with both days; anchor: "today", "data" or "".

    known_on: the day at whose end everything shall be as it was known; None for what is known now.
    """

    range: str
    grain: Grain | None = None
    comparison: str = ""
    anchor: str = ""
    first_on: date | None = None
    last_on: date | None = None
    known_on: date | None = None


@dataclass(frozen=True)
class Shown:
    """The periods of a page.

    seen_at: the instant from which they are seen: now, or the end of historic data. is_anchored: the latter.
    coarsened_from: the grain that was asked for, where it would have been too many points.
    """

    periods: tuple[Period, ...]
    grain: Grain
    seen_at: datetime
    is_anchored: bool
    rule: PeriodRule
    coarsened_from: Grain | None = None

    @property
    def running(self) -> Period | None:
        """The last period when it is not over yet."""
        return self.periods[-1] if self.periods and self.periods[-1].end > self.seen_at else None

    def words(self) -> str:
        """The range in words: "1 Nov 2011 – 9 Dec 2011"."""
        if not self.periods:
            return ""
        first, last = full_label(self.periods[0], self.rule), full_label(self.periods[-1], self.rule)
        return first if first == last else f"{first} – {last}"


def is_historic(last_at: datetime | None, as_of: datetime) -> bool:
    """Whether data that ends at `last_at` is history."""
    return last_at is not None and as_of - last_at > HISTORIC_AFTER


def seen_from(last_at: datetime | None, *, is_daily: bool, as_of: datetime, rule: PeriodRule) -> datetime:
    """Where data that ends at `last_at` is looked back from: its last instant, or the end of its last day."""
    if last_at is None:
        return as_of
    return min(as_of, period_of(Grain.DAY, last_at, rule).end if is_daily else last_at + INSTANT)


def shown(
    asked: Asked,
    *,
    as_of: datetime,
    rule: PeriodRule,
    grain: Grain,
    first_at: datetime | None = None,
    last_at: datetime | None = None,
    is_daily: bool = True,
    finest: Grain = Grain.DAY,
) -> Shown:
    """The periods that `asked` means. grain: taken when none is asked; finest: what the data can be shown by."""
    is_anchored = asked.anchor == "data" or (not asked.anchor and is_historic(last_at, as_of))
    seen_at = seen_from(last_at, is_daily=is_daily, as_of=as_of, rule=rule) if is_anchored else as_of
    is_anchored = is_anchored and last_at is not None
    start, end = _span(asked, seen_at, rule, first_at)
    wanted = max(asked.grain or grain, finest)
    found = _fitting(wanted, start, min(end, seen_at), rule)
    coarsened = wanted if found and found[0].grain != wanted else None
    actual = found[0].grain if found else wanted
    return Shown(tuple(found), actual, seen_at, is_anchored, rule, coarsened)


def latest(grain: Grain, count: int, seen_at: datetime, rule: PeriodRule, *, is_anchored: bool = False) -> Shown:
    """The last `count` periods that have ended at `seen_at`, and the running one."""
    running = period_of(grain, seen_at, rule)
    first = shift(running, -count, rule)
    end = running.end if running.start < seen_at else running.start
    return Shown(tuple(periods(grain, first.start, end, rule)), grain, seen_at, is_anchored, rule)


def with_lead(window: Sequence[Period], rule: PeriodRule) -> tuple[Period, ...]:
    """The periods, and the one before the first, which the first is compared with."""
    return (shift(window[0], -1, rule), *window) if window else ()


def data_until(last_at: datetime | None, grain: Grain, rule: PeriodRule) -> datetime | None:
    """The instant up to which data that is due every `grain` is complete: the end of the period that its last row is in."""
    return None if last_at is None else period_of(grain, last_at, rule).end


def short_label(period: Period, rule: PeriodRule) -> str:
    """The name of a period on an axis, with its year where only days and weeks lack it."""
    return label(period, rule, get_language() or "en")


def full_label(period: Period, rule: PeriodRule) -> str:
    """The name of a period in a sentence or beside a figure."""
    if period.grain is Grain.DAY:
        return formats.day(period.first_on)
    return label(period, rule, get_language() or "en", full=period.grain in (Grain.HOUR, Grain.WEEK))


def brief_label(period: Period, rule: PeriodRule) -> str:
    """The same where room is short: a week without its days, "W49 2011"; an hour by its beginning, "9 Dec 2011 20:00"."""
    if period.grain is Grain.HOUR:
        start = period.start.astimezone(zone(rule.timezone))
        return f"{formats.day(start)} {start:%H:%M}"
    if period.grain is not Grain.WEEK:
        return full_label(period, rule)
    year, week = week_number(period.first_on)
    return f"{year}年第{week}周" if formats.is_chinese() else f"W{week} {year}"


def period_starting(grain: Grain, start: str, rule: PeriodRule) -> Period:
    """The period that an address names: by its first day, or an hour by its first instant. Raises ValueError."""
    if grain is Grain.HOUR:
        instant = datetime.fromisoformat(start)
        if instant.tzinfo is None:
            raise ValueError(start)
        return period_of(grain, instant, rule)
    return period_of(grain, day_start(date.fromisoformat(start), rule.timezone), rule)


def period_start(period: Period) -> str:
    """What `period_starting` reads."""
    return period.start.isoformat() if period.grain is Grain.HOUR else period.first_on.isoformat()


def _span(asked: Asked, seen_at: datetime, rule: PeriodRule, first_at: datetime | None) -> tuple[datetime, datetime]:
    # Seen from the end of a day, that day counts as the present one, not the day after.
    present = seen_at - INSTANT
    if asked.range == CUSTOM and asked.first_on and asked.last_on:
        return day_start(asked.first_on, rule.timezone), day_start(asked.last_on + timedelta(days=1), rule.timezone)
    if asked.range == ALL:
        return (first_at or seen_at), seen_at
    name = NamedRange(asked.range) if asked.range in NamedRange.__members__.values() else NamedRange.LAST_30_DAYS
    return named_range(name, present, rule)


def _fitting(grain: Grain, start: datetime, end: datetime, rule: PeriodRule) -> list[Period]:
    """The periods of the finest grain, from `grain` on, that one chart can hold."""
    if end <= start:
        return []
    size: Grain | None = grain
    while size is not None:
        days = (end - start).days
        guess = days * 24 if size is Grain.HOUR else days
        if guess <= MOST_POINTS or size not in (Grain.HOUR, Grain.DAY):
            found = periods(size, start, end, rule)
            if len(found) <= MOST_POINTS:
                return found
        grain, size = size, size.coarser
    return periods(grain, start, end, rule)


def at_grain(shown_: Shown, grain: Grain) -> Shown:
    """The same stretch by another grain."""
    if not shown_.periods:
        return replace(shown_, grain=grain)
    found = _fitting(grain, shown_.periods[0].start, min(shown_.periods[-1].end, shown_.seen_at), shown_.rule)
    return replace(shown_, periods=tuple(found), grain=found[0].grain if found else grain)


def compared_with(shown_: Shown, comparison: str) -> tuple[Period, ...]:
    """What the period before the first, and each shown one, is compared with: the stretch just before, or a year ago."""
    lead = with_lead(shown_.periods, shown_.rule)
    if comparison == "previous":
        return tuple(shift(period, -len(shown_.periods), shown_.rule) for period in lead)
    if comparison == "year":
        return tuple(previous_year(period, shown_.rule) for period in lead)
    return ()
