"""What is read of versions before any number: definitions with operands and breakdowns, all in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.utils.translation import get_language

from metrics.choices import ColumnRole
from metrics.models import DatasetColumn, KpiBreakdown, KpiOperand, KpiVersion
from metrics.queries.cuts import COLUMN_FIELDS
from metrics.queries.places import rows_of
from metrics.queries.windows import BreakdownColumn

CLOSURE = """
WITH RECURSIVE needed (kpi_id) AS (
  SELECT unnest(%s::bigint[])
  UNION
  SELECT operand.kpi_id FROM needed
    JOIN metrics_kpiversion version ON version.kpi_id = needed.kpi_id
    JOIN metrics_kpioperand operand ON operand.version_id = version.id)
SELECT kpi_id FROM needed
"""


def version_rows(kpi_ids: Sequence[int], *, has_columns: bool = False) -> Iterable[KpiVersion]:
    """All versions of the KPIs and of everything their formulas use, with operands, breakdowns and dataset.

    has_columns: with `column_rows`, the columns of the dataset, too.
    """
    operands = KpiOperand.objects.filter(version=OuterRef("pk")).values(json=JSONObject(name="name", kpi="kpi_id"))
    breakdowns = (
        KpiBreakdown.objects.filter(version=OuterRef("pk"))
        .order_by("pk")
        .values(
            json=JSONObject(
                id="pk",
                first="first_id",
                second="second_id",
                by_department="by_department",
                key="first__key",
                name="first__name",
                name_zh="first__name_zh",
                role="first__role",
                second_key="second__key",
                second_name="second__name",
                second_name_zh="second__name_zh",
            )
        )
    )
    parts = {"operand_rows": ArraySubquery(operands), "breakdown_rows": ArraySubquery(breakdowns)}
    if has_columns:
        columns = DatasetColumn.objects.filter(dataset=OuterRef("dataset")).order_by("position", "pk")
        json = JSONObject(**{name: name for name in COLUMN_FIELDS})
        parts["column_rows"] = ArraySubquery(columns.values(json=json))
    return (
        KpiVersion.objects.filter(kpi_id__in=RawSQL(CLOSURE, [list(kpi_ids)]))  # noqa: S611  # a constant with parameters
        .select_related("dataset")
        .annotate(**parts)
        .order_by("kpi_id", "number")
    )


def columns_of(version: KpiVersion) -> list[BreakdownColumn]:
    """The ways in which a version is kept."""
    return [breakdown_column(row) for row in rows_of(version)]


def breakdown_column(row: dict[str, Any]) -> BreakdownColumn:
    """The way of splitting that a breakdown of a version is, named in the active language."""
    chinese = (get_language() or "").startswith("zh")
    return BreakdownColumn(
        column_id=row["first"],
        key=row["key"],
        name=(chinese and row["name_zh"]) or row["name"],
        by_department=row["by_department"],
        second_id=row["second"],
        second_key=row["second_key"] or "",
        second_name=(chinese and row["second_name_zh"]) or row["second_name"] or "",
        is_department=row["role"] == ColumnRole.DEPARTMENT,
    )
