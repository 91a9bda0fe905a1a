"""Long jobs, so that their progress can be left and found again."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from organization.choices import JobStatus
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class JobRun(TenantModel):
    """One run of a long job. The row is the truth; the queue only nudges."""

    owner_lookup = "started_by_id"
    travel = Travel(numbers={"object_id": "@object_type"}, stays="jobs end where they began")

    kind = models.CharField(max_length=60)
    object_type = models.CharField(max_length=100)
    object_id = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.WAITING)
    done_steps = models.BigIntegerField(default=0)
    all_steps = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    started_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "object_type", "object_id", "-id"], name="job_of_object")]
