"""Observations that machines send: all rows of a call, or none with the place and reason of each that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from metrics.choices import BatchStatus, Source
from metrics.engine.sent_rows import RowReader
from metrics.errors import BadRows
from metrics.events import BATCH_LOADED
from metrics.models import Dataset, ImportBatch
from metrics.queries.row_wording import row_error_sentence
from metrics.services.import_undo import take_out
from metrics.services.loading import Counts, Loader, wait_for_loads
from organization.access import Actor
from organization.models import Organization
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import use_case

MOST_ERRORS = 1000


@dataclass(frozen=True)
class Recorded:
    """What a call did. batch: the reference under which it stands among the imports and can be undone."""

    batch: str
    counts: Counts


@use_case("metrics.observation.write")
def record_observations(actor: Actor, dataset: Dataset, *, rows: Sequence[Any]) -> Recorded:
    """Store rows as they came in JSON: `at`, `key` where the dataset has row keys, `values` by column.

    Raises BadRows when any of them is not valid; nothing is stored then.
    """
    organization = Organization.objects.get(pk=actor.organization_id)
    columns = list(dataset.columns.all())
    reader = RowReader(
        {column.key: column.role for column in columns if not column.expression},
        row_key=dataset.row_key,
        timezone=organization.timezone,
    )
    sent = reader.read(rows)
    if sent.errors:
        raise BadRows(
            [
                {"row": error.row, "column": error.column, "value": error.value, "reason": row_error_sentence(error)}
                for error in sent.errors[:MOST_ERRORS]
            ]
        )
    batch = ImportBatch.objects.create(
        dataset=dataset,
        reference=next_reference("IMP"),
        source=Source.API,
        status=BatchStatus.DONE,
        started_by_id=actor.member_id,
        rows_read=len(rows),
        loaded_at=timezone.now(),
    )
    loader = Loader(dataset, columns, batch, is_patient=False)
    dataset.refresh_from_db()  # another load may have ended while this one waited for its turn
    loader.add(sent.instants, sent.row_keys, sent.numbers, sent.texts)
    counts = loader.merge()
    batch.rows_created, batch.rows_updated, batch.rows_unchanged = counts.created, counts.updated, counts.unchanged
    batch.facts = {"superseded": counts.superseded}
    batch.save(update_fields=["rows_created", "rows_updated", "rows_unchanged", "facts"])
    facts = {"dataset": dataset.pk, "created": counts.created, "updated": counts.updated}
    events.emit(actor, BATCH_LOADED, batch, **facts)
    audit.record(actor, "metrics.observations.recorded", batch, **facts)
    return Recorded(batch.reference, counts)


@use_case("metrics.observation.write")
def remove_observations(actor: Actor, dataset: Dataset, *, row_keys: Sequence[str]) -> tuple[str, int]:
    """Take rows out by key: the batch's reference, and how many rows there were. Raises BadRows for what is no key."""
    wrong = [
        {"row": place, "column": "", "value": str(key)[:200], "reason": row_error_sentence(error)}
        for place, key in enumerate(row_keys)
        if (error := RowReader.key_error(place, key))
    ]
    if wrong:
        raise BadRows(wrong[:MOST_ERRORS])
    wait_for_loads(dataset)
    batch = take_out(dataset, actor=actor, row_keys=row_keys)
    return batch.reference, batch.rows_updated
