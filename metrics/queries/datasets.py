"""Datasets: the list, and one with its columns, newest rows, KPIs and batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, RowKey, Unit
from metrics.models import Dataset, DatasetColumn, ImportBatch, Kpi, Observation
from metrics.queries.rows_behind import decoded, instant_text
from metrics.queries.units import written_unit
from ops_platform.web.columns import Column
from organization.access import Actor
from organization.models.base import name_key
from organization.tenancy import TenantQuerySet

RECENT_ROWS = 20
RECENT_BATCHES = 10
TEXT_ROLES = (ColumnRole.DIMENSION, ColumnRole.DEPARTMENT)


@dataclass(frozen=True)
class DatasetPage:
    """What the page of a dataset shows. rows: the newest ones, decoded, None for an actor who may not see rows."""

    dataset: Dataset
    columns: list[DatasetColumn]
    rows: list[dict[str, Any]] | None
    row_columns: list[Column]
    kpis: list[Kpi]
    batches: list[ImportBatch]


def dataset_rows(actor: Actor, *, q: str = "") -> TenantQuerySet:
    """The datasets that the actor may see and that match, with the number of visible KPIs counted from each."""
    visible = Kpi.objects.visible_to(actor).values("pk")
    found = (
        Dataset.objects.visible_to(actor)
        .select_related("owner", "department")
        .annotate(
            kpi_count=Count("kpi_versions__kpi", distinct=True, filter=Q(kpi_versions__kpi__in=visible)),
        )
    )
    if text := q.strip().replace("\0", ""):
        found = found.filter(
            Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(key__icontains=text) | Q(reference__iexact=text)
        )
    return found


def dataset_page(actor: Actor, dataset: Dataset, *, currency: str) -> DatasetPage:
    """The page of a visible dataset."""
    columns = list(dataset.columns.all())
    row_columns = stored_columns(dataset, columns, currency)
    rows = None
    if actor.holds("metrics.kpi.view_rows"):
        names = ["observed_at", "row_key", *(column.slot for column in columns if column.slot)]
        newest = Observation.objects.filter(dataset_id=dataset.pk).order_by("-observed_at", "-row_key")
        rows = decoded(newest.values(*names)[:RECENT_ROWS], columns)
    return DatasetPage(
        dataset=dataset,
        columns=columns,
        rows=rows,
        row_columns=row_columns,
        kpis=list(Kpi.objects.visible_to(actor).filter(versions__dataset=dataset).distinct().order_by(name_key())),
        batches=list(
            ImportBatch.objects.visible_to(actor)
            .filter(dataset=dataset)
            .select_related("started_by")
            .order_by("-pk")[:RECENT_BATCHES]
        ),
    )


def stored_columns(dataset: Dataset, columns: list[DatasetColumn], currency: str) -> list[Column]:
    """Columns for a list of decoded observations; derived measures are left out."""
    made = [Column("observed_at", _("Date or time"), instant_text(dataset))]
    for column in columns:
        if column.role == ColumnRole.MEASURE and column.slot:
            unit = written_unit(column.unit, None, currency)
            made.append(Column(column.key, column.display_name, column.slot, kind="number", unit=unit))
        elif column.role in TEXT_ROLES:
            made.append(Column(column.key, column.display_name, column.slot))
    if dataset.row_key == RowKey.COLUMNS:
        made.append(Column("row_key", _("Row key")))
    return made


def unit_label(column: DatasetColumn) -> str:
    """The unit of a measure in words, nothing for other columns."""
    return str(Unit(column.unit).label) if column.role == ColumnRole.MEASURE else ""
