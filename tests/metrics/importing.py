"""Imports for tests: a file all the way through the services and the worker's side."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

from metrics.choices import BatchStatus
from metrics.models import Dataset, ImportBatch
from metrics.services import imports
from metrics.services.import_run import run_import
from metrics.services.loading import KEPT
from organization.access import Actor
from organization.models import Organization

Change = Callable[[dict[str, Any]], None]


def send(
    actor: Actor, organization: Organization, content: str | bytes | Path, *, name: str = "orders.csv", **facts: Any
) -> ImportBatch:
    """Receive a file: text, bytes, or what a path holds."""
    if isinstance(content, Path):
        with content.open("rb") as file:
            return imports.receive_file(actor, organization, upload=file, name=content.name, **facts)
    data = content.encode() if isinstance(content, str) else content
    return imports.receive_file(actor, organization, upload=io.BytesIO(data), name=name, **facts)


def checked(
    actor: Actor, organization: Organization, content: str | bytes | Path, change: Change | None = None, **facts: Any
) -> ImportBatch:
    """A file that is checked, by the proposed plan as `change` leaves it."""
    batch = send(actor, organization, content, **facts)
    plan = batch.plan
    if change:
        change(plan)
    imports.set_mapping(actor, batch, plan=plan)
    return ran(batch)


def imported(
    actor: Actor, organization: Organization, content: str | bytes | Path, change: Change | None = None, **facts: Any
) -> ImportBatch:
    """A file that is loaded."""
    batch = checked(actor, organization, content, change, **facts)
    assert batch.status == BatchStatus.CHECKED, batch.error
    imports.load_checked(actor, batch)
    batch = ran(batch)
    assert batch.status == BatchStatus.DONE, batch.error
    return batch


def undone(actor: Actor, batch: ImportBatch) -> ImportBatch:
    """The batch after an attempt to undo it."""
    imports.undo_import(actor, batch)
    return ran(batch)


def ran(batch: ImportBatch) -> ImportBatch:
    """The batch after a worker has run it."""
    assert run_import(batch.organization_id, batch.pk)
    batch.refresh_from_db()
    return batch


def all_rows(dataset: Dataset) -> list[tuple[Any, ...]]:
    """Every stored row of the dataset, whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {KEPT} FROM metrics_observation WHERE organization_id = %s AND dataset_id = %s "
            "ORDER BY observed_at, row_key",
            [dataset.organization_id, dataset.pk],
        )
        return cursor.fetchall()


def column_of(dataset: Dataset, key: str) -> list[Any]:
    """The stored values of one column, measures as numbers, properties as texts; rows in order of time and key."""
    column = dataset.columns.get(key=key)
    place = KEPT.split(", ").index(column.slot)
    values = [row[place] for row in all_rows(dataset)]
    if column.slot.startswith("m"):
        return values
    texts = dict(column.values.values_list("code", "value"))
    return [texts.get(value) for value in values]
