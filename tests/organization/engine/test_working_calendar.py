from datetime import UTC, date, datetime, time, timedelta

import pytest

from organization.engine.local_time import UnknownTimezone
from organization.engine.working_calendar import DayException, DayKind, InvalidCalendar, WorkingCalendar

FREE = ()
OFFICE = ((time(9), time(12)), (time(13), time(18)))
NIGHT = ((time(22), time(6)),)
ROUND_THE_CLOCK = ((time(0), time(0)),)
WEEK = (OFFICE,) * 5 + (FREE, FREE)

SATURDAY, SUNDAY, MONDAY = date(2025, 11, 8), date(2025, 11, 9), date(2025, 11, 10)


def working(ranges=None):
    return DayException(DayKind.WORKING, ranges)


def free():
    return DayException(DayKind.NON_WORKING)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_p2_ranges_on_ordinary_and_exceptional_days():
    short = ((time(9), time(12)),)
    cal = WorkingCalendar(
        "Asia/Shanghai", WEEK, {MONDAY: free(), SUNDAY: working(), MONDAY + timedelta(days=1): working(short)}
    )

    assert cal.ranges_on(SATURDAY) == FREE
    assert cal.ranges_on(SUNDAY) == OFFICE
    assert cal.ranges_on(MONDAY) == FREE
    assert cal.ranges_on(MONDAY + timedelta(days=1)) == short
    assert cal.ranges_on(MONDAY + timedelta(days=2)) == OFFICE


def test_p2_ranges_on_a_make_up_day_are_those_of_its_weekday_then_the_default_then_the_first_weekday():
    half_day = ((time(9), time(13)),)
    saturdays = (OFFICE,) * 5 + (half_day, FREE)

    assert WorkingCalendar("UTC", saturdays, {SATURDAY: working()}, None, NIGHT).ranges_on(SATURDAY) == half_day
    assert WorkingCalendar("UTC", WEEK, {SATURDAY: working()}, None, half_day).ranges_on(SATURDAY) == half_day
    assert WorkingCalendar("UTC", WEEK, {SATURDAY: working()}).ranges_on(SATURDAY) == OFFICE


def test_p2_ranges_on_any_day_are_in_order():
    cal = WorkingCalendar("UTC", ((OFFICE[1], OFFICE[0]),) + (FREE,) * 6)

    assert cal.ranges_on(MONDAY) == OFFICE


@pytest.mark.parametrize(
    ("zone", "day", "ranges", "intervals"),
    [
        (
            "Asia/Shanghai",
            "2025-11-10",
            OFFICE,
            [("2025-11-10T01:00", "2025-11-10T04:00"), ("2025-11-10T05:00", "2025-11-10T10:00")],
        ),
        ("Asia/Shanghai", "2025-11-10", NIGHT, [("2025-11-10T14:00", "2025-11-10T22:00")]),
        ("Asia/Shanghai", "2025-11-10", ROUND_THE_CLOCK, [("2025-11-09T16:00", "2025-11-10T16:00")]),
        # The night of the change lasts 7 hours in spring, 9 in autumn.
        ("Europe/Berlin", "2025-03-29", NIGHT, [("2025-03-29T21:00", "2025-03-30T04:00")]),
        ("Europe/Berlin", "2025-10-25", NIGHT, [("2025-10-25T20:00", "2025-10-26T05:00")]),
        ("Europe/Berlin", "2025-03-30", ROUND_THE_CLOCK, [("2025-03-29T23:00", "2025-03-30T22:00")]),
        ("Europe/Berlin", "2025-10-26", ROUND_THE_CLOCK, [("2025-10-25T22:00", "2025-10-26T23:00")]),
        # Inside the hour that is skipped there is no time; across its edge only what is left.
        ("Europe/Berlin", "2025-03-30", ((time(2), time(2, 30)),), []),
        ("Europe/Berlin", "2025-03-30", ((time(1), time(2, 30)),), [("2025-03-30T00:00", "2025-03-30T01:00")]),
        ("Europe/Berlin", "2025-03-30", ((time(2, 30), time(4)),), [("2025-03-30T01:00", "2025-03-30T02:00")]),
        # A time that comes twice means the first for opening and closing alike, so that ranges that touch still do.
        (
            "Europe/Berlin",
            "2025-10-26",
            ((time(1), time(2, 30)), (time(2, 30), time(4))),
            [("2025-10-25T23:00", "2025-10-26T00:30"), ("2025-10-26T00:30", "2025-10-26T03:00")],
        ),
        ("America/Sao_Paulo", "2018-11-03", NIGHT, [("2018-11-04T01:00", "2018-11-04T08:00")]),
        ("Pacific/Apia", "2011-12-30", OFFICE, []),
        ("Pacific/Apia", "2011-12-29", NIGHT, [("2011-12-30T08:00", "2011-12-30T10:00")]),
    ],
)
def test_p2_intervals_on_a_day_are_exact_across_clock_changes(zone, day, ranges, intervals):
    cal = WorkingCalendar(zone, (ranges,) * 7)

    assert cal.intervals_on(date.fromisoformat(day)) == [(utc(start), utc(end)) for start, end in intervals]


def test_p2_is_working_day_on_a_date_that_the_zone_skipped_is_false():
    cal = WorkingCalendar("Pacific/Apia", WEEK)

    assert cal.is_working_day(date(2011, 12, 29))
    assert not cal.is_working_day(date(2011, 12, 30))


@pytest.mark.parametrize(
    ("weekly", "exceptions", "default"),
    [
        (((((time(9), time(12)), (time(11), time(13)))),) + (FREE,) * 6, {}, ()),
        (((((time(9), time(18)), (time(10), time(11)))),) + (FREE,) * 6, {}, ()),
        (((((time(9), time(12)), (time(9), time(12)))),) + (FREE,) * 6, {}, ()),
        # A night shift into the next morning, also from Sunday to Monday.
        ((NIGHT, ((time(5), time(9)),)) + (FREE,) * 5, {}, ()),
        ((((time(5), time(9)),),) + (FREE,) * 5 + (NIGHT,), {}, ()),
        # A full day and a second range.
        (((((time(0), time(0)), (time(9), time(12)))),) + (FREE,) * 6, {}, ()),
        # Exceptions: within, into the day after, out of the day before.
        (WEEK, {SUNDAY: working(((time(9), time(12)), (time(11), time(13))))}, ()),
        (WEEK, {SUNDAY: working(((time(22), time(9, 1)),))}, ()),
        ((FREE,) * 5 + (NIGHT, FREE), {SUNDAY: working(((time(5), time(9)),))}, ()),
        ((FREE,) * 7, {SATURDAY: working(NIGHT), SUNDAY: working(((time(5), time(9)),))}, ()),
        (WEEK, {}, ((time(9), time(12)), (time(11), time(13)))),
    ],
)
def test_p2_calendar_with_overlapping_ranges_is_refused(weekly, exceptions, default):
    with pytest.raises(InvalidCalendar, match="overlap"):
        WorkingCalendar("UTC", weekly, exceptions, None, default)


def test_p2_calendar_with_touching_ranges_is_accepted():
    shifts = ((time(6), time(14)), (time(14), time(22)), (time(22), time(6)))

    cal = WorkingCalendar("UTC", (shifts,) * 7, {SUNDAY: working(((time(6), time(9)),))})

    assert cal.ranges_on(MONDAY) == shifts


@pytest.mark.parametrize(
    ("weekly", "exceptions", "sentence"),
    [
        (WEEK[:6], {}, "A week has 7 days, not 6"),
        (WEEK, {SUNDAY: DayException(DayKind.NON_WORKING, OFFICE)}, "2025-11-09 is a free day and has working hours"),
        (WEEK, {SUNDAY: working(())}, "2025-11-09 is a working day without working hours"),
        ((FREE,) * 7, {SUNDAY: working()}, "2025-11-09 is a working day without working hours"),
        ((((time(9, tzinfo=UTC), time(12)),),) + (FREE,) * 6, {}, "is not a local time in whole seconds"),
        ((((time(9, 0, 0, 1), time(12)),),) + (FREE,) * 6, {}, "is not a local time in whole seconds"),
    ],
)
def test_p2_calendar_that_contradicts_itself_is_refused(weekly, exceptions, sentence):
    with pytest.raises(InvalidCalendar, match=sentence):
        WorkingCalendar("UTC", weekly, exceptions)


def test_p2_calendar_in_an_unknown_zone_is_refused():
    with pytest.raises(UnknownTimezone):
        WorkingCalendar("Mars/Olympus", WEEK)


def test_p2_calendar_is_not_changed_by_a_later_change_of_its_source():
    source = {SUNDAY: working()}
    cal = WorkingCalendar("UTC", WEEK, source)

    source[MONDAY] = free()

    assert cal.is_working_day(MONDAY)
    assert hash(cal) == hash(WorkingCalendar("UTC", WEEK))
    assert cal != WorkingCalendar("UTC", WEEK)
