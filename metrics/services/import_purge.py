"""Files of imports are kept for a time only: they hold people's data, and everything that was loaded is in the store."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from metrics.choices import BatchStatus
from metrics.models import ImportBatch
from metrics.services.import_files import RECEIVED_PREFIX
from metrics.services.import_lease import OPEN
from organization.services.idempotency import organization_ids
from organization.tenancy import tenant_transaction

UNDECIDED = (BatchStatus.UPLOADED, BatchStatus.CHECKED, BatchStatus.FAILED)
FILES = ("file", "refused_file")
# No request and no task lives that long.
LEFT_BEHIND = timedelta(days=1)


def forget_files(*, as_of: datetime) -> None:
    """Remove the files of imports older than IMPORT_FILE_DAYS, sent and refused rows alike.

    Who has not decided about a file until then has decided against it.
    """
    before = as_of - timedelta(days=settings.IMPORT_FILE_DAYS)
    for organization_id in organization_ids():
        with tenant_transaction(organization_id):
            _forget(before)
    _clear_temporary(as_of)


def _forget(before: datetime) -> None:
    old = ImportBatch.objects.filter(received_at__lt=before).exclude(file="", refused_file="").exclude(status__in=OPEN)
    for batch in old.select_for_update(of=("self",), skip_locked=True):
        # The files first: when this is interrupted, the row still names what the next run has to look for.
        for name in FILES:
            if stored_as := getattr(batch, name).name:
                default_storage.delete(stored_as)
            setattr(batch, name, "")
        if batch.status in UNDECIDED:
            batch.status = BatchStatus.DISCARDED
        batch.updated_at = timezone.now()
        batch.save(update_fields=[*FILES, "status", "updated_at"])


def _clear_temporary(as_of: datetime) -> None:
    """What processes that were killed have left on this machine."""
    for path in Path(tempfile.gettempdir()).glob(f"{RECEIVED_PREFIX}*"):
        try:
            if path.stat().st_mtime < (as_of - LEFT_BEHIND).timestamp():
                path.unlink()
        except OSError:  # another account's, or another worker was quicker
            continue
