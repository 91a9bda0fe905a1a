"""Making and changing dashboards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from metrics.choices import PanelKind
from metrics.errors import BadDefinition
from metrics.events import DASHBOARD_CHANGED
from metrics.models import Dashboard, DashboardPanel, DatasetColumn, Kpi, KpiBreakdown
from organization.access import Actor
from organization.engine.audit_chain import changes
from organization.errors import StateConflict
from organization.models import Organization
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import authorize, use_case

MOST_PANELS = 40


@dataclass(frozen=True)
class PanelSpec:
    """One panel: a KPI and how it is drawn. column: what a breakdown panel splits by, None for the first there is."""

    kpi: Kpi
    kind: str = PanelKind.LINE
    column: DatasetColumn | None = None


@use_case("metrics.dashboard.edit")
def create_dashboard(
    actor: Actor, organization: Organization, *, name: str, panels: Sequence[PanelSpec], **values: Any
) -> Dashboard:
    """A dashboard of these panels in this order. values: name_zh, owner, department, default_period."""
    dashboard = Dashboard.objects.create(name=name, reference=next_reference("DB"), **values)
    _set_panels(actor, dashboard, panels)
    audit.record(actor, "metrics.dashboard.created", dashboard)
    events.emit(actor, DASHBOARD_CHANGED, dashboard)
    return dashboard


@use_case("metrics.dashboard.edit")
def change_dashboard(
    actor: Actor, dashboard: Dashboard, *, version: int, panels: Sequence[PanelSpec], **values: Any
) -> Dashboard:
    """Change a dashboard. Panels on KPIs that the actor may not see stay, behind those given.

    version: what the editor saw. Raises StateConflict.
    """
    dashboard = Dashboard.objects.select_for_update(of=("self",)).get(pk=dashboard.pk)
    if dashboard.version != version:
        raise StateConflict
    changed = changes({name: getattr(dashboard, name) for name in values}, values)
    for name, value in values.items():
        setattr(dashboard, name, value)
    dashboard.version += 1
    dashboard.save()
    _set_panels(actor, dashboard, panels)
    audit.record(
        actor, "metrics.dashboard.changed", dashboard, changed=changed, panels=[spec.kpi.pk for spec in panels]
    )
    events.emit(actor, DASHBOARD_CHANGED, dashboard)
    return dashboard


@use_case("metrics.dashboard.edit")
def delete_dashboard(actor: Actor, dashboard: Dashboard) -> None:
    """Remove a dashboard; its KPIs stay."""
    audit.record(actor, "metrics.dashboard.deleted", dashboard, name=dashboard.name)
    dashboard.delete()


def _set_panels(actor: Actor, dashboard: Dashboard, panels: Sequence[PanelSpec]) -> None:
    if len(panels) > MOST_PANELS:
        raise BadDefinition(_("A dashboard holds at most %(limit)d panels.") % {"limit": MOST_PANELS})
    for spec in panels:
        authorize(actor, "metrics.kpi.view", spec.kpi)
        if spec.column is not None and not _may_split(spec.kpi, spec.column):
            raise BadDefinition(
                _("%(kpi)s is not kept by %(property)s.")
                % {"kpi": spec.kpi.display_name, "property": spec.column.display_name}
            )
    hidden = list(
        DashboardPanel.objects.filter(dashboard=dashboard)
        .exclude(kpi__in=Kpi.objects.visible_to(actor))
        .order_by("position")
    )
    DashboardPanel.objects.filter(dashboard=dashboard).exclude(pk__in=[panel.pk for panel in hidden]).delete()
    for position, panel in enumerate(hidden, len(panels)):
        panel.position = position
        panel.save(update_fields=["position"])
    DashboardPanel.objects.bulk_create(
        DashboardPanel(dashboard=dashboard, kpi=spec.kpi, kind=spec.kind, column=spec.column, position=position)
        for position, spec in enumerate(panels)
    )


def _may_split(kpi: Kpi, column: DatasetColumn) -> bool:
    """Whether a version of the KPI, or of what its formulas use directly, is rolled up by the column."""
    uses = KpiBreakdown.objects.filter(first=column, second=None)
    return uses.filter(version__kpi=kpi).exists() or uses.filter(version__kpi__used_by__version__kpi=kpi).exists()
