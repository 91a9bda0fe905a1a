"""Working calendars: from rows to the one calendar that everything counts by."""

from __future__ import annotations

from datetime import date, time

import pytest

from organization.access import Actor
from organization.choices import DayKind
from organization.engine.working_time import add_working_days, is_provisional, working_days_between
from organization.errors import StillInUse, UnknownZone
from organization.models import CalendarException, Department, Organization, WorkCalendar
from organization.queries.calendars import missing_year, month_weeks, working_calendar
from organization.services import calendars
from organization.services.departments import change_department, create_department

NINE_TO_FIVE = ((time(9), time(17)),)


@pytest.fixture
def default(scope: Organization) -> WorkCalendar:
    return WorkCalendar.objects.get(is_default=True)


def site(owner: Actor, scope: Organization, name: str = "Site") -> WorkCalendar:
    return calendars.create_calendar(owner, scope, name=name, timezone="Asia/Shanghai")


def test_p2_make_up_weekends_count_and_holidays_do_not(owner: Actor, default: WorkCalendar) -> None:
    calendars.load_official_days(owner, default, country="CN", year=2025)

    cal = working_calendar(None)

    assert add_working_days(cal, date(2025, 9, 27), 1) == date(2025, 9, 28)
    assert add_working_days(cal, date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert working_days_between(cal, date(2025, 9, 26), date(2025, 10, 11)) == 6


def test_o6_loading_a_year_again_changes_nothing_and_keeps_other_years(owner: Actor, default: WorkCalendar) -> None:
    calendars.load_official_days(owner, default, country="CN", year=2024)
    calendars.load_official_days(owner, default, country="CN", year=2025)
    before = set(CalendarException.objects.values_list("day_on", "kind", "name"))

    loaded = calendars.load_official_days(owner, default, country="CN", year=2024)

    assert set(CalendarException.objects.values_list("day_on", "kind", "name")) == before
    assert loaded.known_until == date(2025, 12, 31)


def test_o6_a_year_without_a_list_is_refused(owner: Actor, default: WorkCalendar) -> None:
    with pytest.raises(calendars.NoOfficialDays):
        calendars.load_official_days(owner, default, country="CN", year=2050)

    assert WorkCalendar.objects.get(pk=default.pk).known_until is None


def test_o6_dates_beyond_the_known_days_are_provisional(owner: Actor, default: WorkCalendar) -> None:
    calendars.load_official_days(owner, default, country="CN", year=2025)

    cal = working_calendar(None)

    assert not is_provisional(cal, date(2025, 12, 31))
    assert is_provisional(cal, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("today", "expected"), [(date(2025, 11, 30), None), (date(2025, 12, 1), 2026), (date(2026, 12, 31), 2027)]
)
def test_o6_next_years_list_is_missed_in_december(
    owner: Actor, default: WorkCalendar, today: date, expected: int | None
) -> None:
    loaded = calendars.load_official_days(owner, default, country="CN", year=2025)

    assert missing_year(loaded, today=today) == expected


def test_o6_a_calendar_without_lists_misses_none(default: WorkCalendar) -> None:
    assert missing_year(default, today=date(2025, 12, 31)) is None


def test_p2_a_department_works_by_its_own_calendar_or_the_nearest_above(
    scope: Organization, owner: Actor, default: WorkCalendar
) -> None:
    north, south = site(owner, scope, "North"), site(owner, scope, "South")
    calendars.set_hours(owner, north, weekly=[NINE_TO_FIVE] * 6 + [()])
    calendars.set_hours(owner, south, weekly=[()] * 6 + [NINE_TO_FIVE])
    top = create_department(owner, scope, name="Top", code="T", calendar=north)
    middle = create_department(owner, scope, name="Middle", code="M", parent=top)
    leaf = create_department(owner, scope, name="Leaf", code="L", parent=middle)
    beside = create_department(owner, scope, name="Beside", code="B")
    saturday, sunday = date(2025, 3, 1), date(2025, 3, 2)

    def works(department: Department | None) -> tuple[bool, bool]:
        cal = working_calendar(department)
        return cal.is_working_day(saturday), cal.is_working_day(sunday)

    assert [works(row) for row in (top, middle, leaf)] == [(True, False)] * 3
    assert works(beside) == works(None) == (False, False)
    change_department(owner, middle, version=middle.version, calendar=south)
    assert works(leaf) == (False, True)
    assert working_calendar(leaf).timezone == "Asia/Shanghai"
    assert working_calendar(None).timezone == scope.timezone


def test_p2_several_ranges_and_a_night_shift(owner: Actor, default: WorkCalendar) -> None:
    night = ((time(22), time(6)),)
    office = ((time(9), time(12)), (time(13), time(18)))

    calendars.set_hours(owner, default, weekly=[office, office, office, office, night, (), ()])

    cal = working_calendar(None)
    assert cal.ranges_on(date(2025, 3, 3)) == office
    assert cal.ranges_on(date(2025, 3, 7)) == night


@pytest.mark.parametrize(
    "weekly",
    [
        [((time(9), time(12)), (time(11), time(13)))] + [()] * 6,
        [((time(22), time(6)),), ((time(5), time(9)),)] + [()] * 5,
    ],
    ids=["same day", "across midnight"],
)
def test_p2_ranges_that_overlap_are_refused_and_the_old_ones_stay(
    owner: Actor, default: WorkCalendar, weekly: list[tuple[tuple[time, time], ...]]
) -> None:
    before = working_calendar(None).weekly

    with pytest.raises(calendars.HoursContradict):
        calendars.set_hours(owner, default, weekly=weekly)

    assert working_calendar(None).weekly == before


def test_p2_one_day_with_hours_of_its_own(owner: Actor, default: WorkCalendar) -> None:
    saturday, monday = date(2025, 3, 1), date(2025, 3, 3)
    calendars.set_day(owner, default, day_on=saturday, kind=DayKind.WORKING, ranges=NINE_TO_FIVE)
    calendars.set_day(owner, default, day_on=monday, kind=DayKind.NON_WORKING, name="Founders' day")

    cal = working_calendar(None)
    assert cal.ranges_on(saturday) == NINE_TO_FIVE
    assert cal.ranges_on(monday) == ()
    calendars.clear_day(owner, default, day_on=monday)
    assert working_calendar(None).is_working_day(monday)


def test_p2_the_month_shows_what_each_day_is(owner: Actor, default: WorkCalendar) -> None:
    calendars.load_official_days(owner, default, country="CN", year=2025)

    cells = {cell.on: cell.kind for week in month_weeks(default, 2025, 10) for cell in week if cell.in_month}

    assert len(cells) == 31
    assert {day.day for day, kind in cells.items() if kind == "holiday"} == set(range(1, 9))
    assert {day.day for day, kind in cells.items() if kind == "make_up"} == {11}
    assert {day.day for day, kind in cells.items() if kind == "free"} == {12, 18, 19, 25, 26}
    assert sum(kind == "working" for kind in cells.values()) == 17


def test_p2_there_is_always_one_default(scope: Organization, owner: Actor, default: WorkCalendar) -> None:
    other = site(owner, scope)

    with pytest.raises(calendars.DefaultNeeded):
        calendars.change_calendar(owner, default, is_default=False)
    with pytest.raises(calendars.DefaultNeeded):
        calendars.delete_calendar(owner, default)
    calendars.change_calendar(owner, other, is_default=True)

    assert list(WorkCalendar.objects.filter(is_default=True)) == [other]


def test_p2_a_calendar_that_a_department_works_by_stays(scope: Organization, owner: Actor) -> None:
    used = site(owner, scope)
    create_department(owner, scope, name="Sales", code="S", calendar=used)

    with pytest.raises(StillInUse):
        calendars.delete_calendar(owner, used)

    assert WorkCalendar.objects.filter(pk=used.pk).exists()


def test_p2_a_zone_that_does_not_exist_is_refused(scope: Organization, owner: Actor) -> None:
    with pytest.raises(UnknownZone):
        calendars.create_calendar(owner, scope, name="Moon", timezone="Moon/Base")

    assert not WorkCalendar.objects.filter(name="Moon").exists()
