"""The one use case that only the sample needs: rows that come from no file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from metrics.choices import BatchStatus, Source
from metrics.events import BATCH_LOADED
from metrics.models import Dataset, ImportBatch
from metrics.services.loading import Counts, Loader
from ops_platform.sample.rows import Rows
from organization.access import Actor
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import use_case

CHUNK = 20_000


@use_case("metrics.observation.write")
def feed(actor: Actor, dataset: Dataset, *, rows: Rows, as_of: datetime, progress: Callable[[int], None]) -> Counts:
    """Load generated rows as one batch of the source "sample", by the loader that files go through."""
    batch = ImportBatch.objects.create(
        dataset=dataset,
        reference=next_reference("IMP"),
        source=Source.SAMPLE,
        status=BatchStatus.DONE,
        file_name=f"{dataset.key} (sample)",
        rows_read=len(rows),
        rows_done=len(rows),
        loaded_at=as_of,
    )
    loader = Loader(dataset, list(dataset.columns.all()), batch)
    done = 0
    for part in rows.parts(CHUNK):
        loader.add(part.instants(), part.keys, part.numbers, part.texts)
        done += len(part)
        progress(done)
    counts = loader.merge()
    ImportBatch.objects.filter(pk=batch.pk).update(rows_created=counts.created, rows_unchanged=counts.unchanged)
    events.emit(actor, BATCH_LOADED, batch, dataset=dataset.pk, created=counts.created, updated=counts.updated)
    audit.record(actor, "metrics.import.loaded", batch, dataset=dataset.pk, created=counts.created)
    return counts
