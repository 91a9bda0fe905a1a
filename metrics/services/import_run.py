"""The worker's side of an import: check, load, undo. Each may be begun again at any time and is done once.

A load is one transaction: what it writes and that it is done become true together, so a worker that dies leaves nothing,
and a second one that comes too late finds the import done and takes its own work back.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from django.core.files.storage import default_storage
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from psycopg2 import errorcodes

from metrics.choices import BatchStatus, RowKey
from metrics.engine.import_plan import ImportPlan, plan_from
from metrics.engine.tabular import TabularError
from metrics.errors import BatchState
from metrics.events import BATCH_LOADED, BATCH_UNDONE
from metrics.models import Dataset, DatasetColumn, ImportBatch
from metrics.queries.wording import tabular_sentence
from metrics.services.datasets import add_columns
from metrics.services.import_files import stored
from metrics.services.import_lease import MOST_ATTEMPTS, Progress, claim
from metrics.services.import_plans import column_specs, row_key_of
from metrics.services.import_report import Report
from metrics.services.import_rows import RowReader, Rows
from metrics.services.import_undo import take_back
from metrics.services.loading import Counts, Loader
from metrics.services.telling import tell_of_import
from organization.access import Actor, system_actor
from organization.errors import DomainError, NotAllowed
from organization.models import Member, Organization
from organization.queries.actors import actor_for, member_of
from organization.services import audit, events
from organization.tenancy import tenant_transaction
from organization.usecases import authorize

ENSURE = "SELECT metrics_ensure_partition(%s::timestamptz)"


class _Overtaken(Exception):
    """Another worker has finished this import."""


def run_import(organization_id: int, batch_id: int, *, is_held: bool = False) -> bool:
    """Do what an open import waits for. False when there is nothing to do, or another worker is at it.

    What cannot work is written on the batch. Raises the unexpected, and what trying again may heal; the import then
    stays open, and the sweep sends it again until it was begun MOST_ATTEMPTS times.
    """
    batch = claim(organization_id, batch_id, is_held=is_held)
    if batch is None:
        return False
    steps: dict[str, Callable[[ImportBatch, Progress], None]] = {
        BatchStatus.CHECKING: _check,
        BatchStatus.LOADING: _load,
        BatchStatus.UNDOING: _undo,
    }
    with _language_of(batch), _uncollected():
        try:
            if batch.facts["attempts"] > MOST_ATTEMPTS:
                raise BatchState(_("The import was interrupted several times. Send the file again, in smaller parts."))
            with Progress(batch) as progress:
                steps[batch.status](batch, progress)
        except _Overtaken:
            return False
        except TabularError as error:
            _fail(batch, tabular_sentence(error.code, error.params))
        except DomainError as error:
            _fail(batch, str(error))
    return True


def _check(batch: ImportBatch, progress: Progress) -> None:
    """Read the whole file and count what loading it would do."""
    plan = plan_from(batch.plan)
    with tenant_transaction(batch.organization_id):
        _authorized(batch, batch.started_by_id)
        organization = Organization.objects.get(pk=batch.organization_id)
        dataset = Dataset.objects.filter(key=plan.dataset_key).first()
    reader = RowReader(plan, dataset.row_key if dataset else row_key_of(plan), organization.timezone)
    with stored(str(batch.file)) as path, Report(plan.mapping.names) as report:
        rows = _reported(reader.rows(path), report, progress)
        counts = _compared(batch, plan, dataset, rows) if dataset and dataset.row_count else _counted(plan, rows)
        progress.stop()
        old, refused_file = batch.refused_file.name, report.keep_file(batch.organization_id)
        with tenant_transaction(batch.organization_id):
            _finish(
                batch,
                BatchStatus.CHECKED,
                **_numbers(counts, report),
                refused_file=refused_file,
                facts=batch.facts | report.facts() | {"superseded": counts.superseded, "attempts": 0},
            )
            if old:
                transaction.on_commit(lambda: default_storage.delete(old))


def _load(batch: ImportBatch, progress: Progress) -> None:
    """Bring the good rows into the store, in one transaction."""
    plan = plan_from(batch.plan)
    _ensure_partitions(batch)
    with tenant_transaction(batch.organization_id):
        organization = Organization.objects.get(pk=batch.organization_id)
        dataset = Dataset.objects.get(pk=batch.dataset_id)
    reader = RowReader(plan, dataset.row_key, organization.timezone)
    with stored(str(batch.file)) as path, Report(plan.mapping.names) as report:
        rows = _reported(reader.rows(path), report, progress)
        first = next(rows, None)  # a workbook is slow to open; the transaction begins after that
        with tenant_transaction(batch.organization_id):
            actor = _authorized(batch, batch.started_by_id)
            loader = Loader(dataset, list(dataset.columns.all()), batch)
            dataset.refresh_from_db()  # another load may have ended while this one waited for its turn
            _stage_all(loader, first, rows)
            counts = loader.merge()
            progress.stop()
            _finish(batch, BatchStatus.DONE, **_numbers(counts, report), loaded_at=timezone.now())
            events.emit(actor, BATCH_LOADED, batch, dataset=dataset.pk, created=counts.created, updated=counts.updated)
            audit.record(
                actor,
                "metrics.import.loaded",
                batch,
                dataset=dataset.pk,
                created=counts.created,
                updated=counts.updated,
            )
            numbers = {"created": counts.created, "updated": counts.updated, "refused": report.refused}
            tell_of_import(batch, kind="metrics.import_done", **numbers)


def _undo(batch: ImportBatch, progress: Progress) -> None:
    """Take out what the batch created, and bring back what it replaced."""
    with tenant_transaction(batch.organization_id):
        actor = _authorized(batch, batch.facts.get("undone_by"))
        try:
            with transaction.atomic():
                counts = take_back(batch)
        except DomainError as error:
            _finish(batch, BatchStatus.DONE, error=str(error))
            return
        progress.stop()
        _finish(batch, BatchStatus.UNDONE)
        events.emit(actor, BATCH_UNDONE, batch, dataset=batch.dataset_id)
        audit.record(actor, "metrics.import.undone", batch, removed=counts.removed, restored=counts.restored)


def _reported(rows: Iterator[Rows], report: Report, progress: Progress) -> Iterator[Rows]:
    for found in rows:
        report.take(found)
        yield found
        progress.rows_done = report.read


def _compared(batch: ImportBatch, plan: ImportPlan, dataset: Dataset, rows: Iterator[Rows]) -> Counts:
    """What a load would do beside the rows that are stored: staged and compared in earnest, then rolled back."""
    first = next(rows, None)
    with tenant_transaction(batch.organization_id):
        known = {column.key for column in dataset.columns.all()}
        add_columns(dataset, [spec for spec in column_specs(plan) if spec.key not in known])
        loader = Loader(dataset, list(DatasetColumn.objects.filter(dataset=dataset)), batch)
        dataset.refresh_from_db()
        _stage_all(loader, first, rows)
        counts = loader.compare()
        transaction.set_rollback(True)
    return counts


def _counted(plan: ImportPlan, rows: Iterator[Rows]) -> Counts:
    """What a load would do in an empty dataset."""
    total, keys = 0, set[str]()
    for found in rows:
        total += len(found.instants)
        if row_key_of(plan) == RowKey.COLUMNS:
            keys.update(found.row_keys)
    superseded = total - len(keys) if row_key_of(plan) == RowKey.COLUMNS else 0
    return Counts(total - superseded, 0, 0, superseded)


def _stage_all(loader: Loader, first: Rows | None, rest: Iterable[Rows]) -> None:
    for rows in chain([first] if first else [], rest):
        if rows.instants:
            loader.add(rows.instants, rows.row_keys, rows.numbers, rows.texts)


def _ensure_partitions(batch: ImportBatch) -> None:
    """Make the months that the check saw, each in a moment of its own, so that loads do not wait for one another."""
    for month in batch.facts.get("months", ()):
        try:
            with tenant_transaction(batch.organization_id), connection.cursor() as cursor:
                cursor.execute(ENSURE, [f"{month}-15T00:00:00Z"])
        except ProgrammingError as error:
            # Somebody else made it just now: waiting for their lock does not refresh what this session has looked up
            if getattr(error.__cause__, "pgcode", "") != errorcodes.DUPLICATE_TABLE:
                raise


def _authorized(batch: ImportBatch, member_id: int | None) -> Actor:
    """Who asked for this step, with their rights of this moment. Raises NotAllowed when they may not any more."""
    if member_id is None:
        return system_actor(batch.organization_id, "import_file")
    member = Member.objects.filter(pk=member_id, user__is_active=True).first()
    found = member_of(member.user_id) if member else None
    if found is None:
        raise NotAllowed(_("Who started this import is no longer a member."))
    actor = actor_for(found)
    authorize(actor, "metrics.import.run", batch)
    return actor


def _numbers(counts: Counts, report: Report) -> dict[str, Any]:
    return {
        "rows_read": report.read,
        "rows_done": report.read,
        "rows_refused": report.refused,
        "rows_created": counts.created,
        "rows_updated": counts.updated,
        "rows_unchanged": counts.unchanged,
    }


def _finish(batch: ImportBatch, status: BatchStatus, **values: Any) -> None:
    """Leave the open state; whoever comes second raises BatchState, and its transaction goes."""
    values = {"error": ""} | values | {"status": status, "lease_until": None, "updated_at": timezone.now()}
    if not ImportBatch.objects.filter(pk=batch.pk, status=batch.status).update(**values):
        raise _Overtaken


def _fail(batch: ImportBatch, sentence: str) -> None:
    """Say why it does not work. Rows that could not be taken back are still loaded."""
    status = BatchStatus.DONE if batch.status == BatchStatus.UNDOING else BatchStatus.FAILED
    with tenant_transaction(batch.organization_id):
        failed = ImportBatch.objects.filter(pk=batch.pk, status=batch.status).update(
            status=status, error=sentence, lease_until=None, updated_at=timezone.now()
        )
        if failed:
            tell_of_import(batch, kind="metrics.import_failed", problem=sentence)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of reference cycles: rows make none, and looking through millions of cells costs a sixth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _language_of(batch: ImportBatch) -> Iterator[None]:
    """The language of who started it: the error file and the reasons on the batch are sentences."""
    with tenant_transaction(batch.organization_id):
        member = Member.objects.filter(pk=batch.started_by_id).select_related("user", "organization").first()
        language = (member.user.language or member.organization.language) if member else ""
    with translation.override(language or translation.get_language()):
        yield
