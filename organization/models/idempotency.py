"""Answers kept under the caller's key, so that a repeated call changes nothing."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from organization.portable import Travel
from organization.tenancy import TenantModel


class IdempotencyKey(TenantModel):
    """One state-changing call of one actor. Kept seven days."""

    travel = Travel(inside={"answer": {}}, stays="callers repeat a call where they made it")

    actor_key = models.CharField(max_length=40)
    key = models.UUIDField()
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "actor_key", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["organization", "created_at"], name="idempotency_age")]
