"""Datasets and their columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, RowKey, Unit
from metrics.engine.expressions import ExpressionError, Type
from metrics.errors import BadExpression, ColumnInUse, ColumnMissing, KeyTaken, TooManyColumns
from metrics.events import DATASET_CREATED
from metrics.models import DIMENSION_SLOTS, MEASURE_SLOTS, Dataset, DatasetColumn
from metrics.queries.definitions import row_expression
from metrics.queries.wording import expression_sentence
from organization.access import Actor
from organization.models import Organization
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import use_case


@dataclass(frozen=True)
class ColumnSpec:
    """A column to declare. expression: makes it a derived measure over the other columns."""

    key: str
    role: str
    name: str = ""
    name_zh: str = ""
    unit: str = Unit.NUMBER
    expression: str = ""


@use_case("metrics.dataset.edit")
def create_dataset(
    actor: Actor,
    organization: Organization,
    *,
    name: str,
    key: str,
    columns: Iterable[ColumnSpec],
    row_key: str = RowKey.CONTENT,
    **values: Any,
) -> Dataset:
    """A new dataset. values: name_zh, description, owner, department, is_daily.

    Raises KeyTaken, ColumnMissing without an instant, TooManyColumns, BadExpression for a derived measure.
    """
    specs = list(columns)
    if not any(spec.role == ColumnRole.INSTANT for spec in specs):
        raise ColumnMissing
    try:
        with transaction.atomic():
            dataset = Dataset.objects.create(
                name=name, key=key, row_key=row_key, reference=next_reference("DS"), **values
            )
    except IntegrityError as error:
        raise KeyTaken from error
    add_columns(dataset, specs)
    audit.record(actor, "metrics.dataset.created", dataset, columns=[spec.key for spec in specs])
    events.emit(actor, DATASET_CREATED, dataset)
    return dataset


@use_case("metrics.dataset.edit")
def extend_dataset(actor: Actor, dataset: Dataset, *, columns: Iterable[ColumnSpec]) -> Dataset:
    """Declare further columns; those that exist with the same role stay as they are. Raises ColumnInUse for another role."""
    dataset = Dataset.objects.select_for_update(of=("self",)).get(pk=dataset.pk)
    specs = list(columns)
    existing = {column.key: column for column in dataset.columns.all()}
    for spec in specs:
        if spec.key in existing and existing[spec.key].role != spec.role:
            raise ColumnInUse
    added = [spec for spec in specs if spec.key not in existing]
    if added:
        add_columns(dataset, added)
        audit.record(actor, "metrics.dataset.extended", dataset, columns=[spec.key for spec in added])
    return dataset


def add_columns(dataset: Dataset, specs: Sequence[ColumnSpec]) -> list[DatasetColumn]:
    """Give each column a free slot of its kind, and check derived measures."""
    columns = list(dataset.columns.all())
    used = {column.slot for column in columns}
    free_measures = [slot for slot in MEASURE_SLOTS if slot not in used]
    free_dimensions = [slot for slot in DIMENSION_SLOTS if slot not in used]
    made = []
    for position, spec in enumerate(specs, len(columns)):
        slot = ""
        if not spec.expression and spec.role == ColumnRole.MEASURE:
            slot = _take(free_measures)
        elif spec.role in (ColumnRole.DIMENSION, ColumnRole.DEPARTMENT):
            slot = _take(free_dimensions)
        made.append(
            DatasetColumn(
                dataset=dataset,
                key=spec.key,
                role=spec.role,
                name=spec.name or spec.key,
                name_zh=spec.name_zh,
                unit=spec.unit,
                expression=spec.expression,
                slot=slot,
                position=position,
            )
        )
    try:
        with transaction.atomic():
            DatasetColumn.objects.bulk_create(made)
    except IntegrityError as error:
        raise KeyTaken(_("Two columns have the same short name.")) from error
    for column in made:
        if column.expression:
            check_row_expression(column.expression, [*columns, *made], expected=Type.NUMBER, field="expression")
            # By its own name once more: that runs in a circle where the expression leads back to it.
            check_row_expression(column.key, [*columns, *made], expected=Type.NUMBER, field="expression")
    return made


def check_row_expression(text: str, columns: Sequence[DatasetColumn], *, expected: Type, field: str) -> None:
    """Raise BadExpression, with the place and a sentence, unless `text` is a valid expression over the columns."""
    try:
        row_expression(text, columns, expected=expected)
    except ExpressionError as error:
        raise BadExpression(expression_sentence(error), field=field, start=error.start, end=error.end) from error


def _take(free: list[str]) -> str:
    if not free:
        raise TooManyColumns
    return free.pop(0)
