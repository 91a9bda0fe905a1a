"""Plans of imports: the first one for a file, how it fits a dataset, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, RowKey, Unit
from metrics.engine.expressions import ExpressionError, Type
from metrics.engine.import_plan import ImportPlan, plan_from
from metrics.engine.tabular import ColumnPlan, MappingError, Preview, guess_mapping, refit
from metrics.errors import BadMapping, ColumnInUse, ColumnMissing, KeyTaken, TooManyColumns
from metrics.models import DIMENSION_SLOTS, MEASURE_SLOTS, Dataset, DatasetColumn, ImportMapping
from metrics.queries.definitions import row_expression
from metrics.queries.wording import expression_sentence, tabular_sentence
from metrics.services.datasets import ColumnSpec
from organization.access import Actor

Problem = tuple[str, str]


def first_plan(
    actor: Actor,
    preview: Preview,
    dataset: Dataset | None,
    *,
    name: str,
    key: str,
    is_wide: bool = True,
    is_new: bool = False,
) -> ImportPlan:
    """What was remembered for a file with this header; else a guess, fitted to `dataset` where one is given.

    is_wide: columns named after periods become rows. is_new: the rows go into a new dataset for certain.
    """
    guess = guess_mapping(preview if is_wide else replace(preview, wide=()))
    plan = within_slots(ImportPlan(guess, dataset_key=key, dataset_name=name, table=preview.table))
    if is_new:
        return plan
    seen = Dataset.objects.visible_to(actor)
    remembered = ImportMapping.objects.filter(signature=guess.signature, dataset__in=seen)
    if dataset is not None:
        remembered = remembered.filter(dataset=dataset)
    found = remembered.select_related("dataset").order_by("-updated_at", "-pk").first()
    if found is not None:
        try:
            known = plan_from(found.plan)
            return replace(known, mapping=refit(known.mapping, preview), dataset_key=found.dataset.key)
        except MappingError:
            pass  # remembered by an older release: guessed anew
    return plan if dataset is None else fitted(plan, dataset)


def within_slots(plan: ImportPlan) -> ImportPlan:
    """The plan with no more numbers and properties than a dataset holds: what comes last is left out."""
    free = {"measure": len(MEASURE_SLOTS) - bool(plan.mapping.unpivot), "dimension": len(DIMENSION_SLOTS)}
    columns = []
    for column in plan.mapping.columns:
        if column.role in free:
            free[column.role] -= 1
            if free[column.role] < 0:
                column = replace(column, role="ignore")
        columns.append(column)
    return plan.with_mapping(columns=tuple(columns))


def fitted(plan: ImportPlan, dataset: Dataset) -> ImportPlan:
    """The plan with columns matched to those of the dataset: by short name, then by name; the instant always."""
    columns = list(dataset.columns.all())
    by_key = {column.key: column for column in columns}
    by_name = {name.casefold(): column for column in columns for name in (column.name, column.name_zh) if name}
    instant = next((column.key for column in columns if column.role == ColumnRole.INSTANT), "")
    plans, taken = [], {instant}
    for column in plan.mapping.columns:
        if column.role == "instant":
            plans.append(replace(column, key=instant or column.key))
            continue
        match = by_key.get(column.key) or by_name.get(column.name.strip().casefold())
        if match is not None and not match.expression and match.key not in taken and column.role != "ignore":
            column = _as(column, match)
            taken.add(match.key)
        elif column.role == "key":
            column = replace(column, role="dimension")
        plans.append(column)
    departments = tuple(c.key for c in plans if c.key in by_key and by_key[c.key].role == ColumnRole.DEPARTMENT)
    unpivot = plan.mapping.unpivot and replace(plan.mapping.unpivot, instant_key=instant)
    changed = plan.with_mapping(columns=tuple(plans), unpivot=unpivot)
    return replace(
        changed, departments=departments, dataset_key=dataset.key, dataset_name=dataset.name, dataset_name_zh=""
    )


def _as(column: ColumnPlan, match: DatasetColumn) -> ColumnPlan:
    """The column of the file with the meaning that its match in the dataset has."""
    kind = column.type
    if match.role == ColumnRole.MEASURE:
        return replace(column, key=match.key, role="measure", type=kind if kind == "boolean" else "number")
    if match.role == ColumnRole.KEY:
        return replace(column, key=match.key, role="key", type="text")
    return replace(column, key=match.key, role="dimension")


def column_specs(plan: ImportPlan) -> list[ColumnSpec]:
    """The dataset's columns that the plan fills or derives."""
    specs = [
        ColumnSpec(
            key, ColumnRole(role), name[:200], plan.names_zh.get(key, ""), plan.units.get(key, Unit.NUMBER.value)
        )
        for key, role, name in plan.roles()
    ]
    derived = [
        ColumnSpec(d.key, ColumnRole.MEASURE, d.name or d.key, d.name_zh, d.unit, d.expression) for d in plan.derived
    ]
    return [*specs, *derived]


def row_key_of(plan: ImportPlan) -> RowKey:
    """Key columns make a row itself; without any, its whole content does."""
    return RowKey.COLUMNS if plan.row_keys else RowKey.CONTENT


def checked_plan(raw: object, dataset: Dataset | None) -> ImportPlan:
    """The plan, when it can work. Raises BadMapping with every problem that is found."""
    try:
        plan = plan_from(raw)
    except MappingError as error:
        sentence = tabular_sentence(error.code, error.params)
        raise BadMapping([(str(error.params.get("place", "")), sentence)]) from error
    if problems := [*_missing(plan, dataset), *_disagreeing(plan, dataset), *_bad_columns(plan, dataset)]:
        raise BadMapping(problems)
    return plan


def _missing(plan: ImportPlan, dataset: Dataset | None) -> Iterable[Problem]:
    if not plan.instant_key:
        yield "columns", str(ColumnMissing.message)
    if dataset is None and not plan.dataset_name.strip():
        yield "dataset.name", _("Give the new dataset a name.")
    if dataset is None and not plan.dataset_key:
        yield "dataset.key", _("Give the new dataset a short name of letters, digits and hyphens.")
    if dataset is None and Dataset.objects.filter(key=plan.dataset_key).exists():
        yield "dataset.key", str(KeyTaken.message)
    for key, unit in plan.units.items():
        if unit not in Unit.values:
            yield f"units.{key}", tabular_sentence("mapping_invalid", {"problem": "value"})


def _disagreeing(plan: ImportPlan, dataset: Dataset | None) -> Iterable[Problem]:
    """Where the plan gives a column of the dataset another meaning than it has."""
    if dataset is None:
        return
    existing = {column.key: column for column in dataset.columns.all()}
    places = {column.key: f"columns[{index}].role" for index, column in enumerate(plan.mapping.columns)}
    declared = {column.key for column in existing.values() if column.role == ColumnRole.KEY}
    if dataset.row_key == RowKey.COLUMNS and set(plan.row_keys) != declared:
        yield (
            "columns",
            _("Rows of this dataset are told apart by: %(columns)s. Choose exactly these as row key.")
            % {"columns": ", ".join(sorted(declared))},
        )
    if dataset.row_key == RowKey.CONTENT and plan.row_keys:
        yield places[plan.row_keys[0]], _("Rows of this dataset have no key: the whole row tells them apart.")
    instant = next((column.key for column in existing.values() if column.role == ColumnRole.INSTANT), "")
    for key, role, _name in plan.roles():
        match = existing.get(key)
        if role == "instant" and key != instant:
            yield (
                places.get(key, "columns"),
                _("The date or time of a row is called %(key)s in this dataset.") % {"key": instant},
            )
        elif match is not None and (match.role != role or match.expression):
            yield places.get(key, "columns"), str(ColumnInUse.message)


def _bad_columns(plan: ImportPlan, dataset: Dataset | None) -> Iterable[Problem]:
    """Too many columns for the slots, and derived measures that cannot be computed."""
    columns = {column.key: column for column in dataset.columns.all()} if dataset else {}
    for spec in column_specs(plan):
        columns.setdefault(
            spec.key, DatasetColumn(key=spec.key, role=spec.role, expression=spec.expression, slot="new")
        )
    measures = sum(column.role == ColumnRole.MEASURE and not column.expression for column in columns.values())
    dimensions = sum(column.role in (ColumnRole.DIMENSION, ColumnRole.DEPARTMENT) for column in columns.values())
    if measures > len(MEASURE_SLOTS) or dimensions > len(DIMENSION_SLOTS):
        yield (
            "columns",
            _("%(message)s Chosen: %(measures)d numbers and %(dimensions)d properties.")
            % {"message": TooManyColumns.message, "measures": measures, "dimensions": dimensions},
        )
    yield from _bad_expressions(plan, list(columns.values()))


def _bad_expressions(plan: ImportPlan, columns: Sequence[DatasetColumn]) -> Iterable[Problem]:
    for index, derived in enumerate(plan.derived):
        if derived.unit not in Unit.values:
            yield f"derived[{index}].unit", tabular_sentence("mapping_invalid", {"problem": "value"})
        try:
            row_expression(derived.key, columns, expected=Type.NUMBER)
            row_expression(derived.expression, columns, expected=Type.NUMBER)
        except ExpressionError as error:
            yield f"derived[{index}].expression", expression_sentence(error)
