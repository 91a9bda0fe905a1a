"""What a panel may be made of: KPIs that the actor sees, and the properties that each is kept by."""

from __future__ import annotations

from django.db.models import Q

from metrics.choices import ColumnRole, PanelKind
from metrics.engine.panel_settings import SPLIT_KINDS
from metrics.models import DatasetColumn, Kpi, KpiBreakdown
from organization.access import Actor
from organization.models.base import name_key
from organization.tenancy import TenantQuerySet


def offered_kpis(actor: Actor) -> TenantQuerySet:
    """The KPIs that the actor sees, by name."""
    return Kpi.objects.visible_to(actor).select_related("department").order_by(name_key(), "pk")


def offered_columns(kpi: Kpi | None, kind: str) -> list[DatasetColumn]:
    """The properties by which a panel of this kind may split the KPI."""
    if kpi is None or kind not in SPLIT_KINDS:
        return []
    if kind == PanelKind.COHORT:
        found = DatasetColumn.objects.filter(role=ColumnRole.DIMENSION, dataset__kpi_versions__kpi=kpi)
    else:
        kept = Q(version__kpi=kpi) | Q(version__kpi__used_by__version__kpi=kpi)
        found = DatasetColumn.objects.filter(pk__in=KpiBreakdown.objects.filter(kept, second=None).values("first"))
    return list(found.distinct().order_by("dataset", "position", "pk"))
