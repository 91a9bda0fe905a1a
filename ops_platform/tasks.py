"""Background work of the roof: what concerns a whole organization."""

from __future__ import annotations

from celery import shared_task

from ops_platform.portability import jobs, removal
from organization.models import BulkRun
from organization.queue import send
from organization.services.bulk_runs import OPEN, work_off
from organization.services.idempotency import organization_ids
from organization.tenancy import tenant_transaction
from organization.views.bulk_runs import prepared

HOURS = 3600


@shared_task(name="ops_platform.make_export", time_limit=6 * HOURS, soft_time_limit=6 * HOURS - 60)
def make_export(*, organization_id: int, export_id: int) -> None:
    """Write an archive. Idempotent: one process at a time holds it, and one that is there is not made again."""
    jobs.make_export(organization_id, export_id)


@shared_task(name="ops_platform.sweep_exports", time_limit=60, soft_time_limit=50)
def sweep_exports() -> None:
    """Send a task for each archive that waits. Idempotent: it only nudges."""
    jobs.sweep_exports()


@shared_task(name="ops_platform.remove_closed", time_limit=6 * HOURS, soft_time_limit=6 * HOURS - 60)
def remove_closed() -> None:
    """Delete the organizations whose time to come back has passed. Idempotent: what is gone stays gone."""
    removal.remove_closed()


@shared_task(name="ops_platform.run_bulk", time_limit=300, soft_time_limit=280)
def run_bulk(*, organization_id: int, run_id: int) -> None:
    """Go on with a large change. Idempotent: rows and how far it is change in one transaction, held by one worker."""
    if work_off(organization_id, run_id, prepared):
        send("ops_platform.run_bulk", {"organization_id": organization_id, "run_id": run_id})


@shared_task(name="ops_platform.sweep_bulk", time_limit=60, soft_time_limit=50)
def sweep_bulk() -> None:
    """Send a task for each large change that is not over. Idempotent: it only nudges."""
    for organization_id in organization_ids():
        with tenant_transaction(organization_id):
            waiting = list(BulkRun.objects.filter(status__in=OPEN).values_list("pk", flat=True))
        for run_id in waiting:
            send("ops_platform.run_bulk", {"organization_id": organization_id, "run_id": run_id})
