"""Background work of the roof: what concerns a whole organization."""

from __future__ import annotations

from celery import shared_task

from ops_platform.portability import jobs, removal

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
