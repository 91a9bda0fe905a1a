"""Typed relations between any two objects."""

from __future__ import annotations

from django.db import models

from organization.choices import LinkVerb
from organization.portable import Travel
from organization.tenancy import TenantModel


class Link(TenantModel):
    """`source verb target`. Types are model labels ("metrics.kpi"), which outlive a renumbering of content types."""

    travel = Travel(numbers={"source_id": "@source_type", "target_id": "@target_type"})

    source_type = models.CharField(max_length=100)
    source_id = models.BigIntegerField()
    verb = models.CharField(max_length=20, choices=LinkVerb.choices)
    target_type = models.CharField(max_length=100)
    target_id = models.BigIntegerField()
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source_type", "source_id", "verb", "target_type", "target_id"],
                name="link_once",
            )
        ]
        indexes = [models.Index(fields=["organization", "target_type", "target_id"], name="link_target")]
