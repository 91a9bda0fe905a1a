"""Rollups: observations aggregated to calendar buckets, and the marks of what must be computed again."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from metrics.choices import GrainCode
from metrics.models.fields import ExactNumberField
from organization.portable import Through, Travel
from organization.tenancy import TenantModel


class Rollup(TenantModel):
    """One bucket of one version and breakdown.

    breakdown_id 0 is the total; key1 and key2 are dictionary codes (department ids in the department tree), 0 for rows
    without a value. The parts merge exactly (n, sum, min, max, first, last); `value` holds what does not merge (distinct
    counts, percentiles).
    """

    travel = Travel(
        numbers={
            "version_id": "metrics.kpiversion",
            "breakdown_id": "metrics.kpibreakdown",
            "key1": Through("organization.department", "breakdown_id", "metrics.kpibreakdown", "by_department"),
        }
    )

    pk = models.CompositePrimaryKey(
        "organization_id", "version_id", "grain", "breakdown_id", "bucket_start", "key1", "key2"
    )
    version_id = models.BigIntegerField()
    grain = models.PositiveSmallIntegerField(choices=GrainCode.choices)
    breakdown_id = models.BigIntegerField(default=0)
    bucket_start = models.DateTimeField()
    key1 = models.IntegerField(default=0)
    key2 = models.IntegerField(default=0)
    n = models.BigIntegerField()
    sum = ExactNumberField(null=True)
    sum_of_squares = ExactNumberField(null=True)
    min = ExactNumberField(null=True)
    max = ExactNumberField(null=True)
    first = ExactNumberField(null=True)
    last = ExactNumberField(null=True)
    value = ExactNumberField(null=True)

    class Meta:
        managed = False
        db_table = "metrics_rollup"


class RollupMark(TenantModel):
    """A (dataset, hour) that a write touched. Appended by the write, deleted by the task that recomputes it.

    Never unique: a mark that met an older one and did nothing would be lost when the older one is just being worked off.
    """

    travel = Travel(numbers={"dataset_id": "metrics.dataset"})

    dataset_id = models.BigIntegerField()
    hour_start = models.DateTimeField()
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organization", "dataset_id", "hour_start"], name="mark_of_dataset")]


class RollupCorrection(TenantModel):
    """An ended period whose total changed after it had been shown: by a late, corrected or removed row."""

    travel = Travel(numbers={"version_id": "metrics.kpiversion"})

    version_id = models.BigIntegerField()
    grain = models.PositiveSmallIntegerField(choices=GrainCode.choices)
    bucket_start = models.DateTimeField()
    before = ExactNumberField(null=True)
    after = ExactNumberField(null=True)
    corrected_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organization", "version_id", "-id"], name="correction_of_version")]
