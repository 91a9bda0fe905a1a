"""Runs that start by themselves: on the days of a rule, by the working calendar, each time so many at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organization.access import Actor, system_actor
from organization.errors import DomainError
from organization.models import Department
from organization.queries.calendars import working_calendar
from organization.services import audit, events
from organization.tenancy import tenant_transaction
from organization.usecases import use_case
from processes.choices import Cause
from processes.engine.recurrence import BadRule, parse_rule
from processes.engine.start_plans import DayOff, next_starts
from processes.engine.start_plans import StartPlan as Rule
from processes.errors import NothingInForce
from processes.events import PLAN_CHANGED, RUN_STARTED
from processes.models import Sop, StartPlan
from processes.services.runs import Start, begin

EDIT = "processes.plan.edit"
WHY = "start_plans"
BATCH = 50


class BadPlan(DomainError):
    """The rule of a plan cannot be followed."""

    message = _("Runs cannot start by this rule.")
    field = "rule"


@use_case(EDIT)
def make_plan(
    actor: Actor,
    sop: Sop,
    *,
    name: str,
    rule: Mapping[str, Any],
    name_zh: str = "",
    department: Department | None = None,
    runs_each: int = 1,
) -> StartPlan:
    """Let runs of a SOP start by themselves from now on.

    rule: `rrule` (RFC 5545), `at` ("08:00", by the calendar of the department), `starts_on`, and where wanted `ends_on`,
    `day_off` (keep, skip, next, previous) and `working_day` (the n-th of each period). Raises BadPlan.
    """
    plan = StartPlan(sop=sop, name=name, name_zh=name_zh, rule=dict(rule), department=department, runs_each=runs_each)
    plan.next_at = next_time(plan, timezone.now())
    if plan.next_at is None:
        raise BadPlan(_("No day ever comes by this rule."))
    plan.save()
    audit.record(actor, "processes.plan.created", plan, runs_each=runs_each)
    events.emit(actor, PLAN_CHANGED, plan, sop=sop.pk)
    return plan


@use_case(EDIT)
def switch_plan(actor: Actor, plan: StartPlan, *, is_active: bool) -> StartPlan:
    """Switch a plan on or off; times that passed meanwhile are left out, and so is what was not started yet of a time."""
    plan = StartPlan.objects.select_for_update(of=("self",)).select_related("sop", "department").get(pk=plan.pk)
    plan.is_active, plan.problem = is_active, ""
    plan.next_at = next_time(plan, timezone.now()) if is_active else None
    plan.version += 1
    plan.save()
    audit.record(actor, "processes.plan.switched", plan, is_active=is_active)
    events.emit(actor, PLAN_CHANGED, plan, sop=plan.sop_id)
    return plan


def next_time(plan: StartPlan, after: datetime) -> datetime | None:
    """When the plan starts runs next. Raises BadPlan."""
    rule = plan.rule
    try:
        read = Rule(
            rule=parse_rule(str(rule["rrule"])),
            at=time.fromisoformat(rule["at"]),
            starts_on=date.fromisoformat(rule["starts_on"]),
            ends_on=date.fromisoformat(rule["ends_on"]) if rule.get("ends_on") else None,
            day_off=DayOff(rule.get("day_off", DayOff.KEEP)),
            working_day=int(rule.get("working_day", 0)),
        )
    except BadRule as error:
        raise BadPlan(gettext(error.message) % error.params) from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadPlan from error
    found = next_starts(read, working_calendar(plan.department or plan.sop.department), after, 1)
    return found[0].at if found else None


def run_plan(*, organization_id: int, plan_id: int, as_of: datetime, most: int | None = None) -> int:
    """Start the runs of a plan that is due, in batches of BATCH, each in a transaction of its own; how many were started.

    What a batch made and how far the slot is commit as one, under the plan's row: a worker that dies in between loses its
    last batch alone, and whoever takes over goes on behind it. Two workers at once: the second one finds the row held.
    """
    started = batches = 0
    while most is None or batches < most:
        count = _batch(organization_id, plan_id, as_of)
        if count is None:
            break
        started, batches = started + count, batches + 1
    return started


def _batch(organization_id: int, plan_id: int, as_of: datetime) -> int | None:
    """One batch; None where nothing is left to do, or another worker is at it."""
    with tenant_transaction(organization_id):
        rows = StartPlan.objects.select_for_update(of=("self",), skip_locked=True)
        plan = rows.select_related("sop__department", "department").filter(pk=plan_id).first()
        if plan is None:
            return None
        actor = system_actor(organization_id, WHY)
        if not plan.is_active:
            plan.slot_at = plan.next_at = None
            plan.save()
            return None
        if plan.slot_at is None:
            if plan.next_at is None or plan.next_at > as_of:
                return None
            try:
                following = next_time(plan, as_of)
            except BadPlan as error:
                # It stands still and says why, where it would fail on each sweep
                plan.next_at, plan.problem = None, str(error)
                plan.save()
                return None
            plan.slot_at, plan.slot_done, plan.next_at = plan.next_at, 0, following
        slot = plan.slot_at
        numbers = range(plan.slot_done, min(plan.slot_done + BATCH, plan.runs_each))
        starts = [
            Start(
                cause=Cause.SCHEDULE,
                source=f"plan:{plan.pk}",
                external_id=f"{slot.isoformat()}#{number}",
                department=plan.department,
            )
            for number in numbers
        ]
        try:
            with transaction.atomic():
                runs = begin(actor, plan.sop, starts)
        except NothingInForce as error:
            plan.slot_at, plan.problem = None, str(error)
            plan.save()
            return None
        for run in runs:
            events.emit(actor, RUN_STARTED, run, sop=plan.sop_id, cause=Cause.SCHEDULE)
        plan.slot_done += len(runs)
        if plan.slot_done >= plan.runs_each:
            plan.slot_at, plan.problem = None, ""
        plan.save()
        audit.record(actor, "processes.plan.started", plan, runs=len(runs), slot=slot)
        return len(runs)
