"""A KPI version as SQL over the observations: its value, its filter, the columns it is broken down by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.choices import Aggregation, ColumnRole
from metrics.engine.expressions import (
    DimensionColumn,
    Node,
    NumberColumn,
    Type,
    check,
    compile_sql,
    parse,
)
from metrics.engine.expressions.expansion import expand
from metrics.models import DatasetColumn, KpiBreakdown, KpiVersion

OBSERVATIONS = "metrics_observation"
TEXTS = (ColumnRole.DIMENSION, ColumnRole.DEPARTMENT)


@dataclass(frozen=True)
class Breakdown:
    """One way of splitting a version. id 0 is the total. slots: none, one or two dimension slots."""

    id: int
    slots: tuple[str, ...] = ()
    department_column: int | None = None


@dataclass(frozen=True)
class Definition:
    """What the rollup statements need of a version; all SQL is over the table of observations alone.

    rows, rows_params: what stands in the place of that table, with its columns.
    """

    version_id: int
    organization_id: int
    dataset_id: int
    aggregation: Aggregation
    value_sql: str
    value_params: tuple[object, ...]
    filter_sql: str
    filter_params: tuple[object, ...]
    subject: str
    occasion: str
    at_least: int
    percentile: object
    breakdowns: tuple[Breakdown, ...]
    rows: str = OBSERVATIONS
    rows_params: tuple[object, ...] = ()


class ColumnResolver:
    """Finds a dataset's columns by key for the expression compiler."""

    def __init__(self, columns: Sequence[DatasetColumn]) -> None:
        self._columns = {column.key: column for column in columns if column.slot}

    def column(self, name: str) -> NumberColumn | DimensionColumn:
        column = self._columns[name]
        if column.role == ColumnRole.MEASURE:
            return NumberColumn(column.slot)
        return DimensionColumn(column.slot, column.organization_id, column.pk)


def row_types(columns: Sequence[DatasetColumn]) -> dict[str, Type]:
    """The names that expressions over a dataset may use."""
    types = {}
    for column in columns:
        if column.role == ColumnRole.MEASURE:
            types[column.key] = Type.NUMBER
        elif column.role in TEXTS and column.slot:
            types[column.key] = Type.TEXT
    return types


def row_expression(text: str, columns: Sequence[DatasetColumn], *, expected: Type) -> Node:
    """A checked expression over a dataset's rows, derived measures expanded. Raises ExpressionError."""
    node = parse(text)
    check(node, row_types(columns), expected=expected)
    meanings = {column.key: parse(column.expression) for column in columns if column.expression}
    return expand(node, meanings)


def row_sql(text: str, columns: Sequence[DatasetColumn], *, expected: Type) -> tuple[str, list[object]]:
    """SQL and parameters of an expression over a dataset's rows."""
    return compile_sql(row_expression(text, columns, expected=expected), ColumnResolver(columns))


def definition_of(
    version: KpiVersion, columns: Sequence[DatasetColumn], breakdowns: Sequence[KpiBreakdown]
) -> Definition:
    """Compile an aggregate version. `columns` are its dataset's; `breakdowns` have `first` and `second` loaded."""
    value_sql: str
    value_params: list[object]
    value_sql, value_params = ("1", [])
    if version.expression:
        value_sql, value_params = row_sql(version.expression, columns, expected=Type.NUMBER)
    filter_sql: str
    filter_params: list[object]
    filter_sql, filter_params = ("TRUE", [])
    if version.filter:
        filter_sql, filter_params = row_sql(version.filter, columns, expected=Type.BOOLEAN)
    slots = {column.pk: column.slot for column in columns}
    return Definition(
        version_id=version.pk,
        organization_id=version.organization_id,
        dataset_id=version.dataset_id or 0,
        aggregation=Aggregation(version.aggregation),
        value_sql=value_sql,
        value_params=tuple(value_params),
        filter_sql=filter_sql,
        filter_params=tuple(filter_params),
        subject=slots.get(version.subject_id or 0, ""),
        occasion=slots.get(version.occasion_id or 0, ""),
        at_least=version.at_least,
        percentile=version.percentile,
        breakdowns=(Breakdown(0), *(_breakdown(row, slots) for row in breakdowns)),
    )


def _breakdown(row: KpiBreakdown, slots: dict[int, str]) -> Breakdown:
    if row.by_department:
        return Breakdown(row.pk, (slots[row.first_id],), department_column=row.first_id)
    second = (slots[row.second_id],) if row.second_id else ()
    return Breakdown(row.pk, (slots[row.first_id], *second))
