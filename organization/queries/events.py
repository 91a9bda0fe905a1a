"""Events that could not be delivered, and how the queue stands."""

from __future__ import annotations

from organization.access import Actor
from organization.models import EventDelivery
from organization.tenancy import TenantQuerySet


def parked_deliveries(actor: Actor) -> TenantQuerySet:
    """Parked deliveries with their event, newest first."""
    return (
        EventDelivery.objects.visible_to(actor).filter(parked_at__isnull=False).select_related("event").order_by("-id")
    )


def waiting_count(actor: Actor) -> int:
    """Deliveries that workers have still to do."""
    return EventDelivery.objects.visible_to(actor).filter(done_at=None, parked_at=None).count()
