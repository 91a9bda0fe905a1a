"""Working calendars: who works when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.choices import DayKind
from organization.engine.official_days import official_days
from organization.errors import DomainError
from organization.events import CALENDAR_CHANGED
from organization.models import CalendarException, CalendarHours, Organization, WorkCalendar
from organization.services import audit, events
from organization.usecases import use_case

OFFICE = ((time(9), time(12)), (time(13), time(18)))
Ranges = Sequence[tuple[time, time]]


class RangesOverlap(DomainError):
    """Two ranges of one day share time."""

    message = _("Two ranges of the same day overlap.")


def office_hours(calendar: WorkCalendar) -> None:
    """Monday to Friday, morning and afternoon."""
    CalendarHours.objects.bulk_create(
        CalendarHours(calendar=calendar, weekday=weekday, starts_at=start, ends_at=end)
        for weekday in range(5)
        for start, end in OFFICE
    )


@use_case("organization.calendar.edit")
def create_calendar(actor: Actor, organization: Organization, *, name: str, **values: Any) -> WorkCalendar:
    """A new calendar with office hours, to be changed."""
    calendar = WorkCalendar.objects.create(name=name, **values)
    office_hours(calendar)
    audit.record(actor, "organization.calendar.created", calendar)
    events.emit(actor, CALENDAR_CHANGED, calendar)
    return calendar


@use_case("organization.calendar.edit")
def set_hours(actor: Actor, calendar: WorkCalendar, *, weekly: Sequence[Ranges]) -> WorkCalendar:
    """Replace the ranges of all seven weekdays (index 0 is Monday). Raises RangesOverlap."""
    for ranges in weekly:
        ordered = sorted(ranges)
        if any(first[1] > second[0] for first, second in zip(ordered, ordered[1:], strict=False)):
            raise RangesOverlap
    CalendarHours.objects.filter(calendar=calendar).delete()
    CalendarHours.objects.bulk_create(
        CalendarHours(calendar=calendar, weekday=weekday, starts_at=start, ends_at=end)
        for weekday, ranges in enumerate(weekly)
        for start, end in ranges
    )
    audit.record(actor, "organization.calendar.hours_set", calendar)
    events.emit(actor, CALENDAR_CHANGED, calendar)
    return calendar


@use_case("organization.calendar.edit")
def set_day(
    actor: Actor, calendar: WorkCalendar, *, day_on: date, kind: DayKind, name: str = "", name_zh: str = ""
) -> WorkCalendar:
    """Make one day a working day or a day off."""
    CalendarException.objects.update_or_create(
        calendar=calendar, day_on=day_on, defaults={"kind": kind, "name": name, "name_zh": name_zh}
    )
    audit.record(actor, "organization.calendar.day_set", calendar, day_on=day_on, kind=kind)
    events.emit(actor, CALENDAR_CHANGED, calendar)
    return calendar


@use_case("organization.calendar.edit")
def clear_day(actor: Actor, calendar: WorkCalendar, *, day_on: date) -> WorkCalendar:
    """Let a day follow its weekday again."""
    CalendarException.objects.filter(calendar=calendar, day_on=day_on).delete()
    audit.record(actor, "organization.calendar.day_cleared", calendar, day_on=day_on)
    events.emit(actor, CALENDAR_CHANGED, calendar)
    return calendar


@use_case("organization.calendar.edit")
def load_official_days(actor: Actor, calendar: WorkCalendar, *, country: str, year: int) -> WorkCalendar:
    """Put a year's official holidays and make-up days into the calendar; what stands there for that year is replaced.

    Raises UnknownOfficialDays when the list of that year is not among the data.
    """
    days = official_days(country, year)
    with transaction.atomic():
        CalendarException.objects.filter(
            calendar=calendar, day_on__range=(date(year, 1, 1), date(year, 12, 31))
        ).delete()
        CalendarException.objects.bulk_create(
            CalendarException(
                calendar=calendar, day_on=day.on, kind=day.kind.value, name=day.name_en, name_zh=day.name_zh
            )
            for day in days
        )
    last = date(year, 12, 31)
    if calendar.known_until is None or calendar.known_until < last:
        calendar.known_until = last
        calendar.save(update_fields=["known_until", "updated_at"])
    audit.record(actor, "organization.calendar.official_days_loaded", calendar, country=country, year=year)
    events.emit(actor, CALENDAR_CHANGED, calendar)
    return calendar
