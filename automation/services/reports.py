"""What a person does with a scheduled report: set it up, change it, pause it, send it now, remove it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from automation.engine.rhythm import Times, next_time
from automation.errors import NoReaders, SendingAlready
from automation.events import REPORT_CHANGED
from automation.models import ReportReader, ReportRun, ReportSchedule
from automation.queries.reports import readers_of
from metrics.models import Dashboard
from organization.access import Actor
from organization.engine.audit_chain import changes
from organization.errors import StateConflict
from organization.models import Member, Organization, Role
from organization.queries.calendars import working_calendar
from organization.queue import enqueue
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import authorize, use_case

EDIT = "automation.report.edit"
SEEN = "metrics.dashboard.view"
BETWEEN_SENDINGS = timedelta(minutes=1)


@use_case(EDIT)
def create_report(
    actor: Actor,
    organization: Organization,
    *,
    dashboard: Dashboard,
    members: Sequence[Member] = (),
    roles: Sequence[Role] = (),
    **values: Any,
) -> ReportSchedule:
    """A report of a dashboard that the actor sees, owned by the actor. values: fields of ReportSchedule. Raises NoReaders."""
    authorize(actor, SEEN, dashboard)
    schedule = ReportSchedule(dashboard=dashboard, owner_id=actor.member_id, reference=next_reference("RP"), **values)
    schedule.next_run_at = next_slot(schedule, organization.timezone, timezone.now())
    schedule.save()
    _set_readers(schedule, members, roles)
    audit.record(actor, "automation.report.created", schedule, **_readers_fact(members, roles))
    events.emit(actor, REPORT_CHANGED, schedule)
    return schedule


@use_case(EDIT)
def change_report(
    actor: Actor,
    schedule: ReportSchedule,
    *,
    version: int,
    dashboard: Dashboard,
    members: Sequence[Member] = (),
    roles: Sequence[Role] = (),
    **values: Any,
) -> ReportSchedule:
    """Another dashboard, rhythm, text, other readers. version: what the editor saw. Raises StateConflict, NoReaders."""
    schedule = ReportSchedule.objects.select_for_update(of=("self",)).select_related("organization").get(pk=schedule.pk)
    if schedule.version != version:
        raise StateConflict
    if dashboard.pk != schedule.dashboard_id:
        authorize(actor, SEEN, dashboard)
    changed = changes(
        {name: _plain(getattr(schedule, name)) for name in values}, {n: _plain(v) for n, v in values.items()}
    )
    for name, value in (values | {"dashboard": dashboard}).items():
        setattr(schedule, name, value)
    schedule.version += 1
    if schedule.is_enabled:
        schedule.next_run_at = next_slot(schedule, schedule.organization.timezone, timezone.now())
    schedule.save()
    _set_readers(schedule, members, roles)
    audit.record(actor, "automation.report.changed", schedule, changed=changed, **_readers_fact(members, roles))
    events.emit(actor, REPORT_CHANGED, schedule)
    return schedule


@use_case(EDIT)
def pause_report(actor: Actor, schedule: ReportSchedule, *, is_enabled: bool) -> ReportSchedule:
    """Switch a report off, or on again from its next time; what fell due in between is not made up for."""
    schedule = ReportSchedule.objects.select_for_update(of=("self",)).select_related("organization").get(pk=schedule.pk)
    if schedule.is_enabled != is_enabled:
        schedule.is_enabled = is_enabled
        zone = schedule.organization.timezone
        schedule.next_run_at = next_slot(schedule, zone, timezone.now()) if is_enabled else None
        schedule.version += 1
        schedule.save(update_fields=["is_enabled", "next_run_at", "version", "updated_at"])
        audit.record(actor, f"automation.report.{'resumed' if is_enabled else 'paused'}", schedule)
        events.emit(actor, REPORT_CHANGED, schedule)
    return schedule


@use_case(EDIT)
def send_report_now(actor: Actor, schedule: ReportSchedule) -> ReportRun:
    """Send it to its readers now, beside its rhythm. Raises NoReaders, and SendingAlready within a minute of the last."""
    schedule = ReportSchedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    now = timezone.now()
    if ReportRun.objects.filter(schedule=schedule, begun_at__gt=now - BETWEEN_SENDINGS).exists():
        raise SendingAlready
    if not readers_of(schedule):
        raise NoReaders
    run = ReportRun.objects.create(schedule=schedule, slot=now, asked_by_id=actor.member_id)
    audit.record(actor, "automation.report.sent_now", schedule)
    enqueue("automation.send_report", organization_id=schedule.organization_id, run_id=run.pk)
    return run


@use_case(EDIT)
def delete_report(actor: Actor, schedule: ReportSchedule) -> None:
    """Remove a report and the list of what it sent. The dashboard stays."""
    audit.record(actor, "automation.report.deleted", schedule, name=schedule.name)
    schedule.delete()


def next_slot(schedule: ReportSchedule, zone: str, after: datetime) -> datetime:
    """When the report goes out after `after`. zone: of the organization, whose default calendar has the working days."""
    times = Times(schedule.rhythm, schedule.at, zone, schedule.weekday, schedule.month_day)
    return next_time(times, after, working_calendar(None).is_working_day)


def _set_readers(schedule: ReportSchedule, members: Sequence[Member], roles: Sequence[Role]) -> None:
    if not members and not roles:
        raise NoReaders
    ReportReader.objects.filter(schedule=schedule).delete()
    rows = [ReportReader(schedule=schedule, member=member) for member in members]
    rows += [ReportReader(schedule=schedule, role=role) for role in roles]
    ReportReader.objects.bulk_create(rows)


def _readers_fact(members: Sequence[Member], roles: Sequence[Role]) -> dict[str, Any]:
    return {"members": sorted(member.pk for member in members), "roles": sorted(role.pk for role in roles)}


def _plain(value: Any) -> Any:
    return f"{value:%H:%M}" if isinstance(value, time) else value
