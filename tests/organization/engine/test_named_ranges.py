from datetime import UTC, datetime

import pytest

from organization.engine.named_ranges import NamedRange, named_range
from organization.engine.periods import PeriodRule

AS_OF = datetime(2026, 3, 10, 16, 30, tzinfo=UTC)  # Wednesday 11 March, 00:30 in Shanghai


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", "2026-03-10", "2026-03-11"),
        ("yesterday", "2026-03-09", "2026-03-10"),
        ("this-week", "2026-03-08", "2026-03-15"),
        ("last-week", "2026-03-01", "2026-03-08"),
        ("this-month", "2026-02-28", "2026-03-31"),
        ("last-month", "2026-01-31", "2026-02-28"),
        ("this-quarter", "2025-12-31", "2026-03-31"),
        ("last-quarter", "2025-09-30", "2025-12-31"),
        ("this-year", "2025-03-31", "2026-03-31"),
        ("last-year", "2024-03-31", "2025-03-31"),
        ("last-7-days", "2026-03-04", "2026-03-11"),
        ("last-30-days", "2026-02-09", "2026-03-11"),
        ("last-90-days", "2025-12-11", "2026-03-11"),
        ("last-12-months", "2025-03-31", "2026-03-31"),
    ],
)
def test_named_range_is_whole_local_days(name, start, end):
    rule = PeriodRule("Asia/Shanghai", fiscal_year_starts_month=4)

    # Midnight in Shanghai is 16:00 UTC of the day before.
    assert named_range(NamedRange(name), AS_OF, rule) == (utc(f"{start}T16:00"), utc(f"{end}T16:00"))


def test_named_range_of_the_same_instant_differs_by_zone():
    assert named_range(NamedRange.TODAY, AS_OF, PeriodRule("UTC")) == (utc("2026-03-10"), utc("2026-03-11"))


def test_named_range_of_today_on_a_long_day_has_25_hours():
    start, end = named_range(NamedRange.TODAY, utc("2025-10-26T12:00"), PeriodRule("Europe/Berlin"))

    assert (start, end) == (utc("2025-10-25T22:00"), utc("2025-10-26T23:00"))


def test_named_range_of_this_week_follows_the_first_weekday():
    rule = PeriodRule("UTC", week_starts_on=6)

    assert named_range(NamedRange.THIS_WEEK, utc("2026-03-08T00:00"), rule) == (utc("2026-03-08"), utc("2026-03-15"))


@pytest.mark.parametrize("name", list(NamedRange))
def test_named_range_of_a_naive_instant_is_refused(name):
    with pytest.raises(ValueError, match="has no time zone"):
        named_range(name, datetime(2026, 3, 10), PeriodRule("UTC"))
