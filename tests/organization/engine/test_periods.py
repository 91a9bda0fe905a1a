from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organization.engine.periods import Grain, Period, PeriodRule, period_of, periods, previous_year, shift

NASTY_ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Caracas",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Asia/Shanghai",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
]
LONGEST = {
    Grain.HOUR: timedelta(days=4),
    Grain.DAY: timedelta(days=40),
    Grain.WEEK: timedelta(days=200),
    Grain.MONTH: timedelta(days=800),
    Grain.QUARTER: timedelta(days=1500),
    Grain.YEAR: timedelta(days=4000),
}
MICROSECOND = timedelta(microseconds=1)

RULES = st.builds(
    PeriodRule,
    timezone=st.sampled_from(NASTY_ZONES),
    week_starts_on=st.integers(0, 6),
    fiscal_year_starts_month=st.integers(1, 12),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Half of the instants lie near a clock change, where the mistakes are.
CHANGES = [
    "1994-12-31T10:00",  # Kiritimati skips a date
    "2007-12-09T07:00",  # Caracas moves by half an hour
    "2010-11-07T02:31",  # St. John's at 00:01
    "2011-12-30T10:00",  # Apia skips a date
    "2016-05-01T07:00",  # Caracas moves back by half an hour
    "2018-05-04T15:00",  # Pyongyang moves by half an hour at 23:30
    "2018-11-04T03:00",  # Sao Paulo skips midnight
    "2025-03-29T22:00",  # Beirut skips midnight
    "2025-04-05T15:00",  # Lord Howe moves by half an hour
    "2025-10-30T21:00",  # Cairo repeats the hour before midnight
    "2025-11-02T05:00",  # Havana repeats the hour after midnight
]
INSTANTS = st.one_of(
    st.datetimes(datetime(1975, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)),
    st.builds(
        lambda change, seconds: utc(change) + timedelta(seconds=seconds),
        st.sampled_from(CHANGES),
        st.integers(-2 * 86400, 2 * 86400),
    ),
)
exhaustive = settings(max_examples=300, deadline=None, derandomize=True)


@st.composite
def ranges(draw):
    grain, rule, start = draw(st.sampled_from(Grain)), draw(RULES), draw(INSTANTS)
    return grain, start, start + draw(st.timedeltas(MICROSECOND, LONGEST[grain])), rule


@exhaustive
@given(ranges())
def test_periods_of_any_range_tile_it_exactly(case):
    grain, start, end, rule = case

    found = periods(grain, start, end, rule)

    assert found[0].start <= start < found[0].end
    assert found[-1].start < end <= found[-1].end
    assert all(period.start < period.end for period in found)
    assert all(one.end == next_one.start for one, next_one in pairwise(found))
    assert {period.grain for period in found} == {grain}
    assert all(period.start.tzinfo is UTC and period.end.tzinfo is UTC for period in found)


@exhaustive
@given(ranges())
def test_period_of_every_edge_instant_is_the_period_itself(case):
    grain, start, end, rule = case

    for period in periods(grain, start, end, rule):
        assert period_of(grain, period.start, rule) == period
        assert period_of(grain, period.end - MICROSECOND, rule) == period


@exhaustive
@given(ranges())
def test_shift_follows_the_sequence_in_both_directions(case):
    grain, start, end, rule = case
    found = periods(grain, start, end, rule)

    assert [shift(found[0], n, rule) for n in range(min(len(found), 6))] == found[:6]
    assert shift(found[0], len(found) - 1, rule) == found[-1]
    assert shift(found[-1], 1 - len(found), rule) == found[0]


@exhaustive
@given(RULES, INSTANTS, st.sampled_from([grain for grain in Grain if grain is not Grain.HOUR]))
def test_period_is_the_union_of_the_grain_it_is_built_from(rule, instant, grain):
    whole = period_of(grain, instant, rule)

    parts = periods(grain.built_from, whole.start, whole.end, rule)

    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert (parts[0].first_on, parts[-1].last_on) == (whole.first_on, whole.last_on)
    assert sum((part.duration for part in parts), timedelta()) == whole.duration


@exhaustive
@given(RULES.filter(lambda rule: rule.timezone != "America/St_Johns"), INSTANTS)
def test_day_and_hour_of_any_instant_are_what_the_clock_shows(rule, instant):
    local = instant.astimezone(ZoneInfo(rule.timezone))

    day, hour = period_of(Grain.DAY, instant, rule), period_of(Grain.HOUR, instant, rule)

    assert day.first_on == day.last_on == hour.first_on == hour.last_on == local.date()
    shown = [at.astimezone(ZoneInfo(rule.timezone)) for at in (hour.start, hour.end - MICROSECOND)]
    assert {(at.date(), at.hour, at.utcoffset()) for at in shown} == {(local.date(), local.hour, local.utcoffset())}
    following = hour.end.astimezone(ZoneInfo(rule.timezone))
    assert (following.date(), following.hour, following.utcoffset()) != (local.date(), local.hour, local.utcoffset())


@exhaustive
@given(RULES, INSTANTS)
def test_weeks_and_fiscal_periods_of_any_instant_begin_where_the_rule_says(rule, instant):
    week, quarter, year = (period_of(grain, instant, rule) for grain in (Grain.WEEK, Grain.QUARTER, Grain.YEAR))

    assert week.first_on.weekday() == rule.week_starts_on
    assert (week.last_on - week.first_on).days == 6
    assert (quarter.first_on.day, (quarter.first_on.month - rule.fiscal_year_starts_month) % 3) == (1, 0)
    assert (year.first_on.day, year.first_on.month) == (1, rule.fiscal_year_starts_month)
    assert year.last_on == year.first_on.replace(year=year.first_on.year + 1) - timedelta(days=1)


@exhaustive
@given(RULES, INSTANTS, st.sampled_from(Grain))
def test_previous_year_of_any_period_is_a_period_about_a_year_before(rule, instant, grain):
    period = period_of(grain, instant, rule)

    before = previous_year(period, rule)

    assert period_of(grain, before.start, rule) == before
    assert timedelta(days=363) <= period.start - before.start <= timedelta(days=368)


def hours_of(day: str, timezone: str) -> list[tuple[str, timedelta]]:
    rule = PeriodRule(timezone)
    whole = period_of(Grain.DAY, datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(timezone)), rule)
    return [
        (f"{hour.start.astimezone(ZoneInfo(timezone)):%H:%M}", hour.duration)
        for hour in periods(Grain.HOUR, whole.start, whole.end, rule)
    ]


@pytest.mark.parametrize(
    ("timezone", "day", "count", "beginning"),
    [
        ("Europe/Berlin", "2025-10-26", 25, ["00:00", "01:00", "02:00", "02:00", "03:00"]),
        ("Europe/Berlin", "2025-03-30", 23, ["00:00", "01:00", "03:00", "04:00", "05:00"]),
        ("America/Sao_Paulo", "2018-11-04", 23, ["01:00", "02:00", "03:00", "04:00", "05:00"]),
        ("America/Havana", "2025-11-02", 25, ["00:00", "00:00", "01:00", "02:00", "03:00"]),
        ("Antarctica/Troll", "2025-10-26", 26, ["00:00", "01:00", "02:00", "01:00", "02:00"]),
        ("Asia/Kathmandu", "2025-11-09", 24, ["00:00", "01:00", "02:00", "03:00", "04:00"]),
    ],
)
def test_hours_of_a_day_follow_the_local_clock(timezone, day, count, beginning):
    hours = hours_of(day, timezone)

    assert len(hours) == count
    assert [start for start, _ in hours[:5]] == beginning
    assert {duration for _, duration in hours} == {timedelta(hours=1)}


@pytest.mark.parametrize(
    ("day", "around"),
    [
        ("2025-04-06", [("00:00", 60), ("01:00", 60), ("01:30", 30), ("02:00", 60)]),
        ("2025-10-05", [("00:00", 60), ("01:00", 60), ("02:30", 30), ("03:00", 60)]),
    ],
)
def test_hours_where_clocks_move_by_half_an_hour_have_one_short_period(day, around):
    hours = hours_of(day, "Australia/Lord_Howe")

    assert hours[:4] == [(start, timedelta(minutes=minutes)) for start, minutes in around]


def test_hours_in_a_quarter_hour_zone_begin_off_the_hour_in_utc():
    hour = period_of(Grain.HOUR, utc("2025-11-09T06:20"), PeriodRule("Asia/Kathmandu"))

    assert hour == Period(
        Grain.HOUR, utc("2025-11-09T06:15"), utc("2025-11-09T07:15"), date(2025, 11, 9), date(2025, 11, 9)
    )


def test_periods_leave_out_the_date_that_the_zone_skipped():
    rule = PeriodRule("Pacific/Apia")

    days = periods(Grain.DAY, utc("2011-12-29T12:00"), utc("2011-12-31T10:00"), rule)

    assert [day.first_on for day in days] == [date(2011, 12, 29), date(2011, 12, 31)]
    assert shift(days[0], 1, rule) == days[1]
    assert shift(days[1], -1, rule) == days[0]
    assert shift(days[0], 2, rule).first_on == date(2012, 1, 1)
    assert period_of(Grain.WEEK, utc("2011-12-29T12:00"), rule).duration == timedelta(days=6)


def test_periods_overlap_is_half_open():
    rule = PeriodRule("Asia/Shanghai")
    midnight = utc("2025-11-08T16:00")
    day = timedelta(days=1)

    assert [p.first_on.day for p in periods(Grain.DAY, midnight, midnight + day, rule)] == [9]
    assert [p.first_on.day for p in periods(Grain.DAY, midnight - MICROSECOND, midnight + day, rule)] == [8, 9]
    assert [p.first_on.day for p in periods(Grain.DAY, midnight, midnight + day + MICROSECOND, rule)] == [9, 10]
    assert periods(Grain.DAY, midnight, midnight, rule) == []


@pytest.mark.parametrize("grain", list(Grain))
def test_periods_of_a_reversed_or_naive_range_are_refused(grain):
    rule = PeriodRule("UTC")

    with pytest.raises(ValueError, match=r"ends .* before it starts"):
        periods(grain, utc("2025-01-02T00:00"), utc("2025-01-01T00:00"), rule)
    with pytest.raises(ValueError, match="has no time zone"):
        periods(grain, datetime(2025, 1, 1), utc("2025-01-02T00:00"), rule)
    with pytest.raises(ValueError, match="has no time zone"):
        period_of(grain, datetime(2025, 1, 1), rule)


def test_fiscal_periods_of_april_start_in_april():
    rule = PeriodRule("Asia/Tokyo", fiscal_year_starts_month=4)
    at = utc("2026-02-10T00:00")

    quarter, year = period_of(Grain.QUARTER, at, rule), period_of(Grain.YEAR, at, rule)

    assert (quarter.first_on, quarter.last_on) == (date(2026, 1, 1), date(2026, 3, 31))
    assert (year.first_on, year.last_on) == (date(2025, 4, 1), date(2026, 3, 31))
    assert (year.start, year.end) == (utc("2025-03-31T15:00"), utc("2026-03-31T15:00"))


def test_fiscal_quarters_of_february_cross_the_year_end():
    rule = PeriodRule("UTC", fiscal_year_starts_month=2)

    quarters = periods(Grain.QUARTER, utc("2025-02-01T00:00"), utc("2026-02-01T00:00"), rule)

    assert [quarter.first_on for quarter in quarters] == [
        date(2025, 2, 1),
        date(2025, 5, 1),
        date(2025, 8, 1),
        date(2025, 11, 1),
    ]
    assert quarters[-1].last_on == date(2026, 1, 31)


def day_on(day: date, rule: PeriodRule) -> Period:
    return period_of(Grain.DAY, datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(rule.timezone)), rule)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2024, 2, 29), date(2023, 2, 28)),
        (date(2024, 2, 28), date(2023, 2, 28)),
        (date(2025, 2, 28), date(2024, 2, 28)),
        (date(2024, 12, 31), date(2023, 12, 31)),
        (date(2024, 1, 31), date(2023, 1, 31)),
    ],
)
def test_previous_year_of_a_day_is_the_same_date(day, before):
    rule = PeriodRule("Europe/Berlin")

    assert previous_year(day_on(day, rule), rule) == day_on(before, rule)


def test_previous_year_of_a_day_onto_a_skipped_date_is_the_day_after_it():
    rule = PeriodRule("Pacific/Apia")

    assert previous_year(day_on(date(2012, 12, 30), rule), rule).first_on == date(2011, 12, 31)


def test_previous_year_of_a_week_is_52_weeks_earlier():
    rule = PeriodRule("Asia/Shanghai")

    week = period_of(Grain.WEEK, utc("2026-01-01T00:00"), rule)

    assert week.first_on == date(2025, 12, 29)
    assert previous_year(week, rule).first_on == date(2024, 12, 30)


@pytest.mark.parametrize(
    ("grain", "first_on", "last_on"),
    [
        (Grain.MONTH, date(2023, 2, 1), date(2023, 2, 28)),
        (Grain.QUARTER, date(2023, 1, 1), date(2023, 3, 31)),
        (Grain.YEAR, date(2022, 4, 1), date(2023, 3, 31)),
    ],
)
def test_previous_year_of_longer_periods_is_twelve_months_earlier(grain, first_on, last_on):
    rule = PeriodRule("Europe/Berlin", fiscal_year_starts_month=4)

    before = previous_year(period_of(grain, utc("2024-02-29T12:00"), rule), rule)

    assert (before.first_on, before.last_on) == (first_on, last_on)


@pytest.mark.parametrize(
    ("timezone", "hour", "before"),
    [
        ("Europe/Berlin", "2025-06-01T12:00", "2024-06-01T12:00"),
        ("Asia/Kathmandu", "2025-06-01T12:15", "2024-06-01T12:15"),
        # 30 March 02:00 is skipped in 2025: answered by 03:00, which is 01:00 UTC.
        ("Europe/Berlin", "2026-03-30T00:00", "2025-03-30T01:00"),
        # Both 02:00 of 26 October 2025 look back on the one 02:00 of 2024.
        ("Europe/Berlin", "2025-10-26T00:00", "2024-10-26T00:00"),
        ("Europe/Berlin", "2025-10-26T01:00", "2024-10-26T00:00"),
        # 27 October had two in 2024: the one 02:00 of 2025 looks back on the first.
        ("Europe/Berlin", "2025-10-27T01:00", "2024-10-27T00:00"),
        # Cairo repeated 23:00 on 30 October 2025, and a day later in 2024.
        ("Africa/Cairo", "2025-10-30T21:00", "2024-10-30T20:00"),
        # New York repeated 01:00 on 1 November in 2009, not in 2008: the second looks back on the only one.
        ("America/New_York", "2009-11-01T06:00", "2008-11-01T05:00"),
    ],
)
def test_previous_year_of_an_hour_is_the_same_clock_time(timezone, hour, before):
    rule = PeriodRule(timezone)

    assert previous_year(period_of(Grain.HOUR, utc(hour), rule), rule).start == utc(before)


def test_previous_year_of_a_repeated_hour_keeps_first_and_second_apart():
    # Iran repeated 23:00 on 21 September in 2021 and in 2022.
    rule = PeriodRule("Asia/Tehran")
    first, second = utc("2022-09-21T18:30"), utc("2022-09-21T19:30")

    assert previous_year(period_of(Grain.HOUR, first, rule), rule).start == utc("2021-09-21T18:30")
    assert previous_year(period_of(Grain.HOUR, second, rule), rule).start == utc("2021-09-21T19:30")


def test_shift_of_an_hour_over_a_clock_change_counts_hours_that_exist():
    rule = PeriodRule("Europe/Berlin")
    one_o_clock = period_of(Grain.HOUR, utc("2025-03-30T00:00"), rule)

    assert shift(one_o_clock, 1, rule).start == utc("2025-03-30T01:00")
    assert shift(one_o_clock, 23, rule).start == utc("2025-03-30T23:00")
    assert shift(one_o_clock, -24, rule).start == utc("2025-03-29T00:00")
    assert shift(one_o_clock, 0, rule) == one_o_clock


def test_contains_is_half_open():
    day = period_of(Grain.DAY, utc("2025-11-09T12:00"), PeriodRule("Asia/Shanghai"))

    assert day.contains(day.start)
    assert not day.contains(day.start - MICROSECOND)
    assert day.contains(day.end - MICROSECOND)
    assert not day.contains(day.end)


def test_grains_are_ordered_from_fine_to_coarse():
    assert sorted([Grain.YEAR, Grain.DAY, Grain.WEEK, Grain.HOUR, Grain.QUARTER, Grain.MONTH]) == list(Grain)
    assert Grain.HOUR < Grain.DAY <= Grain.DAY < Grain.YEAR
    assert Grain.YEAR > Grain.WEEK >= Grain.WEEK
    assert [grain.finer for grain in Grain] == [None, "hour", "day", "week", "month", "quarter"]
    assert [grain.coarser for grain in Grain] == ["day", "week", "month", "quarter", "year", None]
    assert [grain.built_from for grain in Grain] == [None, "hour", "day", "day", "month", "quarter"]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"timezone": "Mars/Olympus"}, "is not a time zone"),
        ({"timezone": "UTC", "week_starts_on": 7}, "A week starts on day 0"),
        ({"timezone": "UTC", "week_starts_on": -1}, "A week starts on day 0"),
        ({"timezone": "UTC", "fiscal_year_starts_month": 0}, "A fiscal year starts in month 1"),
        ({"timezone": "UTC", "fiscal_year_starts_month": 13}, "A fiscal year starts in month 1"),
    ],
)
def test_period_rule_out_of_range_is_refused(facts, sentence):
    with pytest.raises(ValueError, match=sentence):
        PeriodRule(**facts)
