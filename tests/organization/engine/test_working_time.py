from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organization.engine.official_days import official_days
from organization.engine.working_time import (
    DayException,
    DayKind,
    NoWorkingTime,
    WorkingCalendar,
    add_working_days,
    add_working_time,
    is_provisional,
    is_working_day,
    working_days_between,
    working_ranges,
    working_seconds,
)

FREE = ()
OFFICE = ((time(9), time(12)), (time(13), time(18)))
WEEK = (OFFICE,) * 5 + (FREE, FREE)
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3600

CHINA = WorkingCalendar(
    "Asia/Shanghai",
    WEEK,
    {
        day.on: DayException(day.kind, None, day.name_zh)
        for year in (2024, 2025, 2026)
        for day in official_days("CN", year)
    },
    known_until=date(2026, 12, 31),
)
NIGHTS = WorkingCalendar("Europe/Berlin", (((time(22), time(6)),),) * 5 + (FREE, FREE))
NEVER = WorkingCalendar("UTC", (FREE,) * 7)
TWO_DAYS = WorkingCalendar(
    "UTC",
    (FREE,) * 7,
    {
        date(2025, 6, 2): DayException(DayKind.WORKING, ((time(9), time(10)),)),
        date(2025, 6, 5): DayException(DayKind.WORKING, ((time(9), time(11)),)),
        date(2025, 6, 9): DayException(DayKind.NON_WORKING),
    },
)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        # The two of the requirement: Sunday 28 September is worked, 1 to 8 October are free.
        ("2025-09-27", 1, "2025-09-28"),
        ("2025-09-30", 1, "2025-10-09"),
        ("2025-09-26", 1, "2025-09-28"),
        ("2025-09-26", 2, "2025-09-29"),
        ("2025-10-10", 1, "2025-10-11"),
        ("2025-10-10", 2, "2025-10-13"),
        ("2025-10-03", 1, "2025-10-09"),
        ("2025-10-09", -1, "2025-09-30"),
        ("2025-10-03", -1, "2025-09-30"),
        ("2025-09-28", -1, "2025-09-26"),
        ("2025-10-13", -2, "2025-10-10"),
        ("2025-09-27", 0, "2025-09-28"),
        ("2025-09-28", 0, "2025-09-28"),
        ("2025-10-01", 0, "2025-10-09"),
        ("2025-01-24", 2, "2025-01-27"),
        ("2025-01-27", 1, "2025-02-05"),
        ("2024-12-31", 248, "2025-12-31"),
        ("2025-12-31", -248, "2024-12-31"),
    ],
)
def test_p2_add_working_days_in_the_chinese_calendar(day, n, expected):
    assert add_working_days(CHINA, date.fromisoformat(day), n) == date.fromisoformat(expected)


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 248), (2026, 248)])
def test_p2_working_days_of_a_chinese_year_are_counted(year, count):
    assert working_days_between(CHINA, date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [
        ("2025-09-30", "2025-10-09", 1),
        ("2025-09-30", "2025-10-08", 0),
        ("2025-09-26", "2025-09-30", 3),
        ("2025-09-27", "2025-09-28", 1),
        ("2025-09-30", "2025-09-30", 0),
        ("2025-10-09", "2025-09-30", -1),
        ("2025-10-08", "2025-10-01", 0),
        ("2025-09-30", "2025-09-26", -3),
    ],
)
def test_p2_working_days_between_counts_the_later_end(a, b, count):
    assert working_days_between(CHINA, date.fromisoformat(a), date.fromisoformat(b)) == count


def test_p2_is_working_day_follows_exceptions():
    assert is_working_day(CHINA, date(2025, 9, 28))
    assert not is_working_day(CHINA, date(2025, 10, 6))
    assert not is_working_day(CHINA, date(2025, 9, 27))
    assert is_working_day(CHINA, date(2025, 9, 26))


def test_o6_day_beyond_the_official_list_is_provisional():
    assert not is_provisional(CHINA, date(2026, 12, 31))
    assert is_provisional(CHINA, date(2027, 1, 1))
    assert not is_provisional(NIGHTS, date(2027, 1, 1))


def test_p2_working_ranges_are_clipped_and_skip_holidays():
    found = working_ranges(CHINA, shanghai("2025-09-30T11:00"), shanghai("2025-10-09T14:00"))

    assert found == [
        (utc("2025-09-30T03:00"), utc("2025-09-30T04:00")),
        (utc("2025-09-30T05:00"), utc("2025-09-30T10:00")),
        (utc("2025-10-09T01:00"), utc("2025-10-09T04:00")),
        (utc("2025-10-09T05:00"), utc("2025-10-09T06:00")),
    ]
    assert all(edge.tzinfo is UTC for interval in found for edge in interval)


def test_p2_working_ranges_that_touch_are_joined():
    shifts = ((time(6), time(14)), (time(14), time(22)), (time(22), time(6)))
    cal = WorkingCalendar("Europe/Berlin", (shifts,) * 7)
    start, end = utc("2025-03-28T10:00"), utc("2025-04-01T10:00")

    assert working_ranges(cal, start, end) == [(start, end)]


def test_p2_working_ranges_of_an_empty_or_reversed_span_are_none():
    noon = shanghai("2025-09-30T11:00")

    assert working_ranges(CHINA, noon, noon) == []
    assert working_ranges(CHINA, noon, noon - timedelta(days=3)) == []
    assert working_ranges(CHINA, shanghai("2025-10-01T00:00"), shanghai("2025-10-09T09:00")) == []
    assert working_ranges(NEVER, noon, noon + timedelta(days=3650)) == []


def test_p2_night_shift_is_worked_to_its_end_after_midnight():
    saturday_night = utc("2025-11-08T01:00"), utc("2025-11-10T20:00")

    # Friday 22:00 to Saturday 06:00 in Berlin; the next shift opens on Monday.
    assert working_ranges(NIGHTS, *saturday_night) == [(utc("2025-11-08T01:00"), utc("2025-11-08T05:00"))]


def test_p2_night_shift_before_a_holiday_is_worked_and_the_holiday_s_own_is_not():
    wednesday = date(2025, 11, 12)
    cal = WorkingCalendar("UTC", (((time(22), time(6)),),) * 7, {wednesday: DayException(DayKind.NON_WORKING)})

    assert working_ranges(cal, utc("2025-11-11T12:00"), utc("2025-11-14T12:00")) == [
        (utc("2025-11-11T22:00"), utc("2025-11-12T06:00")),
        (utc("2025-11-13T22:00"), utc("2025-11-14T06:00")),
    ]


@pytest.mark.parametrize(
    ("a", "b", "seconds"),
    [
        ("2025-09-29T09:00", "2025-09-29T18:00", 8 * HOUR),
        ("2025-09-29T11:30", "2025-09-29T13:30", HOUR),
        ("2025-09-29T12:00", "2025-09-29T13:00", 0),
        ("2025-09-29T08:00", "2025-09-29T09:00:01", 1),
        ("2025-09-30T17:59:59", "2025-10-09T09:00:01", 2),
        ("2025-09-26T18:00", "2025-09-28T18:00", 8 * HOUR),
        ("2025-10-09T09:00:01", "2025-09-30T17:59:59", -2),
        ("2025-09-29T10:00", "2025-09-29T10:00", 0),
        ("2025-09-29T10:00:00.900", "2025-09-29T10:00:01.100", 1),
        ("2025-09-29T10:00:00.100", "2025-09-29T10:00:00.900", 0),
        ("2025-01-01T00:00", "2026-01-01T00:00", 248 * 8 * HOUR),
    ],
)
def test_p2_working_seconds_over_lunch_nights_and_holidays(a, b, seconds):
    assert working_seconds(CHINA, shanghai(a), shanghai(b)) == seconds


def test_p2_working_seconds_of_nights_on_which_the_clock_changes():
    assert working_seconds(NIGHTS, utc("2025-10-23T12:00"), utc("2025-10-27T12:00")) == 16 * HOUR
    weekend_nights = WorkingCalendar("Europe/Berlin", (FREE,) * 5 + (((time(22), time(6)),), FREE))
    assert working_seconds(weekend_nights, utc("2025-10-25T12:00"), utc("2025-10-26T12:00")) == 9 * HOUR
    assert working_seconds(weekend_nights, utc("2025-03-29T12:00"), utc("2025-03-30T12:00")) == 7 * HOUR


@pytest.mark.parametrize(
    ("instant", "seconds", "expected"),
    [
        ("2025-09-29T10:00", HOUR, "2025-09-29T11:00"),
        # Over lunch, over night, over the make-up Sunday, over the long holiday.
        ("2025-09-29T11:30", HOUR, "2025-09-29T13:30"),
        ("2025-09-29T17:30", HOUR, "2025-09-30T09:30"),
        ("2025-09-26T17:30", HOUR, "2025-09-28T09:30"),
        ("2025-09-30T17:59:59", 2, "2025-10-09T09:00:01"),
        # Time that runs out as work closes ends there; one second more opens the next range.
        ("2025-09-29T09:00", 3 * HOUR, "2025-09-29T12:00"),
        ("2025-09-29T09:00", 3 * HOUR + 1, "2025-09-29T13:00:01"),
        ("2025-09-29T09:00", 8 * HOUR, "2025-09-29T18:00"),
        ("2025-09-29T18:00", 1, "2025-09-30T09:00:01"),
        # From outside working time the clock starts at the next opening.
        ("2025-10-04T03:00", HOUR, "2025-10-09T10:00"),
        ("2025-09-29T12:30", 60, "2025-09-29T13:01"),
        # 0 moves nothing, not even to the next opening.
        ("2025-10-04T03:00", 0, "2025-10-04T03:00"),
        ("2025-09-29T10:00", 0, "2025-09-29T10:00"),
        # Backward: ends at the opening.
        ("2025-09-29T11:00", -HOUR, "2025-09-29T10:00"),
        ("2025-09-29T13:30", -HOUR, "2025-09-29T11:30"),
        ("2025-09-29T18:00", -8 * HOUR, "2025-09-29T09:00"),
        ("2025-09-29T18:00", -8 * HOUR - 1, "2025-09-28T17:59:59"),
        ("2025-09-29T09:00", -1, "2025-09-28T17:59:59"),
        ("2025-10-09T09:30", -HOUR, "2025-09-30T17:30"),
        ("2025-10-04T03:00", -HOUR, "2025-09-30T17:00"),
        ("2025-01-01T00:00", 248 * 8 * HOUR, "2025-12-31T18:00"),
        ("2026-01-01T00:00", -248 * 8 * HOUR, "2025-01-02T09:00"),
        ("2025-09-29T17:59:59.250", 1, "2025-09-30T09:00:00.250"),
    ],
)
def test_p2_add_working_time_to_the_second(instant, seconds, expected):
    found = add_working_time(CHINA, shanghai(instant), seconds)

    assert found == shanghai(expected)
    assert found.tzinfo is UTC


def test_p2_add_working_time_in_a_night_shift_over_the_clock_change():
    nights = WorkingCalendar("Europe/Berlin", (((time(22), time(6)),),) * 7)

    # From 22:00 CEST eight hours end at 05:00 CET, from 22:00 CET at 07:00 CEST: out of the shift, so into the next.
    assert add_working_time(nights, utc("2025-10-25T20:00"), 8 * HOUR) == utc("2025-10-26T04:00")
    assert add_working_time(nights, utc("2025-03-29T21:00"), 8 * HOUR) == utc("2025-03-30T21:00")
    assert add_working_time(nights, utc("2025-10-26T02:00"), -6 * HOUR) == utc("2025-10-25T20:00")


@pytest.mark.parametrize("n", [-1, 0, 1])
def test_p2_calendar_without_any_working_time_says_so(n):
    with pytest.raises(NoWorkingTime, match="The calendar has no"):
        add_working_days(NEVER, date(2025, 6, 1), n)
    if n:
        with pytest.raises(NoWorkingTime, match="The calendar has less than 1 working seconds"):
            add_working_time(NEVER, utc("2025-06-01T00:00"), n)


def test_p2_calendar_of_a_few_dates_ends_with_them():
    assert add_working_days(TWO_DAYS, date(2000, 1, 1), 2) == date(2025, 6, 5)
    assert add_working_days(TWO_DAYS, date(2100, 1, 1), -2) == date(2025, 6, 2)
    assert add_working_time(TWO_DAYS, utc("2000-01-01T00:00"), 3 * HOUR) == utc("2025-06-05T11:00")
    assert add_working_time(TWO_DAYS, utc("2100-01-01T00:00"), -3 * HOUR) == utc("2025-06-02T09:00")
    assert working_seconds(TWO_DAYS, utc("2000-01-01T00:00"), utc("2100-01-01T00:00")) == 3 * HOUR
    with pytest.raises(NoWorkingTime):
        add_working_days(TWO_DAYS, date(2025, 6, 2), 2)
    with pytest.raises(NoWorkingTime):
        add_working_days(TWO_DAYS, date(2025, 6, 5), 1)
    with pytest.raises(NoWorkingTime):
        add_working_days(TWO_DAYS, date(2025, 6, 2), -1)
    with pytest.raises(NoWorkingTime):
        add_working_time(TWO_DAYS, utc("2025-06-02T09:00"), 3 * HOUR + 1)
    with pytest.raises(NoWorkingTime):
        add_working_time(TWO_DAYS, utc("2025-06-05T11:00"), -3 * HOUR - 1)


def test_p2_naive_instants_are_refused():
    naive = datetime(2025, 6, 1)

    for call in (
        lambda: working_ranges(CHINA, naive, utc("2025-06-02T00:00")),
        lambda: working_seconds(CHINA, utc("2025-06-02T00:00"), naive),
        lambda: add_working_time(CHINA, naive, 60),
    ):
        with pytest.raises(ValueError, match="has no time zone"):
            call()


PATTERNS = [
    WEEK,
    (((time(22), time(6)),),) * 7,
    (((time(0), time(0)),),) * 3 + (FREE,) * 4,
    (((time(8), time(8)),), FREE, ((time(0), time(1, 30)), (time(23, 30), time(0, 15)))) + (FREE,) * 3
    + (((time(1, 15), time(3)), (time(22), time(2, 45))),),
    (FREE,) * 6 + (((time(2), time(3)),),),
]  # fmt: skip
ZONES = [
    "Africa/Cairo",
    "America/Havana",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
]
CHANGES = [
    "2010-11-07",
    "2011-12-30",
    "2018-11-04",
    "2025-03-30",
    "2025-04-06",
    "2025-10-26",
    "2025-10-31",
    "2025-11-02",
]
DAYS = st.builds(
    lambda day, n: date.fromisoformat(day) + timedelta(days=n), st.sampled_from(CHANGES), st.integers(-8, 8)
)


@st.composite
def calendars(draw):
    weekly = draw(st.sampled_from(PATTERNS))
    free_days = draw(st.sets(DAYS, max_size=4))
    exceptions = {day: DayException(DayKind.NON_WORKING) for day in free_days}
    return WorkingCalendar(draw(st.sampled_from(ZONES)), weekly, exceptions)


SECONDS = st.one_of(st.integers(0, 86399), st.sampled_from(range(0, 86400, 900)))


def instants(day: date) -> st.SearchStrategy[datetime]:
    """Instants around `day`, quarter hours as often as odd seconds."""
    return st.builds(
        lambda n, seconds: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=n, seconds=seconds),
        st.integers(-4, 4),
        SECONDS,
    )


INSTANTS = DAYS.flatmap(instants)
THREE_INSTANTS = DAYS.flatmap(lambda day: st.tuples(*[instants(day)] * 3))
exhaustive = settings(max_examples=300, deadline=None, derandomize=True)


@exhaustive
@given(calendars(), INSTANTS, st.integers(0, 10 * 86400))
def test_p2_working_ranges_are_ordered_apart_and_add_up(cal, start, length):
    end = start + timedelta(seconds=length)

    found = working_ranges(cal, start, end)

    edges = [edge for interval in found for edge in interval]
    assert edges == sorted(set(edges))
    assert all(start <= edge <= end for edge in edges)
    total = sum((closes - opens for opens, closes in found), timedelta())
    assert working_seconds(cal, start, end) == total.total_seconds()


@exhaustive
@given(calendars(), THREE_INSTANTS)
def test_p2_working_seconds_of_parts_add_up_to_the_whole(cal, three):
    a, b, c = three

    assert working_seconds(cal, a, b) + working_seconds(cal, b, c) == working_seconds(cal, a, c)
    assert working_seconds(cal, a, b) == -working_seconds(cal, b, a)


@exhaustive
@given(calendars(), INSTANTS, st.integers(1, 100 * HOUR))
def test_p2_add_working_time_is_the_nearest_instant_with_that_much_between(cal, instant, seconds):
    second = timedelta(seconds=1)

    due = add_working_time(cal, instant, seconds)
    begun = add_working_time(cal, instant, -seconds)

    assert working_seconds(cal, instant, due) == seconds
    assert working_seconds(cal, instant, due - second) == seconds - 1
    assert working_seconds(cal, begun, instant) == seconds
    assert working_seconds(cal, begun + second, instant) == seconds - 1


@exhaustive
@given(calendars(), DAYS, st.integers(-30, 30))
def test_p2_add_working_days_and_between_are_inverse(cal, day, n):
    found = add_working_days(cal, day, n)

    assert is_working_day(cal, found)
    if n or is_working_day(cal, day):
        assert working_days_between(cal, day, found) == n


@exhaustive
@given(calendars().filter(lambda cal: cal.timezone in {"Asia/Shanghai", "Europe/Berlin"}), INSTANTS)
def test_p2_working_at_an_instant_is_what_the_local_clock_and_pattern_say(cal, instant):
    local = instant.astimezone(ZoneInfo(cal.timezone))
    yesterday, clock = local.date() - timedelta(days=1), local.time()

    expected = any(
        opens <= clock and (clock < closes or closes <= opens) for opens, closes in cal.ranges_on(local.date())
    ) or any(closes <= opens and clock < closes for opens, closes in cal.ranges_on(yesterday))

    # In a repeated hour the first passage of a closing time closes, so the pattern is only exact outside of it.
    if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
        assert bool(working_ranges(cal, instant, instant + timedelta(seconds=1))) == expected
