"""Background work of floor 0."""

from __future__ import annotations

from uuid import UUID

from celery import current_app, shared_task
from django.utils import timezone

from organization.models import Heartbeat
from organization.services import idempotency, origins, outbox, sign_in


@shared_task(name="organization.relay", time_limit=60, soft_time_limit=50)
def relay() -> None:
    """Hand leased deliveries to tasks, one an organization.

    Idempotent: the lease decides who works; what is claimed but never delivered comes back when the lease ends.
    """
    Heartbeat.objects.update_or_create(name="beat", defaults={"beat_at": timezone.now()})
    token, claimed = outbox.claim()
    for organization_id, delivery_ids in claimed.items():
        current_app.send_task(
            "organization.deliver",
            kwargs={"organization_id": organization_id, "delivery_ids": delivery_ids, "token": str(token)},
        )


@shared_task(name="organization.deliver", time_limit=110, soft_time_limit=100)
def deliver(*, organization_id: int, delivery_ids: list[int], token: str) -> None:
    """Run leased deliveries. Idempotent: a delivery is done once, in the transaction that marks it done."""
    outbox.deliver(organization_id, delivery_ids, UUID(token))


@shared_task(name="organization.forget_keys", time_limit=300)
def forget_keys() -> None:
    """Drop old idempotency keys, failed sign-ins and addresses of requests. Idempotent: what is gone stays gone."""
    idempotency.forget_old_keys(as_of=timezone.now())
    sign_in.forget_old_failures(as_of=timezone.now())
    origins.forget_old_origins(as_of=timezone.now())
