"""Who works on an import: a short lease that a thread keeps alive while it writes down how far the work has come.

The load is one long transaction that must not hold the batch's row, or nobody could read or renew anything. So the
thread has a connection of its own. When the process dies, the thread dies with it, the lease runs out, and the sweep
hands the import to another worker.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone

from metrics.choices import BatchStatus
from metrics.models import ImportBatch
from organization.tenancy import tenant_transaction

log = structlog.get_logger(__name__)

OPEN = (BatchStatus.CHECKING, BatchStatus.LOADING, BatchStatus.UNDOING)
LEASE = timedelta(seconds=30)
TICK_SECONDS = 1.0
MOST_ATTEMPTS = 5


def claim(organization_id: int, batch_id: int, *, is_held: bool = False) -> ImportBatch | None:
    """Lease an open import, with how often it was begun in `facts["attempts"]`; None when it is done or somebody's.

    is_held: the caller holds the lease already.
    """
    with tenant_transaction(organization_id):
        now = timezone.now()
        is_free = Q() if is_held else Q(lease_until=None) | Q(lease_until__lt=now)
        found = ImportBatch.objects.filter(is_free, pk=batch_id, status__in=OPEN)
        batch = found.select_for_update(of=("self",)).first()
        if batch is None:
            return None
        batch.lease_until = now + LEASE
        batch.facts["attempts"] = batch.facts.get("attempts", 0) + 1
        batch.save(update_fields=["lease_until", "facts"])
        return batch


class Progress:
    """Keeps the lease and `rows_done` current for as long as the block lasts, or until `stop`."""

    def __init__(self, batch: ImportBatch) -> None:
        self.rows_done = 0
        self._ids = (batch.organization_id, batch.pk, batch.status)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"import-{batch.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the thread; it writes nothing any more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopping.wait(TICK_SECONDS):
                self._write()
        finally:
            connection.close()

    def _write(self) -> None:
        organization_id, batch_id, status = self._ids
        try:
            with tenant_transaction(organization_id):
                ImportBatch.objects.filter(pk=batch_id, status=status).update(
                    rows_done=self.rows_done, lease_until=timezone.now() + LEASE
                )
        except DatabaseError as error:  # the next tick tries again; the lease outlives a few
            log.warning("import.progress_unwritten", batch=batch_id, error=type(error).__name__)
