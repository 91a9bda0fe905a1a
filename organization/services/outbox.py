"""Delivering events: claim, run, retry with back-off, park."""

from __future__ import annotations

import random
import traceback
import uuid
from collections import defaultdict
from datetime import datetime, timedelta

import structlog
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone

from organization.access import Actor, system_actor
from organization.models import EventDelivery
from organization.queries.roles import holders
from organization.queue import enqueue
from organization.services import audit, notices
from organization.services.events import Event, handler_of
from organization.tenancy import tenant_transaction
from organization.usecases import use_case

log = structlog.get_logger(__name__)

LEASE_SECONDS = 120
MOST_ATTEMPTS = 12
CLAIM = """
UPDATE organization_eventdelivery
   SET lease_until = now() + make_interval(secs => %s), token = %s, attempts = attempts + 1
 WHERE id IN (SELECT id FROM organization_eventdelivery
               WHERE done_at IS NULL AND parked_at IS NULL AND due_at <= now()
                 AND (lease_until IS NULL OR lease_until < now())
               ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING organization_id, id
"""


class HandlerMissing(LookupError):
    """The handler of a delivery is no longer registered: it was renamed or removed."""


def claim(limit: int = 50) -> tuple[uuid.UUID, dict[int, list[int]]]:
    """Lease due deliveries of all organizations; returns the lease's token and delivery ids by organization.

    Works as the dispatcher role, which sees the queue of every tenant and nothing else of them.
    """
    token = uuid.uuid4()
    claimed: dict[int, list[int]] = defaultdict(list)
    with transaction.atomic(using="dispatcher"), connections["dispatcher"].cursor() as cursor:
        cursor.execute(CLAIM, [LEASE_SECONDS, token, limit])
        for organization_id, delivery_id in sorted(cursor.fetchall()):
            claimed[organization_id].append(delivery_id)
    return token, dict(claimed)


def deliver(organization_id: int, delivery_ids: list[int], token: uuid.UUID) -> None:
    """Run the leased deliveries, each in its own transaction; what fails is put off or parked."""
    for delivery_id in delivery_ids:
        try:
            with tenant_transaction(organization_id):
                _run(delivery_id, token)
        except Exception as error:  # a broken handler must not stop the others; it is recorded on the row
            with tenant_transaction(organization_id):
                _put_off(delivery_id, token, error)


def _run(delivery_id: int, token: uuid.UUID) -> None:
    delivery = (
        EventDelivery.objects.select_for_update(of=("self",))
        .select_related("event")
        .filter(pk=delivery_id, token=token, done_at=None)
        .first()
    )
    if delivery is None:
        return  # done already, or leased again by somebody else
    event = delivery.event
    handler = handler_of(event.name, delivery.handler)
    if handler is None:
        raise HandlerMissing(f"{delivery.handler} does not listen to {event.name}")
    handler(Event(event.pk, event.name, event.organization_id, event.subject_type, event.subject_id, dict(event.facts)))
    delivery.done_at = timezone.now()
    delivery.error = ""
    delivery.save(update_fields=["done_at", "error"])


def _put_off(delivery_id: int, token: uuid.UUID, error: Exception) -> None:
    delivery = EventDelivery.objects.select_for_update().filter(pk=delivery_id, token=token, done_at=None).first()
    if delivery is None:
        return
    now = timezone.now()
    delivery.error = "".join(traceback.format_exception(error))[-8000:]
    delivery.lease_until = None
    if delivery.attempts >= MOST_ATTEMPTS or isinstance(error, HandlerMissing):
        delivery.parked_at = now
        log.error("event.parked", delivery=delivery.pk, handler=delivery.handler, error=str(error))
        _tell_of_parked(delivery, now)
    else:
        delivery.due_at = now + back_off(delivery.attempts)
        log.warning("event.put_off", delivery=delivery.pk, handler=delivery.handler, error=str(error))
    delivery.save(update_fields=["error", "lease_until", "parked_at", "due_at"])


def _tell_of_parked(delivery: EventDelivery, now: datetime) -> None:
    """Who can retry is told, once a day for each handler: what breaks one event often breaks many."""
    notices.tell(
        system_actor(delivery.organization_id, "events"),
        kind="organization.event_parked",
        recipients=holders("organization.event.retry"),
        subject=delivery,
        facts={"event": delivery.event.name},
        dedupe=f"{delivery.handler}:{now:%Y-%m-%d}"[-150:],
        url=reverse("organization:event-detail", args=[delivery.pk]),
    )


def back_off(attempts: int) -> timedelta:
    """2, 4, 8 ... seconds up to an hour, with up to a quarter of jitter so that a crowd does not return at once."""
    seconds = min(2.0**attempts, 3600.0)
    return timedelta(seconds=seconds * random.uniform(1.0, 1.25))  # noqa: S311  # spreads load, guards nothing


@use_case("organization.event.retry")
def retry_delivery(actor: Actor, delivery: EventDelivery) -> EventDelivery:
    """Put a parked delivery back into the queue; one that is not parked stays as it is."""
    delivery = EventDelivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if delivery.parked_at is None:
        return delivery
    delivery.parked_at = delivery.lease_until = None
    delivery.attempts = 0
    delivery.due_at = timezone.now()
    delivery.save(update_fields=["parked_at", "lease_until", "attempts", "due_at"])
    audit.record(actor, "organization.event.retried", delivery)
    enqueue("organization.relay")
    return delivery
