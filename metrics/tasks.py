"""Background work of metrics."""

from __future__ import annotations

from celery import current_app, shared_task
from django.db import OperationalError
from django.utils import timezone

from metrics.queries.sweeps import due_sources, open_batches, stale_datasets
from metrics.services import entry_work, import_purge, import_run, rollups, source_run


@shared_task(
    name="metrics.recompute_dataset",
    time_limit=900,
    soft_time_limit=870,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def recompute_dataset(*, organization_id: int, dataset_id: int) -> None:
    """Bring a dataset's rollups up to date. Idempotent: values are set from the rows, marks go in the same transaction."""
    rollups.recompute_dataset(organization_id, dataset_id)


@shared_task(name="metrics.sweep_marks", time_limit=60, soft_time_limit=50)
def sweep_marks() -> None:
    """Send a task for each dataset with marks or uncomputed versions. Idempotent: it only nudges."""
    for organization_id, dataset_id in stale_datasets():
        current_app.send_task(
            "metrics.recompute_dataset", kwargs={"organization_id": organization_id, "dataset_id": dataset_id}
        )


@shared_task(name="metrics.sweep_imports", time_limit=60, soft_time_limit=50)
def sweep_imports() -> None:
    """Send a task for each import whose worker was lost. Idempotent: it only nudges."""
    for organization_id, batch_id in open_batches():
        current_app.send_task("metrics.run_import", kwargs={"organization_id": organization_id, "batch_id": batch_id})


@shared_task(name="metrics.forget_import_files", time_limit=600, soft_time_limit=570)
def forget_import_files() -> None:
    """Remove files of old imports. Idempotent: what is gone stays gone."""
    import_purge.forget_files(as_of=timezone.now())


@shared_task(
    name="metrics.run_import",
    time_limit=900,
    soft_time_limit=870,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def run_import(*, organization_id: int, batch_id: int) -> None:
    """Check, load or undo an import. Idempotent: its state and lease decide; what it did and that it did it commit as one."""
    import_run.run_import(organization_id, batch_id)


@shared_task(name="metrics.sweep_sources", time_limit=60, soft_time_limit=50)
def sweep_sources() -> None:
    """Send a task for each source that is due. Idempotent: it only nudges; what a source did last decides what it does."""
    for organization_id, source_id in due_sources():
        current_app.send_task("metrics.run_source", kwargs={"organization_id": organization_id, "source_id": source_id})


@shared_task(
    name="metrics.run_source",
    time_limit=900,
    soft_time_limit=870,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def run_source(*, organization_id: int, source_id: int) -> None:
    """Ask a source that is due. Idempotent: its lease and its next time decide; rows that are there change nothing."""
    source_run.run_source(organization_id, source_id)


@shared_task(name="metrics.forget_deliveries", time_limit=300)
def forget_deliveries() -> None:
    """Drop old deliveries of sources from their lists. Idempotent: what is gone stays gone."""
    source_run.forget_deliveries(as_of=timezone.now())


@shared_task(name="metrics.follow_entries", time_limit=600, soft_time_limit=570)
def follow_entries() -> None:
    """Let those owe a figure whose period has ended. Idempotent: what is owed is worked out from what was entered."""
    entry_work.follow_plans(as_of=timezone.now())
