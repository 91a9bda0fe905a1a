"""The rows that make a number, and the number computed from these very rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Min, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.choices import Aggregation, ColumnRole, RowKey
from metrics.engine.expressions import Type
from metrics.models import Dataset, DatasetColumn, DimensionValue, KpiVersion, Observation
from metrics.models.fields import ExactNumberField
from metrics.queries.definitions import Definition, definition_of, row_sql
from metrics.queries.reader import CONTEXT, COUNTED, ZERO
from metrics.queries.windows import Slice, Term, Where
from ops_platform.web.columns import Column
from ops_platform.web.formats import Unit
from ops_platform.web.paging import Order
from organization.engine.periods import Period
from organization.models import Department
from organization.tenancy import TenantQuerySet

ORDER = Order("rows", ("observed_at", "row_key"))
TEXT_ROLES = (ColumnRole.DIMENSION, ColumnRole.DEPARTMENT)
# Interpolated in numeric, as in the rollups: SQL's own percentile_cont is of double precision.
PERCENTILE = """
(SELECT ranked[below + 1] + (place - below) * (ranked[least(below + 2, n)::int] - ranked[below + 1])
   FROM (SELECT count(*) AS n, array_agg(value ORDER BY value) AS ranked,
                floor(%s * (count(*) - 1))::int AS below, %s * (count(*) - 1) AS place FROM fact) ranks)"""


@dataclass(frozen=True)
class Born:
    """What came first in [start, end): values of a column."""

    column_id: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Cut:
    """Keys that rows must have: (column id, dictionary code; 0: none), or the subtree of a department.

    terms: properties of which rows must have one of several keys, or none of them. cohort: only rows of those values of its
    column that came first in its time; the number is then how many of these there are.
    """

    keys: tuple[tuple[int, int], ...] = ()
    department_column: int | None = None
    department_id: int | None = None
    terms: tuple[Term, ...] = ()
    cohort: Born | None = None

    def where(self) -> Where:
        """Keys and terms together."""
        return Where((*(Term(((column_id, (code,)),)) for column_id, code in self.keys), *self.terms))


@dataclass(frozen=True)
class Recomputed:
    """The number from the rows. count: how many rows there are."""

    value: Decimal | None
    count: int


@dataclass(frozen=True)
class RowsBehind:
    """What makes one number of an aggregate version: its rows as a queryset of `values()`, by instant and key.

    Each row holds every slot that a column has, `value` where the KPI is of an expression, and derived measures by key.
    """

    version: KpiVersion
    dataset: Dataset
    columns: tuple[DatasetColumn, ...]
    definition: Definition
    rows: TenantQuerySet

    def recomputed(self) -> Recomputed:
        """The KPI's aggregation over exactly these rows, in one statement."""
        parts, params = _parts_sql(self.definition)
        sql, row_params = self.rows.order_by().query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"WITH fact AS ({sql}) SELECT (SELECT count(*) FROM fact), {parts}", [*row_params, *params])
            count, *found = cursor.fetchone()
        return Recomputed(_value(self.definition.aggregation, found), count)


def rows_behind(
    version: KpiVersion, columns: Sequence[DatasetColumn], period: Period, cut: Cut | None = None
) -> RowsBehind:
    """The rows of `period` that `version`, an aggregate one with its dataset loaded, is computed from.

    columns: all of the dataset. The caller has checked that the actor may see the rows behind the KPI.
    """
    assert version.dataset is not None
    definition = definition_of(version, columns, [])
    rows = Observation.objects.filter(Q(dataset_id=version.dataset_id, observed_at__lt=period.end), *_cut(columns, cut))
    if version.filter:
        rows = rows.filter(_raw(definition.filter_sql, definition.filter_params, BooleanField()))
    derived = {}
    for column in columns:
        if column.expression:
            sql, params = row_sql(column.expression, columns, expected=Type.NUMBER)
            derived[_derived(column)] = _raw(f"({sql})::numeric", params, ExactNumberField())
    if version.expression:
        derived["value"] = _raw(f"({definition.value_sql})::numeric", definition.value_params, ExactNumberField())
        rows = rows.annotate(value=derived.pop("value")).filter(value__isnull=False)
    if definition.aggregation == Aggregation.REPEAT:
        rows = rows.filter(**{f"{definition.subject}__isnull": False})
    if cut is not None and cut.cohort is not None:
        slot = next(column.slot for column in columns if column.pk == cut.cohort.column_id)
        firsts = rows.filter(**{f"{slot}__isnull": False}).order_by().values(slot).annotate(first=Min("observed_at"))
        born = firsts.filter(first__gte=cut.cohort.start, first__lt=cut.cohort.end)
        rows = rows.filter(**{f"{slot}__in": born.values(slot)})
        definition = replace(definition, aggregation=Aggregation.DISTINCT, subject=slot)
    rows = rows.filter(observed_at__gte=period.start)
    slots = [column.slot for column in columns if column.slot]
    names = ["observed_at", "row_key", *slots, *(["value"] if version.expression else []), *derived]
    return RowsBehind(version, version.dataset, tuple(columns), definition, rows.annotate(**derived).values(*names))


def row_columns(found: RowsBehind, unit_of: Callable[[str], Unit]) -> list[Column]:
    """The columns of a list of decoded rows, as the dataset declares them. unit_of: writes a unit code."""
    made: list[Column] = []
    for column in found.columns:
        label = column.display_name
        if column.role == ColumnRole.INSTANT:
            made.append(Column("observed_at", label, instant_text(found.dataset), kind="text"))
        elif column.role == ColumnRole.MEASURE:
            name = column.slot or _derived(column)
            made.append(Column(column.key, label, name, kind="number", unit=unit_of(column.unit)))
        elif column.role in TEXT_ROLES:
            made.append(Column(column.key, label, column.slot))
    if found.dataset.row_key == RowKey.COLUMNS:
        made.append(Column("row_key", _("Row key")))
    return made


def instant_text(dataset: Dataset) -> Callable[[dict[str, Any]], str]:
    """Writes the instant of a row in the running zone: the day alone where the dataset has only days."""
    form = "%Y-%m-%d" if dataset.is_daily else "%Y-%m-%d %H:%M"
    return lambda row: timezone.localtime(row["observed_at"]).strftime(form)


def decoded(rows: Iterable[dict[str, Any]], columns: Sequence[DatasetColumn]) -> list[dict[str, Any]]:
    """The rows with texts in place of dictionary codes, in one statement."""
    found = list(rows)
    text_columns = [column for column in columns if column.role in TEXT_ROLES and column.slot]
    wanted = {column: {row[column.slot] for row in found} - {None} for column in text_columns}
    texts = dimension_texts({column.pk: codes for column, codes in wanted.items()})
    for row in found:
        for column in text_columns:
            if row[column.slot] is not None:
                row[column.slot] = texts.get((column.pk, row[column.slot]), "")
    return found


def decoded_in_chunks(
    rows: TenantQuerySet, columns: Sequence[DatasetColumn], size: int = 1_000
) -> Iterator[dict[str, Any]]:
    """All rows decoded, in flat memory."""
    chunk: list[dict[str, Any]] = []
    for row in rows.order_by(*ORDER.expressions()).iterator(chunk_size=size):
        chunk.append(row)
        if len(chunk) == size:
            yield from decoded(chunk, columns)
            chunk = []
    yield from decoded(chunk, columns)


def dimension_texts(wanted: dict[int, set[int]]) -> dict[tuple[int, int], str]:
    """(column id, code) -> text, for the codes of each column."""
    conditions = [Q(column=column_id, code__in=codes) for column_id, codes in wanted.items() if codes]
    if not conditions:
        return {}
    values = DimensionValue.objects.filter(reduce(or_, conditions)).values_list("column_id", "code", "value")
    return {(column_id, code): value for column_id, code, value in values}


def _raw(sql: str, params: Sequence[object], output_field: Any) -> RawSQL:
    return RawSQL(sql, list(params), output_field=output_field)  # noqa: S611  # compiled by the expression engine


def _derived(column: DatasetColumn) -> str:
    return f"derived_{column.pk}"


def _cut(columns: Sequence[DatasetColumn], cut: Cut | None) -> list[Q]:
    if cut is None:
        return []
    slots = {column.pk: column.slot for column in columns}
    conditions = [
        Q(**{f"{slots[column_id]}__isnull": True}) if code == 0 else Q(**{slots[column_id]: code})
        for column_id, code in cut.keys
    ]
    conditions += [_of_term(term, slots) for term in cut.terms]
    if cut.department_column is not None:
        path = Department.objects.filter(pk=cut.department_id).values_list("path", flat=True).first()
        codes = DimensionValue.objects.filter(column=cut.department_column).values("code")
        inside = (
            codes.filter(department__path__gte=path, department__path__lt=path[:-1] + "0") if path else codes.none()
        )
        conditions.append(Q(**{f"{slots[cut.department_column]}__in": inside}))
    return conditions


def _of_term(term: Term, slots: dict[int, str]) -> Q:
    """Nothing passes a property that the rows do not have."""
    pair = term.of(slots)
    if pair is None:
        return Q(dataset_id=0)
    slot, codes = slots[pair[0]], pair[1]
    found = Q(**{f"{slot}__in": [code for code in codes if code]})
    if 0 in codes:
        found |= Q(**{f"{slot}__isnull": True})
    if not term.is_other:
        return found
    return Q(**{f"{slot}__isnull": True}) | ~found if 0 not in codes else Q(**{f"{slot}__isnull": False}) & ~found


def cut_of(only: Slice | Where | None) -> Cut | None:
    """The rows that are left of a KPI."""
    if only is None:
        return None
    if isinstance(only, Where):
        return Cut(terms=only.terms)
    if only.by_department:
        return Cut(department_column=only.column_id, department_id=only.key)
    return Cut(((only.column_id, only.key),))


def _parts_sql(definition: Definition) -> tuple[str, list[Any]]:
    """Scalars over `fact` that `_value` makes the number of."""
    aggregation = definition.aggregation
    match aggregation:
        case Aggregation.SUM | Aggregation.MINIMUM | Aggregation.MAXIMUM:
            function = {"minimum": "min", "maximum": "max"}.get(aggregation.value, "sum")
            return f"(SELECT {function}(value) FROM fact)", []
        case Aggregation.AVERAGE:
            return "(SELECT sum(value) FROM fact), (SELECT count(*) FROM fact)", []
        case Aggregation.FIRST | Aggregation.LAST:
            end = "min" if aggregation == Aggregation.FIRST else "max"
            return f"(SELECT sum(value) FROM fact WHERE observed_at = (SELECT {end}(observed_at) FROM fact))", []
        case Aggregation.DISTINCT:
            return f"(SELECT count(DISTINCT {definition.subject}) FROM fact)", []
        case Aggregation.REPEAT:
            groups = f"GROUP BY {definition.subject} HAVING count(DISTINCT {definition.occasion}) >= %s"
            return f"(SELECT count(*) FROM (SELECT 1 FROM fact {groups}) repeated)", [definition.at_least]
        case Aggregation.MEDIAN | Aggregation.PERCENTILE:
            median = aggregation == Aggregation.MEDIAN
            share = Decimal("0.5") if median else Decimal(str(definition.percentile)) / 100
            return PERCENTILE, [share, share]
    return "(SELECT count(*) FROM fact)", []


def _value(aggregation: Aggregation, found: Sequence[Any]) -> Decimal | None:
    if aggregation == Aggregation.AVERAGE:
        total, count = found
        return CONTEXT.divide(total, Decimal(count)) if count else None
    value = found[0]
    if value is None:
        return ZERO if aggregation in COUNTED else None
    return Decimal(value)
