"""What metrics brings to links, attachments, the trail and search."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from metrics.models import Dashboard, Dataset, DataSource, ImportBatch, Kpi, KpiTarget
from organization.access import Actor
from organization.models.base import name_key
from organization.queries.kinds import Found, Kind, register_kind, register_name, register_search

KPI = register_kind(Kind(Kpi, _("KPI"), "metrics:kpi-detail", "metrics.kpi.edit"))
DATASET = register_kind(Kind(Dataset, _("Dataset"), "metrics:dataset-detail", "metrics.dataset.edit"))
DASHBOARD = register_kind(Kind(Dashboard, _("Dashboard"), "metrics:dashboard-detail", "metrics.dashboard.edit"))
SOURCE = register_kind(Kind(DataSource, _("Data source"), "metrics:source-detail", "metrics.source.manage"))
register_name(ImportBatch, _("Import"))
register_name(KpiTarget, _("Target"))


@register_search
def find_dashboards(actor: Actor, text: str, limit: int) -> list[Found]:
    """Dashboards by either name or reference."""
    return _find(DASHBOARD, actor, _named(text), limit)


@register_search
def find_kpis(actor: Actor, text: str, limit: int) -> list[Found]:
    """KPIs by either name, short name or reference."""
    return _find(KPI, actor, _named(text) | Q(key__icontains=text), limit)


@register_search
def find_datasets(actor: Actor, text: str, limit: int) -> list[Found]:
    """Datasets by either name, short name or reference."""
    return _find(DATASET, actor, _named(text) | Q(key__icontains=text), limit)


def _named(text: str) -> Q:
    return Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(reference__iexact=text)


def _find(kind: Kind, actor: Actor, condition: Q, limit: int) -> list[Found]:
    rows: Any = kind.model.objects.visible_to(actor).filter(condition).order_by(name_key(), "pk")[:limit]
    return [kind.found(row, row.reference) for row in rows]
