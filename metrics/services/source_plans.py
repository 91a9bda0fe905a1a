"""Plans of sources: whether one can work with its dataset, and the columns that it fills."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, RowKey, SourceKind, Unit
from metrics.engine.json_paths import is_pointer
from metrics.engine.source_plan import SourcePlan, problems_of
from metrics.errors import BadMapping, ColumnInUse
from metrics.models import Dataset, DataSource
from metrics.queries.source_words import PLAN_FAULTS
from metrics.services.datasets import ColumnSpec

Problem = tuple[str, str]


def check_plan(source: DataSource, plan: SourcePlan) -> None:
    """Raise BadMapping, with every problem that is found, unless the plan can work."""
    found = [(place, str(PLAN_FAULTS[code])) for place, code in problems_of(plan.columns)]
    if source.kind == SourceKind.WEBHOOK:
        found += _bad_pointers(plan)
    found += _disagreeing(plan, source.dataset) if source.dataset else _keyless(source, plan)
    if found:
        raise BadMapping(found)


def specs_of(plan: SourcePlan) -> list[ColumnSpec]:
    """The dataset's columns that the plan fills."""
    return [
        ColumnSpec(
            column.key,
            ColumnRole(column.role),
            column.name[:200],
            column.name_zh[:200],
            column.unit if column.role == ColumnRole.MEASURE else Unit.NUMBER.value,
        )
        for column in plan.columns
    ]


def _bad_pointers(plan: SourcePlan) -> Iterable[Problem]:
    fault = str(PLAN_FAULTS["path_form"])
    for index, column in enumerate(plan.columns):
        if not is_pointer(column.path):
            yield f"columns[{index}].path", fault
    for name, pointer in (("rows_at", plan.rows_at), ("only_at", plan.only_at)):
        if not is_pointer(pointer):
            yield name, fault
    if plan.only_at and not plan.only:
        yield "only", _("Write which texts to take, with commas.")


def _keyless(source: DataSource, plan: SourcePlan) -> Iterable[Problem]:
    if source.kind == SourceKind.SQL and not plan.paths("key"):
        yield "columns", _("Choose a row key: a query gives the same rows again and again, and only a key tells that.")


def _disagreeing(plan: SourcePlan, dataset: Dataset) -> Iterable[Problem]:
    """Where the plan gives a column of the dataset another meaning than it has."""
    existing = {column.key: column for column in dataset.columns.all()}
    declared = {key for key, column in existing.items() if column.role == ColumnRole.KEY}
    keys = {column.key for column in plan.paths("key")}
    if dataset.row_key == RowKey.COLUMNS and keys != declared:
        yield (
            "columns",
            _("Rows of this dataset are told apart by: %(columns)s. Choose exactly these as row key.")
            % {"columns": ", ".join(sorted(declared))},
        )
    if dataset.row_key == RowKey.CONTENT and keys:
        yield "columns", _("Rows of this dataset have no key: the whole row tells them apart.")
    instant = next((key for key, column in existing.items() if column.role == ColumnRole.INSTANT), "")
    for index, column in enumerate(plan.columns):
        match = existing.get(column.key)
        if column.role == ColumnRole.INSTANT and column.key != instant:
            yield (
                f"columns[{index}].key",
                _("The date or time of a row is called %(key)s in this dataset.") % {"key": instant},
            )
        elif match is not None and (match.role != column.role or match.expression):
            yield f"columns[{index}].role", str(ColumnInUse.message)
