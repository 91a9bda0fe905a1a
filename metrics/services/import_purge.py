"""Files of imports are kept for a time only: they hold people's data, and everything that was loaded is in the store."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils import timezone

from metrics.choices import BatchStatus
from metrics.models import ImportBatch
from metrics.services.import_files import RECEIVED_PREFIX
from metrics.services.import_lease import OPEN
from organization.services.retention import forget_old
from organization.tenancy import TenantQuerySet

UNDECIDED = (BatchStatus.UPLOADED, BatchStatus.CHECKED, BatchStatus.FAILED)
RULE = "import_files"
FILES = ("file", "refused_file")
# No request and no task lives that long.
LEFT_BEHIND = timedelta(days=1)


def forget_files(*, as_of: datetime) -> None:
    """Remove the files of imports that are older than they are kept here, sent and refused rows alike.

    Who has not decided about a file until then has decided against it.
    """
    forget_old(as_of=as_of, keys=(RULE,))
    _clear_temporary(as_of)


def count_old(before: datetime) -> int:
    """Imports of the open organization whose files are older than `before`."""
    return _old(before).count()


def forget_some(before: datetime, most: int) -> int:
    """Remove the files of at most so many of them, and return of how many."""
    batches = list(_old(before).order_by("pk").select_for_update(of=("self",), skip_locked=True)[:most])
    for batch in batches:
        # The files first: when this is interrupted, the row still names what the next run has to look for.
        for name in FILES:
            if stored_as := getattr(batch, name).name:
                default_storage.delete(stored_as)
            setattr(batch, name, "")
        if batch.status in UNDECIDED:
            batch.status = BatchStatus.DISCARDED
        batch.updated_at = timezone.now()
        batch.save(update_fields=[*FILES, "status", "updated_at"])
    return len(batches)


def _old(before: datetime) -> TenantQuerySet:
    return ImportBatch.objects.filter(received_at__lt=before).exclude(file="", refused_file="").exclude(status__in=OPEN)


def _clear_temporary(as_of: datetime) -> None:
    """What processes that were killed have left on this machine."""
    for path in Path(tempfile.gettempdir()).glob(f"{RECEIVED_PREFIX}*"):
        try:
            if path.stat().st_mtime < (as_of - LEFT_BEHIND).timestamp():
                path.unlink()
        except OSError:  # another account's, or another worker was quicker
            continue
