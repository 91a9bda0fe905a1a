"""Own events on their way into a dataset: noted by the outbox's handler, taken in batches by a worker.

What waits is rows, and an event's id is the row's key: an event that is delivered twice is one row.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from metrics.choices import SourceKind
from metrics.engine.source_rows import Extractor
from metrics.models import Dataset, DataSource, SourceDelivery, WaitingEvent
from metrics.queries.own_events import PLAN, own_event_rows
from metrics.services.source_load import Intake
from organization.models import DomainEvent

BATCH = 5_000
GATHERED_FOR = timedelta(seconds=5)


def note_event(name: str, event_id: int) -> None:
    """Let the event wait for the sources that count its kind.

    The sources are locked: a run that is just ending must not overlook what is noted beside it.
    """
    sources = DataSource.objects.filter(kind=SourceKind.EVENTS, is_enabled=True, settings__events__contains=[name])
    found = list(sources.select_for_update(of=("self",)).order_by("pk"))
    WaitingEvent.objects.bulk_create(
        [WaitingEvent(source=source, event_id=event_id) for source in found], ignore_conflicts=True
    )
    due = timezone.now() + GATHERED_FOR
    DataSource.objects.filter(pk__in=[source.pk for source in found], next_run_at=None).update(next_run_at=due)


def gather_past(source: DataSource) -> None:
    """Let all events wait that happened already: those that were taken before change nothing."""
    ids = DomainEvent.objects.filter(name__in=source.settings["events"]).values_list("pk", flat=True)
    waiting = (WaitingEvent(source=source, event_id=pk) for pk in ids.iterator(chunk_size=BATCH))
    WaitingEvent.objects.bulk_create(waiting, batch_size=BATCH, ignore_conflicts=True)


def take_waiting(source: DataSource, delivery: SourceDelivery, dataset: Dataset) -> datetime | None:
    """Load what waits, up to a batch, and forget that it did: when to come again, None when nothing is left.

    The caller holds the source's row and the transaction.
    """
    waiting = list(
        WaitingEvent.objects.filter(source=source).order_by("event_id").values_list("event_id", flat=True)[:BATCH]
    )
    extractor = Extractor(PLAN, is_json=False)
    rows = own_event_rows(waiting)
    delivery.rows_read = len(rows)
    intake = Intake(delivery, dataset, is_patient=True)
    intake.take([extractor.row(row) for row in rows], rows, range(1, len(rows) + 1))
    intake.finish()
    WaitingEvent.objects.filter(source=source, event_id__in=waiting).delete()
    return timezone.now() if WaitingEvent.objects.filter(source=source).exists() else None
