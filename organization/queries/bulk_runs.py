"""Large changes, seen by who asked for them."""

from __future__ import annotations

from organization.access import Actor
from organization.models import BulkRun
from organization.tenancy import TenantQuerySet


def bulk_runs(actor: Actor) -> TenantQuerySet:
    """The actor's own, newest first."""
    found = BulkRun.objects.filter(started_by_id=actor.member_id) if actor.member_id else BulkRun.objects.none()
    return found.order_by("-pk")
