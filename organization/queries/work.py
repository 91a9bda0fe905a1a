"""Reading what people owe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from organization.access import Actor
from organization.engine.local_time import as_utc, local_day
from organization.engine.working_time import NoWorkingTime, add_working_days, is_provisional
from organization.models import Department, Member, Role, RoleAssignment, WorkItem
from organization.queries.absences import stood_in_for
from organization.queries.calendars import working_calendar
from organization.tenancy import TenantQuerySet


@dataclass(frozen=True)
class Due:
    """When something is due. is_provisional: the calendar's official days end before it, so it may still move."""

    at: datetime
    is_provisional: bool


def my_work(actor: Actor) -> TenantQuerySet:
    """Open items that the actor owes: as a member, or as one of those who bear a role in its department.

    Those of the members for whom the actor stands in today are among them.
    """
    if actor.member_id is None:
        return WorkItem.objects.none()
    people = [actor.member_id, *(absence.member_id for absence in stood_in_for(actor.member_id))]
    borne = RoleAssignment.objects.filter(member__in=people, role_id=OuterRef("role_id")).annotate(
        place=Coalesce("department_id", "member__department_id")
    )
    in_place = Q(department=None) | Q(Exists(borne.filter(place=OuterRef("department_id"))))
    by_role = Q(Exists(borne)) & in_place
    return WorkItem.objects.filter(Q(owner__in=people) | (Q(owner=None) & by_role), closed_at=None)


def team_work(actor: Actor) -> TenantQuerySet:
    """Open items of everybody whose work the actor may see."""
    return WorkItem.objects.visible_to(actor).filter(closed_at=None)


def open_items(subject: object, *, kind: str = "") -> TenantQuerySet:
    """What is open on an object, of one kind or of all. For services, which close it."""
    meta, pk = subject._meta, subject.pk  # type: ignore[attr-defined]  # a model's row
    items = WorkItem.objects.filter(source_type=meta.label_lower, source_id=pk, closed_at=None)
    return items.filter(kind=kind) if kind else items


def bearers(role: Role, department: Department | None) -> tuple[Department | None, list[Member]]:
    """Who owes what is owed by a role: its active bearers in the nearest department upwards that has one.

    Returns that department with them; None for the department means all bearers, who may be nobody.
    """
    rows = RoleAssignment.objects.filter(role=role, member__is_active=True).select_related("member", "member__user")
    borne = [(row.department_id or row.member.department_id, row.member) for row in rows]
    for place in reversed(_way_up(department)):
        found = [member for at, member in borne if at == place]
        if found:
            return Department.objects.get(pk=place), found
    return None, list({member.pk: member for _place, member in borne}.values())


def due_after_working_days(department: Department | None, *, days: int, since: datetime) -> Due:
    """The end of the n-th working day after `since`, by the calendar of a department (None: the organization's).

    0 days: the end of that day, or of the next working one. Without any working time, plain days are counted.
    """
    calendar = working_calendar(department)
    day = local_day(since, calendar.timezone)
    try:
        due_on = add_working_days(calendar, day, days)
    except NoWorkingTime:
        due_on = day + timedelta(days=days)
    return due_on_day(department, due_on)


def due_on_day(department: Department | None, day: date) -> Due:
    """The close of work on a day, by the calendar of a department; on a free day its end."""
    calendar = working_calendar(department)
    opened = calendar.intervals_on(day)
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(calendar.timezone))
    return Due(opened[-1][1] if opened else as_utc(midnight), is_provisional(calendar, day))


def is_due_provisional(department: Department | None, due_at: datetime | None) -> bool:
    """Whether an instant lies beyond the days that the department's calendar knows."""
    if due_at is None:
        return False
    calendar = working_calendar(department)
    return is_provisional(calendar, local_day(due_at, calendar.timezone))


def _way_up(department: Department | None) -> list[int]:
    return [int(part) for part in department.path.strip("/").split("/")] if department else []


def owners_of(items: Iterable[WorkItem]) -> set[int]:
    """The members who owe the items by name; those of a role are not among them."""
    return {item.owner_id for item in items if item.owner_id is not None}
