from datetime import UTC, date, datetime

import pytest

from organization.engine.period_labels import fiscal_quarter, fiscal_year, label, period_key, week_number
from organization.engine.periods import Grain, PeriodRule, period_of, periods

CALENDAR = PeriodRule("Asia/Shanghai")
FISCAL = PeriodRule("Asia/Shanghai", fiscal_year_starts_month=4)
AT = datetime(2025, 11, 9, 6, 30, tzinfo=UTC)  # Sunday, 14:30 in Shanghai


@pytest.mark.parametrize(
    ("grain", "rule", "key", "short", "full", "short_zh", "full_zh"),
    [
        (
            Grain.HOUR,
            CALENDAR,
            "2025-11-09T14:00+08:00",
            "9 Nov 14:00",
            "Sun 9 November 2025, 14:00–15:00",
            "11月9日 14:00",
            "2025年11月9日 周日 14:00–15:00",
        ),
        (Grain.DAY, CALENDAR, "2025-11-09", "9 Nov", "Sun 9 November 2025", "11月9日", "2025年11月9日 周日"),
        (
            Grain.WEEK,
            CALENDAR,
            "2025-W45",
            "W45",
            "Week 45, 2025 (3–9 Nov)",
            "第45周",
            "2025年第45周（11月3日至9日）",
        ),
        (Grain.MONTH, CALENDAR, "2025-11", "Nov 2025", "November 2025", "2025年11月", "2025年11月"),
        (
            Grain.QUARTER,
            CALENDAR,
            "2025-Q4",
            "Q4 2025",
            "Q4 2025 (Oct–Dec 2025)",
            "2025年第4季度",
            "2025年第4季度（2025年10月至12月）",
        ),
        (Grain.YEAR, CALENDAR, "2025", "2025", "2025", "2025年", "2025年"),
        (
            Grain.QUARTER,
            FISCAL,
            "2026-Q3",
            "Q3 FY2026",
            "Q3 FY2026 (Oct–Dec 2025)",
            "2026财年第3季度",
            "2026财年第3季度（2025年10月至12月）",
        ),
        (
            Grain.YEAR,
            FISCAL,
            "2026",
            "FY2026",
            "FY2026 (Apr 2025–Mar 2026)",
            "2026财年",
            "2026财年（2025年4月至2026年3月）",
        ),
    ],
)
def test_label_of_each_grain_in_both_languages(grain, rule, key, short, full, short_zh, full_zh):
    period = period_of(grain, AT, rule)

    assert period_key(period, rule) == key
    assert label(period, rule, "en") == short
    assert label(period, rule, "en", full=True) == full
    assert label(period, rule, "zh-hans") == short_zh
    assert label(period, rule, "zh-hans", full=True) == full_zh


def test_label_of_another_language_variant_falls_to_its_family():
    month = period_of(Grain.MONTH, AT, CALENDAR)

    assert label(month, CALENDAR, "zh-CN") == "2025年11月"
    assert label(month, CALENDAR, "en-gb") == label(month, CALENDAR, "de") == "Nov 2025"


def test_label_of_a_week_across_months_and_years_names_both():
    crossing = period_of(Grain.WEEK, datetime(2025, 12, 31, tzinfo=UTC), CALENDAR)

    assert label(crossing, CALENDAR, "en", full=True) == "Week 1, 2026 (29 Dec–4 Jan)"
    assert label(crossing, CALENDAR, "zh-hans", full=True) == "2026年第1周（12月29日至1月4日）"
    assert period_key(crossing, CALENDAR) == "2026-W01"


def test_label_of_a_quarter_across_years_names_both():
    rule = PeriodRule("UTC", fiscal_year_starts_month=12)
    quarter = period_of(Grain.QUARTER, datetime(2026, 1, 5, tzinfo=UTC), rule)

    assert label(quarter, rule, "en", full=True) == "Q1 FY2026 (Dec 2025–Feb 2026)"
    assert label(quarter, rule, "zh-hans", full=True) == "2026财年第1季度（2025年12月至2026年2月）"


@pytest.mark.parametrize(
    ("timezone", "start", "short", "full"),
    [
        (
            "Europe/Berlin",
            datetime(2025, 10, 26, 0, tzinfo=UTC),
            ["26 Oct 02:00 (UTC+2)", "26 Oct 02:00 (UTC+1)", "26 Oct 03:00"],
            "Sun 26 October 2025, 02:00–03:00 (UTC+2)",
        ),
        (
            "Australia/Lord_Howe",
            datetime(2025, 4, 5, 14, tzinfo=UTC),
            ["6 Apr 01:00", "6 Apr 01:30 (UTC+10:30)", "6 Apr 02:00"],
            "Sun 6 April 2025, 01:00–02:00",
        ),
        (
            "America/New_York",
            datetime(2025, 11, 2, 5, tzinfo=UTC),
            ["2 Nov 01:00 (UTC-4)", "2 Nov 01:00 (UTC-5)", "2 Nov 02:00"],
            "Sun 2 November 2025, 01:00–02:00 (UTC-4)",
        ),
    ],
)
def test_label_of_a_repeated_hour_carries_its_offset(timezone, start, short, full):
    rule = PeriodRule(timezone)
    first = period_of(Grain.HOUR, start, rule)
    hours = periods(Grain.HOUR, start, datetime(2026, 1, 1, tzinfo=UTC), rule)[:3]

    assert [label(hour, rule, "en") for hour in hours] == short
    assert label(first, rule, "en", full=True) == full
    assert len({period_key(hour, rule) for hour in hours}) == 3


@pytest.mark.parametrize(
    ("month", "day", "year", "quarter"),
    [
        (1, date(2025, 12, 31), 2025, 4),
        (1, date(2026, 1, 1), 2026, 1),
        (4, date(2026, 3, 31), 2026, 4),
        (4, date(2026, 4, 1), 2027, 1),
        (2, date(2026, 1, 31), 2026, 4),
        (2, date(2026, 2, 1), 2027, 1),
        (12, date(2025, 11, 30), 2025, 4),
        (12, date(2025, 12, 1), 2026, 1),
    ],
)
def test_fiscal_year_is_named_by_the_year_in_which_it_ends(month, day, year, quarter):
    rule = PeriodRule("UTC", fiscal_year_starts_month=month)

    assert (fiscal_year(day, rule), fiscal_quarter(day, rule)) == (year, quarter)


def test_week_number_of_monday_weeks_is_the_iso_week():
    monday = date(1999, 12, 27)

    for number in range(3000):
        first_on = date.fromordinal(monday.toordinal() + 7 * number)
        assert week_number(first_on) == first_on.isocalendar()[:2]


def test_week_number_of_sunday_weeks_goes_by_the_wednesday():
    assert week_number(date(2025, 12, 28)) == (2025, 53)
    assert week_number(date(2026, 1, 4)) == (2026, 1)
    assert week_number(date(2024, 12, 29)) == (2025, 1)
