"""Observations: one raw row of a dataset at one instant."""

from __future__ import annotations

from django.db import models

from metrics.models.dataset import DIMENSION_SLOTS, MEASURE_SLOTS
from metrics.models.fields import ExactNumberField
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class ObservationFields(models.Model):
    """The columns of a row: exact numbers in m1..m16, dictionary codes in d1..d24, NULL where there is no value."""

    observed_at = models.DateTimeField()
    dataset_id = models.BigIntegerField()
    row_key = models.TextField(db_collation="C")
    batch_id = models.BigIntegerField()

    class Meta:
        abstract = True


for _slot in MEASURE_SLOTS:
    ExactNumberField(null=True).contribute_to_class(ObservationFields, _slot)
for _slot in DIMENSION_SLOTS:
    models.IntegerField(null=True).contribute_to_class(ObservationFields, _slot)


_TRAVEL = Travel(numbers={"dataset_id": "metrics.dataset", "batch_id": "metrics.importbatch"})


class Observation(ObservationFields, TenantModel):
    """A row as it is known now. Partitioned by time; the key leads with it, so that a period is one range of the index.

    The table is made by SQL in the migration: Django knows no partitions. `is_keyed` marks rows of datasets whose key
    columns allow corrections; only these stand in the second index.
    """

    travel = _TRAVEL

    pk = models.CompositePrimaryKey("organization_id", "observed_at", "dataset_id", "row_key")
    is_keyed = models.BooleanField(default=False)

    class Meta:
        managed = False
        db_table = "metrics_observation"


class ReplacedObservation(ObservationFields, TenantModel):
    """A row as it was before a batch corrected or removed it, or was undone: what undo brings back, and what pages "as
    known on" a day read.

    replaced_by: the batch that took it away; its own one where that was undone. restored_at: when undoing `replaced_by`
    brought the row back; it is then kept for the time between alone.
    """

    travel = _TRAVEL

    is_keyed = models.BooleanField(default=False)
    replaced_by = TenantForeignKey("metrics.ImportBatch", related_name="+")
    replaced_at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "replaced_by"], name="replaced_by_batch"),
            models.Index(fields=["organization", "dataset_id", "batch_id"], name="replaced_of_dataset"),
        ]
