"""Due times: by run, by field, by step; working and calendar time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organization.engine.working_time import DayException, DayKind, WorkingCalendar, working_days_between
from processes.engine.content import Direction, DueOrigin, DueRule, DueUnit
from processes.engine.due import Due, DueFacts, due

DAY = ((time(9), time(12)), (time(13), time(18)))
FREE = DayException(DayKind.NON_WORKING)
# 2025 in China: off 1 to 8 October, worked on Sunday 28 September and Saturday 11 October
CHINA = WorkingCalendar(
    "Asia/Shanghai",
    (DAY,) * 5 + ((), ()),
    {date(2025, 10, number): FREE for number in range(1, 9)}
    | {date(2025, 9, 28): DayException(DayKind.WORKING), date(2025, 10, 11): DayException(DayKind.WORKING)},
    known_until=date(2025, 12, 31),
)
BERLIN = WorkingCalendar("Europe/Berlin", (DAY,) * 5 + ((), ()))
NEVER = WorkingCalendar("UTC", ((),) * 7)
START = datetime(2025, 9, 30, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


def rule(amount: int, unit: str, direction: str = "after", origin: str = "run_start", **more: str) -> DueRule:
    return DueRule(amount, DueUnit(unit), Direction(direction), DueOrigin(origin), **more)


def local(day: date, at: time) -> datetime:
    return datetime.combine(day, at) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (rule(1, "working_days"), datetime(2025, 10, 9, 18)),
        (rule(0, "working_days"), datetime(2025, 9, 30, 18)),
        (rule(3, "working_hours"), datetime(2025, 9, 30, 14)),
        (rule(90, "working_minutes"), datetime(2025, 9, 30, 11, 30)),
        (rule(8, "working_hours"), datetime(2025, 10, 9, 10)),
        (rule(3, "hours"), datetime(2025, 9, 30, 13)),
        (rule(3, "days"), datetime(2025, 10, 3, 10)),
        (rule(2, "working_days", "before", "field", field="delivery"), datetime(2025, 9, 30, 18)),
        (rule(1, "days", "before", "field", field="delivery"), datetime(2025, 10, 9, 23, 59)),
        (rule(2, "working_hours", "before", "field", field="delivery"), datetime(2025, 10, 9, 16)),
        (rule(1, "days", "before", "run_due"), datetime(2025, 10, 14, 17)),
        (rule(30, "minutes", "after", "step", step="count"), datetime(2025, 9, 30, 15, 30)),
    ],
)
def test_p1_p2_each_rule_gives_its_instant(asked: DueRule, found: datetime) -> None:
    facts = DueFacts(
        START,
        run_due=datetime(2025, 10, 15, 9, tzinfo=UTC),
        dates={"delivery": date(2025, 10, 10)},
        finished={"count": datetime(2025, 9, 30, 7, tzinfo=UTC)},
    )

    answer = due(asked, facts, CHINA)

    assert answer is not None
    assert answer.at == (found - timedelta(hours=8)).replace(tzinfo=UTC)
    assert answer.rule == asked


def test_p2_the_make_up_sunday_is_the_next_working_day() -> None:
    saturday = DueFacts(datetime(2025, 9, 27, 4, tzinfo=UTC))

    found = due(rule(1, "working_days"), saturday, CHINA)

    assert found is not None
    assert found.at == datetime(2025, 9, 28, 10, tzinfo=UTC)


def test_p1_zero_working_days_before_a_holiday_is_the_last_day_that_is_worked() -> None:
    holiday = DueFacts(START, dates={"d": date(2025, 10, 3)})

    before = due(rule(0, "working_days", "before", "field", field="d"), holiday, CHINA)
    after = due(rule(0, "working_days", "after", "field", field="d"), holiday, CHINA)

    assert before is not None
    assert after is not None
    assert before.at == datetime(2025, 9, 30, 10, tzinfo=UTC)
    assert after.at == datetime(2025, 10, 9, 10, tzinfo=UTC)


def test_p1_a_change_of_the_field_moves_the_due_time_and_the_source_is_said() -> None:
    asked = rule(2, "working_days", "before", "field", field="delivery")

    found = [
        due(asked, DueFacts(START, dates={"delivery": day}), BERLIN) for day in (date(2026, 3, 4), date(2026, 3, 9))
    ]

    assert found == [
        Due(datetime(2026, 3, 2, 17, tzinfo=UTC), asked, date(2026, 3, 4)),
        Due(datetime(2026, 3, 5, 17, tzinfo=UTC), asked, date(2026, 3, 9)),
    ]


@pytest.mark.parametrize("asked", [rule(1, "days", "before", "run_due"), rule(1, "days", "after", "field", field="x"),
                                   rule(1, "days", "after", "step", step="x")])  # fmt: skip
def test_p1_what_is_not_known_yet_gives_no_due_time(asked: DueRule) -> None:
    assert due(asked, DueFacts(START), BERLIN) is None


def test_p2_beyond_the_official_list_a_due_time_is_provisional() -> None:
    found = [due(rule(number, "working_days"), DueFacts(START), CHINA) for number in (10, 80)]

    assert [one and one.is_provisional for one in found] == [False, True]


def test_p2_a_calendar_without_work_counts_plain_time_and_says_so() -> None:
    days = due(rule(2, "working_days"), DueFacts(START), NEVER)
    hours = due(rule(2, "working_hours"), DueFacts(START), NEVER)

    assert days is not None
    assert hours is not None
    assert (days.at, days.without_calendar) == (START + timedelta(days=2), True)
    assert (hours.at, hours.without_calendar) == (START + timedelta(hours=2), True)


def test_p1_a_day_across_the_change_of_clocks_keeps_the_time_on_the_clock() -> None:
    before = DueFacts(datetime(2026, 3, 28, 11, tzinfo=UTC))  # 12:00 in Berlin, the clocks go forward that night

    found = due(rule(1, "days"), before, BERLIN)

    assert found is not None
    assert found.at == datetime(2026, 3, 29, 10, tzinfo=UTC)


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(1, 60), st.sampled_from(["after", "before"]))
def test_p2_as_many_working_days_lie_between_as_the_rule_says(day: date, amount: int, direction: str) -> None:
    asked = rule(amount, "working_days", direction, "field", field="d")

    found = due(asked, DueFacts(START, dates={"d": day}), CHINA)

    assert found is not None
    end = (found.at + timedelta(hours=8)).date()
    assert abs(working_days_between(CHINA, day, end)) == amount
    assert (end > day) is (direction == "after")
    assert CHINA.is_working_day(end)
