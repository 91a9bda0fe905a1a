"""Reading working calendars: the engine's calendar of a department, and months for the screen."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.utils.dates import WEEKDAYS

from organization.access import Actor
from organization.choices import DayKind
from organization.engine import working_calendar as engine
from organization.engine.official_days import known_years
from organization.models import CalendarException, CalendarHours, Department, WorkCalendar
from organization.models.base import name_key
from organization.tenancy import TenantQuerySet

DECEMBER = 12


class NoCalendar(LookupError):
    """The organization has no default calendar: founding makes one, and the last one cannot be removed."""


@dataclass(frozen=True)
class DayCell:
    """A day of the month view. exception: the row that makes it differ from its weekday, if any."""

    on: date
    in_month: bool
    is_working: bool
    is_provisional: bool
    exception: CalendarException | None

    @property
    def kind(self) -> str:
        """working or free as its weekday is, holiday or make_up where an exception says so."""
        if self.exception is None:
            return "working" if self.is_working else "free"
        return "make_up" if self.is_working else "holiday"


def calendars(actor: Actor) -> TenantQuerySet:
    """The calendars the actor may see, the default one first."""
    return WorkCalendar.objects.visible_to(actor).order_by("-is_default", name_key(), "pk")


def calendar_row(department: Department | None) -> WorkCalendar:
    """The calendar that counts: the department's own, else the nearest ancestor's, else the organization's default."""
    if department is not None:
        ids = [int(part) for part in department.path.strip("/").split("/")]
        nearest = (
            Department.objects.filter(pk__in=ids, calendar__isnull=False)
            .select_related("calendar__organization")
            .order_by("-depth")
            .first()
        )
        if nearest is not None and nearest.calendar is not None:
            return nearest.calendar
    default = WorkCalendar.objects.filter(is_default=True).select_related("organization").first()
    if default is None:
        raise NoCalendar
    return default


def working_calendar(department: Department | None) -> engine.WorkingCalendar:
    """The engine's calendar of a department, None for the organization's: what due dates and clocks count by."""
    return working_time_of(calendar_row(department))


def working_time_of(calendar: WorkCalendar) -> engine.WorkingCalendar:
    """The engine's calendar made of the rows of `calendar`. Raises engine.InvalidCalendar where they contradict."""
    return engine.WorkingCalendar(
        timezone=calendar.timezone or calendar.organization.timezone,
        weekly=tuple(ranges for _name, ranges in weekly_hours(calendar)),
        exceptions={row.day_on: _exception(row) for row in CalendarException.objects.filter(calendar=calendar)},
        known_until=calendar.known_until,
    )


def month_weeks(calendar: WorkCalendar, year: int, month: int) -> list[list[DayCell]]:
    """The weeks of a month from Monday to Sunday, with the days of the neighbouring months that complete them."""
    working = working_time_of(calendar)
    weeks = Calendar().monthdatescalendar(year, month)
    rows = CalendarException.objects.filter(calendar=calendar, day_on__range=(weeks[0][0], weeks[-1][-1]))
    exceptions = {row.day_on: row for row in rows}
    return [
        [
            DayCell(
                on=day,
                in_month=day.month == month,
                is_working=working.is_working_day(day),
                is_provisional=working.known_until is not None and day > working.known_until,
                exception=exceptions.get(day),
            )
            for day in week
        ]
        for week in weeks
    ]


def weekly_hours(calendar: WorkCalendar) -> list[tuple[Any, tuple[engine.TimeRange, ...]]]:
    """(name of the weekday, its ranges) from Monday to Sunday."""
    weekly: dict[int, list[engine.TimeRange]] = {weekday: [] for weekday in WEEKDAYS}
    for hours in CalendarHours.objects.filter(calendar=calendar).order_by("weekday", "starts_at"):
        weekly[hours.weekday].append((hours.starts_at, hours.ends_at))
    return [(WEEKDAYS[weekday], tuple(ranges)) for weekday, ranges in weekly.items()]


def day_facts(calendar: WorkCalendar, text: str) -> dict[str, Any]:
    """What the form of a day begins with: the exception of that ISO date, or the date alone; nothing for other text."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return {}
    row = CalendarException.objects.filter(calendar=calendar, day_on=day).first()
    if row is None:
        return {"day_on": day}
    ranges = _exception(row).ranges or ()
    return {"day_on": day, "kind": row.kind, "name": row.name, "name_zh": row.name_zh, "ranges": ranges}


def missing_year(calendar: WorkCalendar, *, today: date) -> int | None:
    """Next year, when it is December and the calendar's official days end before it; None when nothing is missing."""
    if today.month != DECEMBER or calendar.known_until is None or calendar.known_until.year > today.year:
        return None
    return today.year + 1


def loadable_years(country: str) -> tuple[int, ...]:
    """The years whose official days are among the data."""
    return known_years(country)


def _exception(row: CalendarException) -> engine.DayException:
    ranges = tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in row.ranges)
    kind = engine.DayKind.WORKING if row.kind == DayKind.WORKING else engine.DayKind.NON_WORKING
    return engine.DayException(kind, ranges or None, row.name)
