"""Background work of automation."""

from __future__ import annotations

from celery import current_app, shared_task
from django.db import OperationalError

from automation.queries.due import due_runs, due_schedules
from automation.services import report_run


@shared_task(name="automation.sweep_reports", time_limit=60, soft_time_limit=50)
def sweep_reports() -> None:
    """Send a task for each report that is due or waits for another try. Idempotent: it only nudges."""
    for organization_id, schedule_id in due_schedules():
        facts = {"organization_id": organization_id, "schedule_id": schedule_id}
        current_app.send_task("automation.begin_report", kwargs=facts)
    for organization_id, run_id in due_runs():
        current_app.send_task("automation.send_report", kwargs={"organization_id": organization_id, "run_id": run_id})


@shared_task(
    name="automation.begin_report",
    time_limit=60,
    soft_time_limit=50,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def begin_report(*, organization_id: int, schedule_id: int) -> None:
    """Make the run of a schedule that is due. Idempotent: the slot is unique, and the next time is set with it."""
    report_run.begin_run(organization_id, schedule_id)


@shared_task(
    name="automation.send_report",
    time_limit=590,
    soft_time_limit=570,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def send_report(*, organization_id: int, run_id: int) -> None:
    """Send the copies of a run that wait. Idempotent: a lease lets one worker in, and each copy is noted when it is sent."""
    report_run.send_run(organization_id, run_id)
