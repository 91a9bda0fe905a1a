"""Working calendars: who works when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.choices import DayKind
from organization.engine.audit_chain import changes
from organization.engine.local_time import UnknownTimezone, zone
from organization.engine.official_days import UnknownOfficialDays, official_days
from organization.engine.working_calendar import InvalidCalendar
from organization.errors import DomainError, StateConflict, StillInUse, UnknownZone
from organization.events import CALENDAR_CHANGED
from organization.models import CalendarException, CalendarHours, Department, Organization, WorkCalendar
from organization.queries.calendars import working_time_of
from organization.services import audit, events
from organization.usecases import use_case

OFFICE = ((time(9), time(12)), (time(13), time(18)))
Ranges = Sequence[tuple[time, time]]


class HoursContradict(DomainError):
    """The ranges of a day, or of neighbouring days, share time."""

    message = _("These working hours overlap, or a working day would have no hours. Change the ranges.")


class NameTaken(DomainError):
    """Two calendars with one name could not be told apart."""

    message = _("There is a calendar with this name already.")
    field = "name"


class NoOfficialDays(DomainError):
    """No official list of that year is among the data."""

    message = _("There is no official list for this year yet. It comes with an update of the platform.")
    field = "year"


class DefaultNeeded(DomainError):
    """Departments without a calendar of their own work by the default one."""

    message = _("This is the default calendar. Make another one the default first.")


def office_hours(calendar: WorkCalendar) -> None:
    """Monday to Friday, morning and afternoon."""
    CalendarHours.objects.bulk_create(
        CalendarHours(calendar=calendar, weekday=weekday, starts_at=start, ends_at=end)
        for weekday in range(5)
        for start, end in OFFICE
    )


@use_case("organization.calendar.edit")
def create_calendar(actor: Actor, organization: Organization, *, name: str, **values: Any) -> WorkCalendar:
    """A new calendar with office hours, to be changed. values: name_zh, timezone. Raises NameTaken."""
    calendar = WorkCalendar(name=name, **values)
    _check_zone(calendar.timezone)
    _save(calendar)
    office_hours(calendar)
    audit.record(actor, "organization.calendar.created", calendar)
    events.emit(actor, CALENDAR_CHANGED, calendar)
    return calendar


@use_case("organization.calendar.edit")
def change_calendar(actor: Actor, calendar: WorkCalendar, *, version: int | None = None, **values: Any) -> WorkCalendar:
    """Change name, name_zh, timezone, known_until, or make it the default (is_default=True).

    version: what the editor saw, None for whatever stands. Raises StateConflict, NameTaken, UnknownZone, and
    DefaultNeeded where no default would be left.
    """
    calendar = _locked(calendar, version)
    changed = changes({name: getattr(calendar, name) for name in values}, values)
    if changed.get("is_default") == [True, False]:
        raise DefaultNeeded
    if "is_default" in changed:
        WorkCalendar.objects.filter(is_default=True).update(is_default=False)
    for name, value in values.items():
        setattr(calendar, name, value)
    _check_zone(calendar.timezone)
    _save(calendar)
    audit.record(actor, "organization.calendar.changed", calendar, changed=changed)
    events.emit(actor, CALENDAR_CHANGED, calendar)
    return calendar


@use_case("organization.calendar.edit")
def delete_calendar(actor: Actor, calendar: WorkCalendar) -> None:
    """Remove a calendar that no department uses. Raises DefaultNeeded, StillInUse."""
    if calendar.is_default:
        raise DefaultNeeded
    if Department.objects.filter(calendar=calendar).exists():
        raise StillInUse(_("Departments still work by this calendar. Give them another one first."))
    audit.record(actor, "organization.calendar.deleted", calendar)
    calendar.delete()


@use_case("organization.calendar.edit")
def set_hours(
    actor: Actor, calendar: WorkCalendar, *, weekly: Sequence[Ranges], version: int | None = None
) -> WorkCalendar:
    """Replace the ranges of all seven weekdays (index 0 is Monday). Raises HoursContradict, StateConflict.

    version: what the editor saw of the calendar, None for whatever stands.
    """
    # Without the lock, of two at once the second would add its ranges to those of the first
    calendar = _locked(calendar, version)
    calendar.save(update_fields=["version", "updated_at"])
    CalendarHours.objects.filter(calendar=calendar).delete()
    CalendarHours.objects.bulk_create(
        CalendarHours(calendar=calendar, weekday=weekday, starts_at=start, ends_at=end)
        for weekday, ranges in enumerate(weekly)
        for start, end in ranges
    )
    _check(calendar)
    audit.record(actor, "organization.calendar.hours_set", calendar)
    events.emit(actor, CALENDAR_CHANGED, calendar)
    return calendar


@use_case("organization.calendar.edit")
def set_day(
    actor: Actor,
    calendar: WorkCalendar,
    *,
    day_on: date,
    kind: DayKind,
    name: str = "",
    name_zh: str = "",
    ranges: Ranges = (),
) -> WorkCalendar:
    """Make one day a working day, with hours of its own if `ranges` are given, or a day off. Raises HoursContradict."""
    CalendarException.objects.update_or_create(
        calendar=calendar,
        day_on=day_on,
        defaults={
            "kind": kind,
            "name": name,
            "name_zh": name_zh,
            "ranges": [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in ranges],
        },
    )
    _check(calendar)
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

    Raises NoOfficialDays when the list of that year is not among the data.
    """
    try:
        days = official_days(country, year)
    except UnknownOfficialDays as error:
        raise NoOfficialDays from error
    whole_year = Q(day_on__range=(date(year, 1, 1), date(year, 12, 31)))  # a list may reach into the year before
    CalendarException.objects.filter(whole_year | Q(day_on__in=[day.on for day in days]), calendar=calendar).delete()
    CalendarException.objects.bulk_create(
        CalendarException(calendar=calendar, day_on=day.on, kind=day.kind.value, name=day.name_en, name_zh=day.name_zh)
        for day in days
    )
    last = date(year, 12, 31)
    if calendar.known_until is None or calendar.known_until < last:
        calendar.known_until = last
        calendar.save(update_fields=["known_until", "updated_at"])
    audit.record(actor, "organization.calendar.official_days_loaded", calendar, country=country, year=year)
    events.emit(actor, CALENDAR_CHANGED, calendar)
    return calendar


def _locked(calendar: WorkCalendar, version: int | None) -> WorkCalendar:
    calendar = WorkCalendar.objects.select_for_update(of=("self",)).get(pk=calendar.pk)
    if version not in (None, calendar.version):
        raise StateConflict
    calendar.version += 1
    return calendar


def _check(calendar: WorkCalendar) -> None:
    """Let the engine judge the calendar as it stands now: ranges may also collide across midnight."""
    try:
        working_time_of(calendar)
    except InvalidCalendar as error:
        raise HoursContradict from error


def _check_zone(name: str) -> None:
    try:
        zone(name or "UTC")
    except UnknownTimezone as error:
        raise UnknownZone from error


def _save(calendar: WorkCalendar) -> None:
    try:
        with transaction.atomic():
            calendar.save()
    except IntegrityError as error:
        raise NameTaken from error
