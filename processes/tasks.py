"""Background work of processes."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from processes.queries.due import organizations_with_due_versions
from processes.services import versions


@shared_task(name="processes.sweep_versions", time_limit=300, soft_time_limit=280)
def sweep_versions() -> None:
    """Put versions in force on their day, ask for reviews. Idempotent: the state of a version decides."""
    now = timezone.now()
    for organization_id in organizations_with_due_versions():
        versions.follow_versions(organization_id=organization_id, as_of=now)
