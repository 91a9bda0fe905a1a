"""Archives of everything an organization has."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class DataExport(TenantModel):
    """One archive, made by a JobRun and kept until `expires_at`; `file` is empty before and after."""

    view_permission = "organization.export.edit"
    travel = Travel(stays="an archive holds no archives")

    requested_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    file = models.FileField(max_length=300, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "-id"], name="data_export_newest")]
