"""What people owe on a run: a work item for each step that is to be done, as the state of the run says it now."""

from __future__ import annotations

from django.db.models import Q

from organization.access import system_actor
from organization.choices import BuiltInRole, Outcome
from organization.models import Role, WorkItem
from organization.queries.work import open_items
from organization.services.work_items import close_item, open_item
from processes import work_kinds
from processes.choices import TO_DO, RunState, StepState
from processes.models import Run, RunStep

WHY = "sop_runs"
DONE = (StepState.DONE, StepState.IN_APPROVAL)


def follow_run(*, organization_id: int, run_id: int) -> None:
    """Open, move and close the work items of a run's steps; part of a handler. Doing so again changes nothing.

    A group without a role is owed by the staff of its department.
    """
    actor = system_actor(organization_id, WHY)
    run = Run.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        return
    steps = RunStep.objects.filter(run=run).select_related("assigned_to__department", "role", "queue_department")
    label = RunStep._meta.label_lower
    present = Q(kind=work_kinds.STEP, source_type=label, source_id__in=[step.pk for step in steps], closed_at=None)
    items: dict[int, list[WorkItem]] = {}
    for item in WorkItem.objects.filter(present):
        items.setdefault(item.source_id, []).append(item)
    staff = None
    for step in steps:
        is_owed = run.state == RunState.RUNNING and step.state in TO_DO and not step.is_for_guest
        role = step.role
        if is_owed and step.assigned_to is None and role is None:
            staff = staff or Role.objects.filter(key=BuiltInRole.STAFF).first()
            role = staff
        wanted = (step.assigned_to_id, None if step.assigned_to_id else role and role.pk, step.due_at)
        there = [(item.owner_id, item.role_id, item.due_at) for item in items.get(step.pk, [])]
        if there == ([wanted] if is_owed else []):
            continue
        if there and (not is_owed or [one[:2] for one in there] != [wanted[:2]]):
            outcome = Outcome.DONE if step.state in DONE else Outcome.DROPPED
            close_item(actor, kind=work_kinds.STEP, subject=step, outcome=outcome)
        if is_owed and (step.assigned_to or role):
            open_item(
                actor,
                kind=work_kinds.STEP,
                subject=step,
                owner=step.assigned_to,
                role=None if step.assigned_to else role,
                department=step.queue_department,
                due_at=step.due_at,
                facts={"step": step.title, "run": run.title},
                url=step.get_absolute_url(),
            )
    if run.state != RunState.RUNNING:
        for step in steps:
            if open_items(step, kind=work_kinds.APPROVAL).exists():
                close_item(actor, kind=work_kinds.APPROVAL, subject=step, outcome=Outcome.DROPPED)
