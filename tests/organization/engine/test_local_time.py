from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest

from organization.engine.local_time import (
    UnknownTimezone,
    as_utc,
    day_start,
    local_day,
    offset_runs,
    wall_instant,
    zone,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("timezone", "day", "start", "hours"),
    [
        ("UTC", "2025-11-09", "2025-11-09T00:00", 24),
        ("Asia/Shanghai", "2025-11-09", "2025-11-08T16:00", 24),
        ("Asia/Kathmandu", "2025-11-09", "2025-11-08T18:15", 24),
        ("Europe/Berlin", "2025-03-30", "2025-03-29T23:00", 23),
        ("Europe/Berlin", "2025-10-26", "2025-10-25T22:00", 25),
        # Midnight is skipped: the day begins at 01:00.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", 23),
        ("Asia/Beirut", "2025-03-30", "2025-03-29T22:00", 23),
        ("Africa/Cairo", "2025-04-25", "2025-04-24T22:00", 23),
        # 23:00 to midnight comes twice: the long day is the one before.
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00", 25),
        ("Asia/Beirut", "2025-10-25", "2025-10-24T21:00", 25),
        ("Africa/Cairo", "2025-10-30", "2025-10-29T21:00", 25),
        # Midnight itself comes twice, both times on the same date.
        ("America/Havana", "2025-11-02", "2025-11-02T04:00", 25),
        # At 00:01 back to 23:01: only the second midnight ends 6 November for good.
        ("America/St_Johns", "2010-11-06", "2010-11-06T02:30", 25),
        ("America/St_Johns", "2010-11-07", "2010-11-07T03:30", 24),
        # At 23:30 on to 00:30: midnight lies inside the gap.
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30", 23.5),
        ("Australia/Lord_Howe", "2025-04-06", "2025-04-05T13:00", 24.5),
        # The date that Samoa skipped.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00", 0),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00", 24),
    ],
)
def test_day_start_where_clocks_change_is_exact(timezone, day, start, hours):
    day = date.fromisoformat(day)

    begins = day_start(day, timezone)

    assert begins == utc(start)
    assert begins.tzinfo is UTC
    assert day_start(day + timedelta(days=1), timezone) - begins == timedelta(hours=hours)


def test_day_start_in_every_zone_is_the_first_instant_of_its_date():
    for timezone in sorted(available_timezones()):
        tz = zone(timezone)
        for day in (date(2023, 12, 31) + timedelta(days=number) for number in range(366)):
            start = day_start(day, timezone)
            before = start - timedelta(microseconds=1)
            assert (before.astimezone(tz).date(), start.astimezone(tz).date()) == (day - timedelta(days=1), day)


def test_local_day_before_an_undone_midnight_is_the_day_before():
    first_midnight, second_midnight = utc("2010-11-07T02:30"), utc("2010-11-07T03:30")

    assert first_midnight.astimezone(zone("America/St_Johns")).date() == date(2010, 11, 7)
    assert local_day(first_midnight, "America/St_Johns") == date(2010, 11, 6)
    assert local_day(second_midnight, "America/St_Johns") == date(2010, 11, 7)


@pytest.mark.parametrize(
    ("timezone", "day", "at", "instant"),
    [
        ("Europe/Berlin", "2025-03-30", "01:59:59", "2025-03-30T00:59:59"),
        ("Europe/Berlin", "2025-03-30", "02:00", "2025-03-30T01:00"),
        ("Europe/Berlin", "2025-03-30", "02:30", "2025-03-30T01:00"),
        ("Europe/Berlin", "2025-03-30", "03:00", "2025-03-30T01:00"),
        ("Europe/Berlin", "2025-10-26", "02:30", "2025-10-26T00:30"),
        ("Europe/Berlin", "2025-10-26", "03:00", "2025-10-26T02:00"),
        ("America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00"),
        ("America/Sao_Paulo", "2018-11-04", "00:30", "2018-11-04T03:00"),
        ("America/St_Johns", "2010-11-07", "00:00:30", "2010-11-07T03:30"),
        ("Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T10:00"),
    ],
)
def test_wall_instant_where_clocks_change_is_exact(timezone, day, at, instant):
    assert wall_instant(date.fromisoformat(day), time.fromisoformat(at), timezone) == utc(instant)


def test_wall_instant_ignores_the_fold_of_its_argument():
    assert wall_instant(date(2025, 10, 26), time(2, 30, fold=1), "Europe/Berlin") == utc("2025-10-26T00:30")


def test_offset_runs_on_a_spring_day_are_cut_at_the_change():
    runs = offset_runs(utc("2025-03-29T23:00"), utc("2025-03-30T22:00"), "Europe/Berlin")

    assert runs == [
        (utc("2025-03-29T23:00"), utc("2025-03-30T01:00"), timedelta(hours=1)),
        (utc("2025-03-30T01:00"), utc("2025-03-30T22:00"), timedelta(hours=2)),
    ]


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "Europe", "../etc/passwd", "/etc/localtime"])
def test_zone_of_no_time_zone_is_refused(name):
    with pytest.raises(UnknownTimezone, match="is not a time zone"):
        zone(name)


def test_as_utc_of_a_naive_datetime_is_refused():
    with pytest.raises(ValueError, match="2025-11-09T12:00:00 has no time zone"):
        as_utc(datetime(2025, 11, 9, 12))
