"""The archive that an owner asked for in the browser: written by a worker, found again by a sweep when that is lost."""

from __future__ import annotations

import hashlib
import tempfile
import time
import uuid
from typing import IO, Any

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ops_platform.portability.export import AlreadyRunning, row_count, write_archive
from organization.models import DataExport, JobRun, Organization
from organization.queries.letters import letter
from organization.queue import send
from organization.services import data_exports
from organization.services.idempotency import organization_ids
from organization.tenancy import tenant_transaction

log = structlog.get_logger(__name__)
EVERY_SECONDS = 2.0


def make_export(organization_id: int, export_id: int) -> None:
    """Write one archive, if nobody else does and it is still wanted."""
    try:
        _make(organization_id, export_id)
    except AlreadyRunning:
        return
    except Exception as error:
        log.exception("export.failed", export=export_id)
        with tenant_transaction(organization_id):
            data_exports.fail_export(export_id, error=type(error).__name__, as_of=timezone.now())
        raise


def sweep_exports() -> None:
    """Send a task for each archive that is wanted and not there; who holds it already lets the task go."""
    for organization_id in organization_ids():
        with tenant_transaction(organization_id):
            waiting = JobRun.objects.filter(kind=data_exports.KIND, status__in=data_exports.OPEN)
            wanted = list(waiting.values_list("object_id", flat=True))
        for export_id in wanted:
            send(data_exports.TASK, {"organization_id": organization_id, "export_id": export_id})


def _make(organization_id: int, export_id: int) -> None:
    with tempfile.NamedTemporaryFile(prefix="ops-export-") as file:
        progress = _Progress(organization_id, export_id)
        lock = f"export:{organization_id}:{export_id}"
        manifest = write_archive(
            organization_id, file, now=timezone.now(), note=progress, begin=progress.begin, lock=lock
        )
        if manifest is None:
            return
        file.flush()
        stored = default_storage.save(f"{organization_id}/exports/{uuid.uuid4().hex}.zip", File(file))
        facts: dict[str, Any] = {"sha256": _sha256(file), "size_bytes": file.tell()}
    rows = sum(part.size for part in manifest.tables)
    with tenant_transaction(organization_id):
        is_wanted = data_exports.finish_export(export_id, stored=stored, rows=rows, as_of=timezone.now(), **facts)
    if not is_wanted:
        default_storage.delete(stored)
        return
    _tell(organization_id, export_id)


def _sha256(file: IO[bytes]) -> str:
    """Of the whole file, whose end is reached."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a temporary file is one


def _tell(organization_id: int, export_id: int) -> None:
    """A mail to who asked for it. The page shows the archive whether or not the mail arrives."""
    with tenant_transaction(organization_id):
        export = DataExport.objects.select_related("requested_by__user").get(pk=export_id)
        organization = Organization.objects.get(pk=organization_id)
        if export.requested_by is None:
            return
        person = export.requested_by.user
        with translation.override(person.language or organization.language):
            name = organization.display_name
            subject = _("The archive of %(organization)s is ready") % {"organization": name}
            text = _(
                "Everything that %(organization)s has stands in one file now. Download it under Settings, Data. "
                "It is kept until %(day)s."
            ) % {"organization": name, "day": f"{export.expires_at:%Y-%m-%d}"}
            address = settings.SITE_URL + reverse("organization:data")
            mail = letter(
                person.email, subject, f"{text}\n\n{address}", organization=organization, act=_("Go to the archive")
            )
    mail.send(fail_silently=True)


class _Progress:
    """Writes how far an archive is, now and then, in a transaction of its own."""

    def __init__(self, organization_id: int, export_id: int) -> None:
        self._organization_id, self._export_id = organization_id, export_id
        self._next = 0.0

    def begin(self) -> bool:
        all_rows = row_count(self._organization_id)
        with tenant_transaction(self._organization_id):
            return data_exports.begin_export(self._export_id, all_rows=all_rows)

    def __call__(self, rows: int) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY_SECONDS
            with tenant_transaction(self._organization_id):
                data_exports.note_progress(self._export_id, done_rows=rows)
