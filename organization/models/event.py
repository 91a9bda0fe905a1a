"""Domain events and their delivery: the outbox."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class DomainEvent(TenantModel):
    """A fact that other apps act on, written in the transaction that made it true."""

    travel = Travel(
        numbers={"subject_id": "@subject_type", "actor_id": "@actor_kind"}, inside={"facts": "@subject_type"}
    )

    name = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organization", "subject_type", "subject_id", "-id"], name="event_of_object")]


class EventDelivery(TenantModel):
    """One handler's copy of one event. Unfinished rows are the queue; `parked_at` marks what a person must look at."""

    view_permission = "organization.event.view"

    event = TenantForeignKey(DomainEvent, models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=200)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "event", "handler"], name="delivery_once")]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(done_at=None, parked_at=None), name="delivery_queue"
            ),
            models.Index(
                fields=["organization", "-id"], condition=models.Q(parked_at__isnull=False), name="delivery_parked"
            ),
        ]

    def __str__(self) -> str:
        return self.event.name
