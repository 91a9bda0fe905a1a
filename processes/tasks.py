"""Background work of processes."""

from __future__ import annotations

from celery import current_app, shared_task
from django.utils import timezone

from processes.queries.due import calls_to_escalate, due_plans, organizations_with_due_versions
from processes.services import andon, plans, versions


@shared_task(name="processes.sweep_versions", time_limit=300, soft_time_limit=280)
def sweep_versions() -> None:
    """Put versions in force on their day, ask for reviews. Idempotent: the state of a version decides."""
    now = timezone.now()
    for organization_id in organizations_with_due_versions():
        versions.follow_versions(organization_id=organization_id, as_of=now)


@shared_task(name="processes.sweep_andon", time_limit=60, soft_time_limit=50)
def sweep_andon() -> None:
    """Tell the next person up of calls that nobody answers. Idempotent: each step up moves the time of the next one."""
    now = timezone.now()
    for organization_id, call_id in calls_to_escalate():
        andon.escalate_call(organization_id=organization_id, call_id=call_id, as_of=now)


@shared_task(name="processes.sweep_plans", time_limit=60, soft_time_limit=50)
def sweep_plans() -> None:
    """Send a task for each plan that is due or half done. Idempotent: it only nudges."""
    for organization_id, plan_id in due_plans():
        current_app.send_task("processes.run_plan", kwargs={"organization_id": organization_id, "plan_id": plan_id})


@shared_task(name="processes.run_plan", time_limit=900, soft_time_limit=870)
def run_plan(*, organization_id: int, plan_id: int) -> None:
    """Start the runs of a plan. Idempotent: what a batch made and how far the slot is commit as one."""
    plans.run_plan(organization_id=organization_id, plan_id=plan_id, as_of=timezone.now())
