"""Human references per organization: KPI-12."""

from __future__ import annotations

from django.db import models

from organization.tenancy import TenantModel


class ReferenceCounter(TenantModel):
    """The last number given for a prefix."""

    prefix = models.CharField(max_length=10)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "prefix"], name="reference_prefix")]
