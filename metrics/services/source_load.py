"""Rows of a source on their way into its dataset: the good ones in, the others kept with their reasons."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from metrics.choices import BatchStatus, DeliveryStatus, Source, SourceKind
from metrics.engine.sent_rows import RowError, RowReader
from metrics.events import BATCH_LOADED
from metrics.models import Dataset, ImportBatch, SourceDelivery
from metrics.services.loading import Counts, Loader
from organization.access import system_actor
from organization.models import Organization
from organization.services import audit, events
from organization.services.references import next_reference

MOST_KEPT = 1_000
LONGEST_SHOWN = 2_000
NOTHING = Counts(0, 0, 0, 0)


class Intake:
    """Takes the rows of one delivery. Use it inside a transaction: `take` for each part, then `finish`."""

    def __init__(self, delivery: SourceDelivery, dataset: Dataset, *, is_patient: bool) -> None:
        """is_patient: as for `Loader`."""
        organization = Organization.objects.get(pk=delivery.organization_id)
        self._delivery, self._dataset = delivery, dataset
        self._columns = list(dataset.columns.all())
        self._is_patient = is_patient
        self._reader = RowReader(
            {column.key: column.role for column in self._columns if not column.expression},
            row_key=dataset.row_key,
            timezone=organization.timezone,
        )
        self._loader: Loader | None = None

    def take(self, rows: Sequence[Any], sent: Sequence[Any], numbers: Sequence[int]) -> None:
        """Stage the good ones of some rows.

        rows: as the API takes them; sent: the same as they were sent; numbers: their places in the delivery, from 1.
        """
        read = self._reader.read(rows, keeps_good=True)
        self._refuse(read.errors, sent, numbers)
        if read.instants:
            if self._loader is None:
                self._loader = self._made_loader()
            self._loader.add(read.instants, read.row_keys, read.numbers, read.texts)

    def finish(self) -> Counts:
        """Bring the staged rows into the store, and write down what came of the delivery."""
        counts = self._loader.merge() if self._loader else NOTHING
        delivery = self._delivery
        delivery.rows_created, delivery.rows_updated = counts.created, counts.updated
        delivery.rows_unchanged = counts.unchanged + counts.superseded
        if self._loader:
            delivery.batch = self._kept_batch(self._loader.batch, counts)
        delivery.status, delivery.ended_at, delivery.problem = DeliveryStatus.DONE, timezone.now(), ""
        return counts

    def _made_loader(self) -> Loader:
        source = self._delivery.source
        batch = ImportBatch.objects.create(
            dataset=self._dataset,
            reference=next_reference("IMP"),
            source=Source(source.kind),
            status=BatchStatus.DONE,
            file_name=source.display_name[:255],
            started_by_id=source.made_by_id,
            loaded_at=timezone.now(),
        )
        loader = Loader(self._dataset, self._columns, batch, is_patient=self._is_patient)
        self._dataset.refresh_from_db()  # another load may have ended while this one waited for its turn
        return loader

    def _refuse(self, errors: Sequence[RowError], sent: Sequence[Any], numbers: Sequence[int]) -> None:
        by_row: dict[int, list[RowError]] = defaultdict(list)
        for error in errors:
            by_row[error.row].append(error)
        self._delivery.rows_refused += len(by_row)
        for row, found in list(by_row.items())[: MOST_KEPT - len(self._delivery.refusals)]:
            self._delivery.refusals.append(
                {
                    "row": numbers[row],
                    "errors": [[error.column, storable(error.value), error.code] for error in found],
                    "sent": storable(json.dumps(sent[row], default=str, ensure_ascii=False)[:LONGEST_SHOWN]),
                }
            )

    def _kept_batch(self, batch: ImportBatch, counts: Counts) -> ImportBatch | None:
        """The batch with its counts. One that changed nothing goes: every run asks for some rows again."""
        delivery = self._delivery
        if not (counts.created or counts.updated):
            batch.delete()
            return None
        batch.rows_read, batch.rows_refused = delivery.rows_read, delivery.rows_refused
        batch.rows_created, batch.rows_updated, batch.rows_unchanged = counts.created, counts.updated, counts.unchanged
        batch.facts = {"superseded": counts.superseded}
        batch.save()
        if delivery.source.kind != SourceKind.EVENTS:  # which would be an event of its own, and so without end
            actor = system_actor(delivery.organization_id, f"source_{delivery.source.kind}")
            facts = {"dataset": self._dataset.pk, "created": counts.created, "updated": counts.updated}
            events.emit(actor, BATCH_LOADED, batch, **facts)
            audit.record(actor, "metrics.source.loaded", batch, **facts)
        return batch


def storable(text: str) -> str:
    """The text without what PostgreSQL refuses, to be shown again."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
