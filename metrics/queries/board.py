"""A dashboard while it is edited: its panels in their order with what each shows, and those that were removed lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from metrics.engine.panel_settings import WIDTHS
from metrics.models import Dashboard, DashboardPanel, Kpi
from metrics.queries.dashboards import PanelView, dashboard_view, visible_panels
from metrics.queries.periods import Asked
from organization.access import Actor
from organization.engine.periods import PeriodRule
from organization.tenancy import TenantQuerySet

MOST_REMOVED = 5


@dataclass(frozen=True)
class Slot:
    """The place of a panel. view: what it shows, None for a text. narrower, wider: the next widths, None at the ends."""

    panel: DashboardPanel
    view: PanelView | None
    is_first: bool
    is_last: bool

    @property
    def title(self) -> str:
        return self.panel.display_title or str(self.panel.get_kind_display())

    @property
    def narrower(self) -> int | None:
        return max((width for width in WIDTHS if width < self.panel.width), default=None)

    @property
    def wider(self) -> int | None:
        return min((width for width in WIDTHS if width > self.panel.width), default=None)


def board_of(
    actor: Actor, dashboard: Dashboard, asked: Asked, *, as_of: datetime, rule: PeriodRule, currency: str
) -> list[Slot]:
    """The panels that the actor sees, in their order."""
    shown = dashboard_view(actor, dashboard, asked, only=None, as_of=as_of, rule=rule, currency=currency)
    views = {view.id: view for view in shown.panels}
    panels = list(visible_panels(actor, dashboard))
    last = len(panels) - 1
    return [Slot(panel, views.get(panel.pk), place == 0, place == last) for place, panel in enumerate(panels)]


def seen_panels(actor: Actor, dashboard: Dashboard, *, removed: bool = False) -> TenantQuerySet:
    """The panels that the actor sees, in their order, without what they show; or those that were removed."""
    seen = Q(kpi=None) | Q(kpi__in=Kpi.objects.visible_to(actor))
    found = DashboardPanel.objects.filter(seen, dashboard=dashboard, removed_at__isnull=not removed)
    return found.select_related("kpi__department", "column").order_by("position", "pk")


def removed_lately(actor: Actor, dashboard: Dashboard) -> list[DashboardPanel]:
    """The last few panels that were taken off and may come back, the newest first."""
    return list(seen_panels(actor, dashboard, removed=True).order_by("-removed_at", "-pk")[:MOST_REMOVED])
