"""An uploaded file, through the services that the pages use."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.world import World
from metrics.choices import BatchStatus
from metrics.models import Dataset
from metrics.services import imports
from metrics.services.import_run import run_import
from organization.tenancy import tenant_transaction


def load_file(world: World, dataset: Dataset, path: Path) -> tuple[int, float]:
    """Receive, check and load a file: its rows, and the seconds of the load, which reads and checks every cell again."""
    pk = world.organization.pk
    with tenant_transaction(pk), path.open("rb") as upload:
        batch = imports.receive_file(world.actor, world.organization, upload=upload, name="rows.csv", dataset=dataset)
        batch = imports.set_mapping(world.actor, batch, plan=batch.plan, is_held=True)
    run_import(pk, batch.pk, is_held=True)
    with tenant_transaction(pk):
        batch.refresh_from_db()
        batch = imports.load_checked(world.actor, batch, is_held=True)
    started = time.perf_counter()
    run_import(pk, batch.pk, is_held=True)
    seconds = time.perf_counter() - started
    with tenant_transaction(pk):
        batch.refresh_from_db()
    if batch.status != BatchStatus.DONE or batch.rows_refused:
        raise RuntimeError(
            f"The file was not loaded: {batch.status}, {batch.error}, {batch.rows_refused} rows refused."
        )
    return batch.rows_created, seconds
