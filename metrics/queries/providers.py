"""What metrics brings to links, attachments, the trail and search."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from metrics.models import Annotation, Dashboard, Dataset, DataSource, EntryPlan, ImportBatch, Kpi, KpiTarget
from metrics.queries import first_steps, neighbours
from organization.access import Actor
from organization.models.base import name_key
from organization.queries.kinds import Found, Kind, register_kind, register_name, register_search
from organization.queries.matching import matching

__all__ = ["first_steps", "neighbours"]

KPI = register_kind(Kind(Kpi, _("KPI"), "metrics:kpi-detail", "metrics.kpi.edit", "chart-line"))
DATASET = register_kind(Kind(Dataset, _("Dataset"), "metrics:dataset-detail", "metrics.dataset.edit", "database"))
DASHBOARD = register_kind(
    Kind(Dashboard, _("Dashboard"), "metrics:dashboard-detail", "metrics.dashboard.edit", "layout-dashboard")
)
SOURCE = register_kind(Kind(DataSource, _("Data source"), "metrics:source-detail", "metrics.source.manage", "plug"))
IMPORT_LABEL = _("Import")
register_name(ImportBatch, IMPORT_LABEL)
register_name(KpiTarget, _("Target"))
register_name(Annotation, _("Note on charts"))
ENTRY = register_kind(Kind(EntryPlan, _("Figures to enter"), "metrics:entry-grid", "metrics.entry.write", "pencil"))


@register_search
def find_dashboards(actor: Actor, text: str, limit: int) -> list[Found]:
    """Dashboards by either name, pinyin or reference."""
    return _find(DASHBOARD, actor, text, limit)


@register_search
def find_kpis(actor: Actor, text: str, limit: int) -> list[Found]:
    """KPIs by either name, pinyin, short name or reference."""
    return _find(KPI, actor, text, limit, Q(key__icontains=text))


@register_search
def find_datasets(actor: Actor, text: str, limit: int) -> list[Found]:
    """Datasets by either name, pinyin, short name or reference."""
    return _find(DATASET, actor, text, limit, Q(key__icontains=text))


@register_search
def find_sources(actor: Actor, text: str, limit: int) -> list[Found]:
    """Data sources by either name, pinyin or reference."""
    return _find(SOURCE, actor, text, limit)


@register_search
def find_imports(actor: Actor, text: str, limit: int) -> list[Found]:
    """Imports by file name or reference, the newest first."""
    rows = ImportBatch.objects.visible_to(actor).filter(Q(file_name__icontains=text) | Q(reference__iexact=text))
    return [
        Found(
            row.file_name or row.reference,
            IMPORT_LABEL,
            reverse("metrics:import-detail", args=[row.pk]),
            row.reference,
            icon="file-import",
        )
        for row in rows.order_by("-pk")[:limit]
    ]


def _find(kind: Kind, actor: Actor, text: str, limit: int, others: Q | None = None) -> list[Found]:
    condition = Q(reference__iexact=text) | (others or Q(pk__in=[]))
    rows: Any = matching(kind.model.objects.visible_to(actor), text, condition)
    return [kind.found(row, row.reference) for row in rows.order_by(name_key(), "pk")[:limit]]
