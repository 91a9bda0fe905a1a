"""How long an organization keeps what it need not keep for ever."""

from __future__ import annotations

from django.db import models

from organization.tenancy import TenantModel


class RetentionPeriod(TenantModel):
    """The days that the organization chose for one rule of `organization.retention`, in place of the rule's own."""

    rule = models.CharField(max_length=40)
    days = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "rule"], name="retention_rule")]
