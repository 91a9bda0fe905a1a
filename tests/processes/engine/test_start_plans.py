"""Starts by plan, held against dateutil's reading of RFC 5545 and against the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from organization.engine.working_time import DayException, DayKind, WorkingCalendar
from processes.engine.recurrence import BadRule, parse_rule
from processes.engine.start_plans import Clock, DayOff, StartPlan, next_starts

HOURS = ((time(9), time(18)),)
FREE = DayException(DayKind.NON_WORKING)
CHINA = WorkingCalendar(
    "Asia/Shanghai",
    (HOURS,) * 5 + ((), ()),
    {date(2025, 10, number): FREE for number in range(1, 9)} | {date(2025, 10, 11): DayException(DayKind.WORKING)},
)
BERLIN = WorkingCalendar("Europe/Berlin", (HOURS,) * 5 + ((), ()))


def plan(rule: str, *, ends_on: date | None = None, day_off: DayOff = DayOff.KEEP, working_day: int = 0) -> StartPlan:
    return StartPlan(parse_rule(rule), time(8), date(2025, 9, 1), ends_on, day_off, working_day)


def days(found: StartPlan, after: date, count: int, calendar: WorkingCalendar = CHINA) -> list[str]:
    instant = datetime(after.year, after.month, after.day, tzinfo=UTC) - timedelta(hours=1)
    return [start.on.isoformat() for start in next_starts(found, calendar, instant, count)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (plan("FREQ=MONTHLY", working_day=1), ["2025-10-09", "2025-11-03", "2025-12-01"]),
        (plan("FREQ=MONTHLY", working_day=-1), ["2025-09-30", "2025-10-31", "2025-11-28"]),
        (plan("FREQ=DAILY", day_off=DayOff.SKIP), ["2025-09-30", "2025-10-09", "2025-10-10", "2025-10-11"]),
        (plan("FREQ=WEEKLY;BYDAY=MO", day_off=DayOff.NEXT), ["2025-10-09", "2025-10-13", "2025-10-20"]),
        (plan("FREQ=WEEKLY;BYDAY=MO", day_off=DayOff.PREVIOUS), ["2025-09-30", "2025-10-13", "2025-10-20"]),
        (plan("FREQ=WEEKLY;BYDAY=MO,WE", day_off=DayOff.NEXT), ["2025-10-09", "2025-10-13", "2025-10-15"]),
        (plan("FREQ=MONTHLY;BYDAY=-1FR"), ["2025-10-31", "2025-11-28"]),
        (plan("FREQ=MONTHLY;BYMONTHDAY=31"), ["2025-10-31", "2025-12-31"]),
        (plan("FREQ=MONTHLY", ends_on=date(2025, 11, 30), working_day=1), ["2025-10-09", "2025-11-03"]),
        (plan("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), []),
    ],
)
def test_p14_starts_follow_the_calendar(found: StartPlan, expected: list[str]) -> None:
    assert days(found, date(2025, 9, 30), len(expected) or 3) == expected


def test_p14_a_start_in_the_gap_of_the_clocks_is_at_its_end_and_says_so() -> None:
    asked = StartPlan(parse_rule("FREQ=DAILY"), time(2, 30), date(2026, 3, 28))

    found = next_starts(asked, BERLIN, datetime(2026, 3, 27, 12, tzinfo=UTC), 3)

    assert [(start.at.isoformat(), start.clock) for start in found] == [
        ("2026-03-28T01:30:00+00:00", Clock.ONCE),
        ("2026-03-29T01:00:00+00:00", Clock.SKIPPED),
        ("2026-03-30T00:30:00+00:00", Clock.ONCE),
    ]


def test_p14_a_time_that_comes_twice_is_meant_once() -> None:
    asked = StartPlan(parse_rule("FREQ=DAILY"), time(2, 30), date(2026, 10, 25))

    found = next_starts(asked, BERLIN, datetime(2026, 10, 24, 22, tzinfo=UTC), 2)

    assert [(start.at.isoformat(), start.clock) for start in found] == [
        ("2026-10-25T00:30:00+00:00", Clock.TWICE),
        ("2026-10-26T01:30:00+00:00", Clock.ONCE),
    ]


@pytest.mark.parametrize(
    "rule",
    ["", "FREQ=HOURLY", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=",
     "FREQ=MONTHLY;BYDAY=6MO", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=MONTHLY;BYMONTHDAY=0",
     "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=YEARLY;BYMONTH=13", "FREQ=YEARLY;BYMONTH=-1", "FREQ=DAILY;BYSETPOS=x"],
)  # fmt: skip
def test_p14_a_rule_that_cannot_be_followed_is_refused(rule: str) -> None:
    with pytest.raises(BadRule):
        parse_rule(rule)


WEEKDAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), unique=True, min_size=1, max_size=3)
MONTH_DAYS = st.lists(st.sampled_from([1, 2, 15, 28, 29, 30, 31, -1, -2]), unique=True, min_size=1, max_size=3)


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 4))}"]
    if draw(st.booleans()) or frequency == "YEARLY":
        months = draw(st.lists(st.integers(1, 12), unique=True, min_size=3, max_size=8))
        parts.append(f"BYMONTH={','.join(map(str, months))}")
    if draw(st.booleans()):
        ordinal = draw(st.sampled_from(["", "1", "2", "-1"])) if frequency in ("MONTHLY", "YEARLY") else ""
        parts.append("BYDAY=" + ",".join(ordinal + day for day in draw(WEEKDAYS)))
    elif frequency != "WEEKLY" and draw(st.booleans()):
        parts.append("BYMONTHDAY=" + ",".join(map(str, draw(MONTH_DAYS))))
    if frequency == "MONTHLY" and "BY" in parts[-1] and "BYMONTH=" not in parts[-1] and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    return ";".join(parts)


@given(rules(), st.dates(date(2023, 1, 1), date(2025, 12, 31)))
def test_p14_days_are_those_of_rfc_5545(rule: str, starts_on: date) -> None:
    last = starts_on.replace(year=starts_on.year + 3, day=1)
    begin = datetime(starts_on.year, starts_on.month, starts_on.day)
    expected = rrulestr(rule, dtstart=begin).between(begin, datetime(last.year, last.month, last.day), inc=True)

    assert list(parse_rule(rule).days(starts_on, last)) == [found.date() for found in expected]
