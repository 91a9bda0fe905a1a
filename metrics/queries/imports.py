"""Reading imports: the list, one of them, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from metrics.models import Dataset, ImportBatch
from metrics.queries.wording import tabular_sentence
from organization.access import Actor
from organization.models.base import name_key


def import_rows(actor: Actor) -> QuerySet[ImportBatch]:
    """The imports that the actor may see, with dataset and who started each."""
    return ImportBatch.objects.visible_to(actor).select_related("dataset", "started_by")


def feedable_datasets(actor: Actor) -> QuerySet[Dataset]:
    """The datasets that the actor may see, by name, to import into."""
    return Dataset.objects.visible_to(actor).order_by(name_key(), "pk")


def worded(items: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Refusals or notes as they are kept, each with its `reason` in the reader's language."""
    return [{**item, "reason": tabular_sentence(item["code"], item["params"])} for item in items]


def notes_of(batch: ImportBatch) -> list[dict[str, Any]]:
    """What was seen in the file that refuses nothing: at first sight, then while all of it was read."""
    return worded([*batch.facts.get("preview_notes", ()), *batch.facts.get("notes", ())])


def refusals_of(batch: ImportBatch) -> list[dict[str, Any]]:
    """The first refused cells with row, column, value and reason; all of them stand in the error file."""
    return worded(batch.facts.get("refusals", []))


def report_of(batch: ImportBatch) -> dict[str, Any]:
    """What an import found and did, as plain JSON."""
    facts = batch.facts
    return {
        "batch": batch.reference,
        "dataset": batch.plan["dataset"]["key"],
        "status": batch.status,
        "file": batch.file_name,
        "kind": facts.get("kind", ""),
        "encoding": facts.get("encoding", ""),
        "delimiter": facts.get("delimiter", ""),
        "decimal": batch.plan["mapping"]["decimal"],
        "sheet": facts.get("sheet", ""),
        "header_rows": facts.get("header_rows", []),
        "columns": [
            {name: column[name] for name in ("name", "key", "role", "type")}
            for column in batch.plan["mapping"]["columns"]
        ],
        "rows_read": batch.rows_read,
        "accepted": batch.rows_read - batch.rows_refused,
        "refused_rows": batch.rows_refused,
        "created": batch.rows_created,
        "updated": batch.rows_updated,
        "unchanged": batch.rows_unchanged,
        "superseded": facts.get("superseded", 0),
        "times_shifted": facts.get("shifted", 0),
        "refused": [
            {name: item[name] for name in ("row", "column", "value", "code", "reason")} for item in refusals_of(batch)
        ],
        "notes": [{name: item[name] for name in ("code", "row", "reason")} for item in notes_of(batch)],
    }
