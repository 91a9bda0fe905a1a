"""Taking rows back: a whole batch, or single rows by their key. Old states are kept, so that each can be undone itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from metrics.choices import BatchStatus, Source
from metrics.errors import BatchBuiltUpon
from metrics.models import Dataset, ImportBatch, ReplacedObservation
from metrics.services.loading import KEPT, LOCK, LONGEST, MARK, mark_replaced, refresh_extent
from organization.access import Actor
from organization.queue import enqueue
from organization.services import audit
from organization.services.references import next_reference

OF_BATCH = "metrics_observation WHERE batch_id = %s AND organization_id = %s AND dataset_id = %s"
# What is undone was known for a time, and pages "as known on" a day of that time show it
SET_ASIDE = f"""
WITH gone AS (DELETE FROM {OF_BATCH} RETURNING *)
INSERT INTO metrics_replacedobservation ({KEPT}, replaced_by_id, replaced_at) SELECT {KEPT}, batch_id, %s FROM gone
"""
RESTORE = f"""
WITH old AS (
  UPDATE metrics_replacedobservation SET restored_at = %s
   WHERE organization_id = %s AND replaced_by_id = %s AND batch_id <> replaced_by_id AND restored_at IS NULL
  RETURNING *)
INSERT INTO metrics_observation ({KEPT}) SELECT {KEPT} FROM old
"""
REMOVE = f"""
WITH gone AS (
  DELETE FROM metrics_observation
   WHERE organization_id = %s AND dataset_id = %s AND observed_at >= %s AND observed_at <= %s AND row_key = ANY (%s)
  RETURNING *)
INSERT INTO metrics_replacedobservation ({KEPT}, replaced_by_id, replaced_at) SELECT {KEPT}, %s, now() FROM gone
"""


@dataclass(frozen=True)
class TakenBack:
    """Rows that left the store, and rows that came back into it."""

    removed: int
    restored: int


def take_back(batch: ImportBatch) -> TakenBack:
    """Undo a batch in the running transaction: its rows go, what they replaced returns, their hours are marked.

    Raises BatchBuiltUpon when a later batch has corrected or removed rows of this one.
    """
    dataset = Dataset.objects.get(pk=batch.dataset_id)
    with connection.cursor() as cursor:
        _lock(cursor, dataset)
        later = ReplacedObservation.objects.filter(batch_id=batch.pk, dataset_id=dataset.pk, restored_at=None)
        built_upon = later.exclude(replaced_by=batch).select_related("replaced_by").order_by("-replaced_by_id").first()
        if built_upon is not None:
            raise BatchBuiltUpon(BatchBuiltUpon.message % {"reference": built_upon.replaced_by.reference})
        ids = [batch.pk, dataset.organization_id, dataset.pk]
        cursor.execute(MARK.format(table=OF_BATCH), [dataset.organization_id, dataset.pk, *ids])
        mark_replaced(cursor, batch, dataset)
        undone_at = timezone.now()
        cursor.execute(SET_ASIDE, [*ids, undone_at])
        removed = cursor.rowcount
        cursor.execute(RESTORE, [undone_at, dataset.organization_id, batch.pk])
        restored = cursor.rowcount
    _follow(dataset, restored - removed)
    return TakenBack(removed, restored)


def take_out(dataset: Dataset, *, actor: Actor, row_keys: Iterable[str]) -> ImportBatch:
    """Take rows out by their keys. Returns the batch that did it, with the number in `rows_updated`; undo brings them back.

    Keys that no row has change nothing. `observations.remove_observations` asks for the right to.
    """
    dataset = Dataset.objects.get(pk=dataset.pk)
    batch = ImportBatch.objects.create(
        dataset=dataset,
        reference=next_reference("IMP"),
        source=Source.API,
        status=BatchStatus.DONE,
        started_by_id=actor.member_id,
        loaded_at=timezone.now(),
    )
    keys = sorted(set(row_keys))
    with connection.cursor() as cursor:
        _lock(cursor, dataset)
        dataset.refresh_from_db()
        ids = [dataset.organization_id, dataset.pk]
        cursor.execute(REMOVE, [*ids, dataset.first_at, dataset.last_at, keys, batch.pk])
        batch.rows_read, batch.rows_updated = len(keys), cursor.rowcount
        mark_replaced(cursor, batch, dataset)
    if batch.rows_updated:
        _follow(dataset, -batch.rows_updated)
    batch.facts = {"removed": batch.rows_updated}
    batch.save(update_fields=["rows_read", "rows_updated", "facts"])
    audit.record(actor, "metrics.observations.removed", batch, dataset=dataset.pk, rows=batch.rows_updated)
    return batch


def _lock(cursor: Any, dataset: Dataset) -> None:
    cursor.execute(LONGEST)
    cursor.execute(LOCK, [f"load:{dataset.organization_id}:{dataset.pk}"])


def _follow(dataset: Dataset, change: int) -> None:
    """Correct the dataset's extent, and let the rollups follow."""
    refresh_extent(dataset, added=change)
    enqueue("metrics.recompute_dataset", organization_id=dataset.organization_id, dataset_id=dataset.pk)
