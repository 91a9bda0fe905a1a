"""Archives of everything an organization has: asked for, made by a worker, kept for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.choices import JobStatus
from organization.errors import DomainError
from organization.models import DataExport, JobRun, Organization
from organization.queries.data_exports import LABEL
from organization.queue import enqueue
from organization.services import audit
from organization.usecases import use_case

KIND = "organization.export"
TASK = "ops_platform.make_export"
OPEN = (JobStatus.WAITING, JobStatus.RUNNING)


class ExportUnderWay(DomainError):
    """One archive at a time: a second one would be the same."""

    message = _("An archive is being made already. It appears here when it is ready.")


@use_case("organization.export.edit")
def request_export(actor: Actor, organization: Organization) -> DataExport:
    """Have a worker write the archive. Raises ExportUnderWay."""
    Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    if JobRun.objects.filter(kind=KIND, status__in=OPEN).exists():
        raise ExportUnderWay
    export = DataExport.objects.create(requested_by_id=actor.member_id)
    JobRun.objects.create(kind=KIND, object_type=LABEL, object_id=export.pk, started_by_id=actor.member_id)
    audit.record(actor, "organization.dataexport.requested", export)
    enqueue(TASK, organization_id=actor.organization_id, export_id=export.pk)
    return export


@use_case("organization.export.edit")
def note_export(actor: Actor, organization: Organization, *, rows: int) -> None:
    """Write down that everything went out by a command."""
    audit.record(actor, "organization.organization.exported", organization, rows=rows)


@use_case("organization.export.edit")
def remove_export(actor: Actor, export: DataExport) -> None:
    """Delete an archive before its time, or give up one that is under way."""
    stored = str(export.file.name or "")
    audit.record(actor, "organization.dataexport.removed", export)
    forget_export(export, stored)


def forget_export(export: DataExport, stored: str) -> None:
    """The rows and the file of an archive. The file goes first: the row names what is left when this is interrupted."""
    if stored:
        default_storage.delete(stored)
    JobRun.objects.filter(object_type=LABEL, object_id=export.pk).delete()
    export.delete()


def begin_export(export_id: int, *, all_rows: int) -> bool:
    """Whether the archive is still wanted; from then on it is under way."""
    jobs = JobRun.objects.filter(object_type=LABEL, object_id=export_id, status__in=OPEN)
    return jobs.update(status=JobStatus.RUNNING, done_steps=0, all_steps=all_rows, error="") == 1


def note_progress(export_id: int, *, done_rows: int) -> None:
    """How far it is."""
    JobRun.objects.filter(object_type=LABEL, object_id=export_id).update(done_steps=done_rows)


def finish_export(export_id: int, *, stored: str, size_bytes: int, sha256: str, rows: int, as_of: datetime) -> bool:
    """Whether the archive is still wanted; it is kept for EXPORT_FILE_DAYS."""
    expires_at = as_of + timedelta(days=settings.EXPORT_FILE_DAYS)
    facts = {"file": stored, "size_bytes": size_bytes, "sha256": sha256, "rows": rows, "expires_at": expires_at}
    if not DataExport.objects.filter(pk=export_id).update(**facts):
        return False
    jobs = JobRun.objects.filter(object_type=LABEL, object_id=export_id)
    jobs.update(status=JobStatus.DONE, done_steps=rows, all_steps=rows, finished_at=as_of)
    return True


def fail_export(export_id: int, *, error: str, as_of: datetime) -> None:
    """Say what went wrong where the owner looks."""
    jobs = JobRun.objects.filter(object_type=LABEL, object_id=export_id)
    jobs.update(status=JobStatus.FAILED, error=error, finished_at=as_of)
