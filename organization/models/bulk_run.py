"""Actions on more rows than one request may take: what is done, to which rows, and how far it is."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from organization.choices import JobStatus
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class BulkRun(TenantModel):
    """One action on many rows, done by a worker under the rights of who asked.

    row_ids are settled when it is asked for and never written again; the first `position` of them are done or refused.
    facts: the form of the action as it was sent. refusals: [row, name, reason] of each row that stayed as it was.
    """

    owner_lookup = "started_by_id"
    travel = Travel(inside={"facts": {}, "refusals": {}}, stays="what was done with many rows ended where it began")

    list_name = models.CharField(max_length=100)
    act = models.CharField(max_length=60)
    label = models.CharField(max_length=150)
    query = models.CharField(max_length=2000, blank=True)
    facts = models.JSONField(default=dict)
    row_ids = ArrayField(models.BigIntegerField())
    position = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.WAITING)
    error = models.TextField(blank=True)
    started_by = TenantForeignKey("organization.Member", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "started_by", "-id"], name="bulk_of_member")]

    def __str__(self) -> str:
        return self.label

    @property
    def total(self) -> int:
        """How many rows were meant."""
        return len(self.row_ids)

    @property
    def changed(self) -> int:
        """How many rows are done."""
        return self.position - len(self.refusals)

    @property
    def is_open(self) -> bool:
        """Whether a worker has still to do."""
        return self.status in (JobStatus.WAITING, JobStatus.RUNNING)
