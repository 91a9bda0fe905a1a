"""Batches: one sending of observations, with what came of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from metrics.choices import BatchStatus, Source
from metrics.models.dataset import Dataset
from organization.models.base import Stamped
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class ImportMapping(Stamped, TenantModel):
    """How the columns of a file become columns of a dataset; remembered by the file's header."""

    travel = Travel(inside={"plan": {}})

    dataset = TenantForeignKey(Dataset, models.CASCADE, related_name="mappings")
    signature = models.CharField(max_length=64)
    plan = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "signature", "dataset"], name="mapping_signature")
        ]


class ImportBatch(Stamped, TenantModel):
    """A file, an API call or the sample: counted, undoable, with the refused rows kept as a file."""

    view_permission = "metrics.import.view"
    owner_lookup = "started_by_id"
    department_lookup = "dataset__department"
    travel = Travel(inside={"plan": {}, "facts": {}}, arrives={"lease_until": "NULL"})

    reference = models.CharField(max_length=20, editable=False)
    dataset = TenantForeignKey(Dataset, models.CASCADE, null=True, related_name="batches")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.FILE)
    status = models.CharField(_("State"), max_length=12, choices=BatchStatus.choices, default=BatchStatus.UPLOADED)
    started_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    file = models.FileField(max_length=300, blank=True)
    file_name = models.CharField(_("File"), max_length=255, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    signature = models.CharField(max_length=64, blank=True)
    plan = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    rows_read = models.BigIntegerField(_("Rows read"), default=0)
    rows_created = models.BigIntegerField(_("New"), default=0)
    rows_updated = models.BigIntegerField(_("Corrected"), default=0)
    rows_unchanged = models.BigIntegerField(_("Unchanged"), default=0)
    rows_refused = models.BigIntegerField(_("Refused"), default=0)
    refused_file = models.FileField(max_length=300, blank=True)
    rows_done = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    loaded_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "reference"], name="batch_reference")]
        indexes = [
            models.Index(fields=["organization", "-id"], name="batch_newest"),
            models.Index(
                fields=["status", "lease_until"],
                name="batch_open",
                condition=models.Q(status__in=["checking", "loading", "undoing"]),
            ),
        ]
