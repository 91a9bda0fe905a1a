"""When something that comes again comes next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from automation.engine.rhythm import NeverAgain, Times, next_time

SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"
HOLIDAYS = {date(2026, 10, day) for day in range(1, 9)}


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


@pytest.mark.parametrize(
    ("times", "after", "expected"),
    [
        (Times("daily", time(8), SHANGHAI), "2026-03-01T23:59Z", "2026-03-02T00:00Z"),
        # At the very instant, it is the next one that counts
        (Times("daily", time(8), SHANGHAI), "2026-03-02T00:00Z", "2026-03-03T00:00Z"),
        (Times("weekly", time(8), SHANGHAI, weekday=0), "2026-03-02T01:00Z", "2026-03-09T00:00Z"),
        (Times("monthly", time(9), BERLIN, month_day=31), "2028-02-01T00:00Z", "2028-02-29T08:00Z"),
        (Times("monthly", time(9), BERLIN, month_day=31), "2028-02-29T08:00Z", "2028-03-31T07:00Z"),
        (Times("workdays", time(8), SHANGHAI), "2026-09-30T01:00Z", "2026-10-09T00:00Z"),
        (Times("first_workday", time(8), SHANGHAI), "2026-09-30T01:00Z", "2026-10-09T00:00Z"),
        (Times("first_workday", time(8), SHANGHAI), "2026-10-09T00:00Z", "2026-11-02T00:00Z"),
        # The clock jumps from 02:00 to 03:00: 02:30 is the end of the gap
        (Times("daily", time(2, 30), BERLIN), "2026-03-28T12:00Z", "2026-03-29T01:00Z"),
        # 02:30 comes twice: the first counts, and the second is not another one
        (Times("daily", time(2, 30), BERLIN), "2026-10-24T12:00Z", "2026-10-25T00:30Z"),
        (Times("daily", time(2, 30), BERLIN), "2026-10-25T00:30Z", "2026-10-26T01:30Z"),
    ],
)
def test_the_next_time_is_by_the_clock_on_the_wall(times, after, expected):
    assert next_time(times, datetime.fromisoformat(after), works) == datetime.fromisoformat(expected)


def test_a_calendar_without_working_days_is_refused():
    with pytest.raises(NeverAgain):
        next_time(Times("workdays", time(8), SHANGHAI), datetime(2026, 1, 1, tzinfo=UTC), lambda _day: False)
