"""What a person does with an import: send a file, settle its columns, decide about its rows, take it back.

    uploaded -> checking -> checked -> loading -> done -> undoing -> undone
                            checked -> discarded

Every step before `loading` only looks. The work between the steps is `import_run`'s.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.choices import BatchStatus
from metrics.engine.import_plan import ImportPlan, plan_from
from metrics.engine.tabular import Note, Preview, TabularError
from metrics.engine.tabular.slugs import slug
from metrics.engine.tabular.values import FORBIDDEN
from metrics.errors import BadFile, BatchState
from metrics.models import Dataset, ImportBatch, ImportMapping
from metrics.queries.wording import tabular_sentence
from metrics.services import datasets
from metrics.services.import_files import EXTENSIONS, look_at, received, store, stored
from metrics.services.import_plans import checked_plan, column_specs, first_plan, row_key_of
from organization.access import Actor
from organization.errors import NotVisible
from organization.models import Organization
from organization.queue import enqueue
from organization.services import audit
from organization.services.references import next_reference
from organization.usecases import authorize, use_case

SHOWN_ROWS = 12
LONGEST_SHOWN = 200
HELD = timedelta(seconds=60)
STILL_OPEN = (BatchStatus.UPLOADED, BatchStatus.CHECKED, BatchStatus.FAILED)


@use_case("metrics.import.run")
def receive_file(
    actor: Actor,
    organization: Organization,
    *,
    upload: IO[bytes],
    name: str,
    dataset: Dataset | None = None,
    key: str = "",
) -> ImportBatch:
    """Keep an uploaded file, look at it, and propose how to read it. Raises BadFile for what is no table.

    upload: a binary file object. dataset: where the rows shall go; None proposes the one that a file with this header
    went into last, else a new one (called `key` where that is given).
    """
    if dataset is not None:
        authorize(actor, "metrics.import.run", ImportBatch(dataset=dataset, started_by_id=actor.member_id))
    shown = shown_name(name)
    try:
        with received(upload) as path:
            preview = look_at(path)
            with path.open("rb") as file:
                stored_as = store(file, actor.organization_id, EXTENSIONS[preview.kind])
            size = path.stat().st_size
    except TabularError as error:
        raise BadFile(tabular_sentence(error.code, error.params), field="upload") from error
    stem = Path(shown).name.split(".")[0]
    is_new = dataset is None and bool(key)
    plan = first_plan(actor, preview, dataset, name=stem[:200], key=key or free_key(stem), is_new=is_new)
    batch = ImportBatch.objects.create(
        reference=next_reference("IMP"),
        started_by_id=actor.member_id,
        dataset=Dataset.objects.filter(key=plan.dataset_key).first(),
        file=stored_as,
        file_name=shown,
        size_bytes=size,
        signature=plan.mapping.signature,
        plan=plan.to_dict(),
        facts=preview_facts(preview, plan),
    )
    audit.record(actor, "metrics.import.received", batch, size=size)
    return batch


@use_case("metrics.import.run")
def reread_file(
    actor: Actor, batch: ImportBatch, *, dataset: Dataset | None, is_wide: bool = True, **options: Any
) -> ImportBatch:
    """Look at the file again with what the person knows better.

    dataset: where the rows shall go, None for a new one. is_wide: columns named after periods become rows.
    options: sheet, table, encoding, delimiter, header_rows as `detect` takes them. Raises BadFile when the file cannot
    be read that way, BatchState when it is too late.
    """
    batch = _locked(batch, STILL_OPEN)
    if dataset is not None:
        _may_feed(actor, batch, dataset)
    plan = plan_from(batch.plan)
    try:
        with stored(str(batch.file)) as path:
            preview = look_at(path, **options)
    except TabularError as error:
        raise BadFile(tabular_sentence(error.code, error.params)) from error
    is_taken = dataset is None and Dataset.objects.filter(key=plan.dataset_key).exists()
    key = free_key(plan.dataset_key) if is_taken else plan.dataset_key
    is_new = dataset is None
    fresh = first_plan(actor, preview, dataset, name=plan.dataset_name, key=key, is_wide=is_wide, is_new=is_new)
    batch.dataset, batch.plan, batch.signature = dataset, fresh.to_dict(), fresh.mapping.signature
    batch.facts = preview_facts(preview, fresh)
    batch.status, batch.error = BatchStatus.UPLOADED, ""
    batch.save(update_fields=["dataset", "plan", "signature", "facts", "status", "error", "updated_at"])
    return batch


@use_case("metrics.import.run")
def set_mapping(actor: Actor, batch: ImportBatch, *, plan: Any, is_held: bool = False) -> ImportBatch:
    """Settle how the file is read, and let a worker check all of it. Raises BadMapping, BatchState.

    plan: plain values as `ImportPlan.to_dict` gives them. is_held: the caller runs the check itself, at once.
    """
    batch = _locked(batch, STILL_OPEN)
    key = plan.get("dataset", {}).get("key") if isinstance(plan, dict) and isinstance(plan.get("dataset"), dict) else ""
    dataset = Dataset.objects.filter(key=key).first() if isinstance(key, str) and key else None
    if dataset is not None:
        _may_feed(actor, batch, dataset)
    settled = checked_plan(plan, dataset)
    batch.dataset, batch.plan, batch.signature = dataset, settled.to_dict(), settled.mapping.signature
    return _open(batch, BatchStatus.CHECKING, is_held=is_held, fields=["dataset", "plan", "signature"])


@use_case("metrics.import.run")
def load_checked(actor: Actor, batch: ImportBatch, *, is_held: bool = False) -> ImportBatch:
    """Load the good rows of a checked file: make or extend its dataset, remember the mapping, send the work.

    Raises BatchState when the file is not checked, BadMapping when its dataset has changed since.
    """
    batch = _locked(batch, (BatchStatus.CHECKED,))
    dataset = Dataset.objects.filter(key=batch.plan["dataset"]["key"]).first()
    if dataset is not None:
        _may_feed(actor, batch, dataset)
    plan = checked_plan(batch.plan, dataset)
    dataset = _prepared(actor, plan, dataset)
    ImportMapping.objects.update_or_create(
        dataset=dataset, signature=batch.signature, defaults={"plan": plan.to_dict(), "updated_at": timezone.now()}
    )
    batch.dataset = dataset
    return _open(batch, BatchStatus.LOADING, is_held=is_held, fields=["dataset"])


@use_case("metrics.import.run")
def discard_import(actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Load none of the file. Raises BatchState when its rows are loaded already, or just being."""
    batch = _locked(batch, STILL_OPEN)
    batch.status, batch.error = BatchStatus.DISCARDED, ""
    batch.save(update_fields=["status", "error", "updated_at"])
    audit.record(actor, "metrics.import.discarded", batch)
    return batch


@use_case("metrics.import.run")
def undo_import(actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Let a worker take a loaded batch back, by the right of who asks for it. Raises BatchState unless it is loaded."""
    batch = _locked(batch, (BatchStatus.DONE,))
    batch.facts["undone_by"] = actor.member_id
    return _open(batch, BatchStatus.UNDOING, is_held=False, fields=[])


def preview_facts(preview: Preview, plan: ImportPlan) -> dict[str, Any]:
    """What the pages show of the file without reading it again."""
    empty = {column.source for column in preview.columns if not column.values}
    left_out = [c.name for c in plan.mapping.columns if c.role == "ignore" and c.source not in empty]
    notes = [*preview.notes, *([Note("columns_left_out", params={"columns": left_out})] if left_out else [])]
    return {
        "kind": preview.kind,
        "encoding": preview.encoding,
        "delimiter": preview.delimiter,
        "line_end": preview.line_end,
        "header_rows": list(preview.header_rows),
        "sheet": preview.sheet,
        "sheets": [sheet.name for sheet in preview.sheets if sheet.rows],
        "names": list(preview.names),
        "tables": [[preview.names[first], preview.names[last]] for first, last in preview.tables],
        "table": preview.table,
        "wide": list(preview.wide),
        "ambiguous": [column.source for column in preview.columns if column.ambiguous],
        "sample": [
            [number, [FORBIDDEN.sub("\ufffd", cell[:LONGEST_SHOWN]) for cell in cells]]
            for number, cells in preview.sample[:SHOWN_ROWS]
        ],
        "preview_notes": [{"code": note.code, "row": note.row, "params": dict(note.params)} for note in notes],
    }


def free_key(name: str) -> str:
    """A short name for a new dataset that no other one has."""
    base = (slug(name) or "data").replace("_", "-")
    taken = set(Dataset.objects.filter(key__startswith=base).values_list("key", flat=True))
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key


def shown_name(name: str) -> str:
    """The name that people gave, without folders and control characters."""
    clean = "".join(letter for letter in Path(name.replace("\\", "/")).name if letter.isprintable())
    return clean[-255:] or _("file")


def _locked(batch: ImportBatch, allowed: tuple[BatchStatus, ...]) -> ImportBatch:
    found = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if found.status not in allowed:
        raise BatchState
    return found


def _may_feed(actor: Actor, batch: ImportBatch, dataset: Dataset) -> None:
    """The dataset must be the actor's to see, and within the reach of its right to import."""
    if not Dataset.objects.visible_to(actor).filter(pk=dataset.pk).exists():
        raise NotVisible
    authorize(actor, "metrics.import.run", ImportBatch(dataset=dataset, started_by_id=batch.started_by_id))


def _prepared(actor: Actor, plan: ImportPlan, dataset: Dataset | None) -> Dataset:
    if dataset is not None:
        known = set(dataset.columns.values_list("key", flat=True))
        added = [spec for spec in column_specs(plan) if spec.key not in known]
        return datasets.extend_dataset(actor, dataset, columns=added) if added else dataset
    return datasets.create_dataset(
        actor,
        Organization.objects.get(pk=actor.organization_id),
        name=plan.dataset_name.strip(),
        name_zh=plan.dataset_name_zh.strip(),
        key=plan.dataset_key,
        columns=column_specs(plan),
        row_key=row_key_of(plan),
        owner_id=actor.member_id,
    )


def _open(batch: ImportBatch, status: BatchStatus, *, is_held: bool, fields: list[str]) -> ImportBatch:
    """Into an open state: a worker is nudged now, and the sweep finds it otherwise."""
    batch.status, batch.error, batch.rows_done = status, "", 0
    batch.facts["attempts"] = 0
    batch.lease_until = timezone.now() + HELD if is_held else None
    batch.save(update_fields=[*fields, "status", "error", "rows_done", "facts", "lease_until", "updated_at"])
    enqueue("metrics.run_import", organization_id=batch.organization_id, batch_id=batch.pk)
    return batch
