"""Dashboards: the list, and one with every panel's number and chart.

A page costs a fixed number of statements for any number of panels. What a panel shows is kept in the cache by all that
it depends on, so that a page whose data stands still builds no figure and reads no rollup.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db import connection
from django.db.models import Q
from django.db.models.functions import JSONObject
from django.urls import reverse

from metrics.choices import PanelKind
from metrics.models import Dashboard, DashboardPanel, DimensionValue, Kpi
from metrics.queries.figures import rows_url
from metrics.queries.headlines import Answer, day_words
from metrics.queries.panels import Filter, PanelFigure, Plan, build_figures, plan_of
from metrics.queries.periods import Asked, Shown
from metrics.queries.reader import Reader
from metrics.queries.targets import target_rows
from ops_platform.web.charts import Chart
from organization.access import Actor
from organization.engine.periods import PeriodRule
from organization.tenancy import TenantQuerySet

KEPT_SECONDS = 3600
MOST_VALUES = 200


@dataclass(frozen=True)
class PanelView:
    """A panel of the page."""

    id: int
    kpi_url: str
    rows_url: str
    figure: PanelFigure
    shown: Shown

    @property
    def chart(self) -> Chart | None:
        if self.figure.payload is None:
            return None
        return Chart(f"panel-{self.id}", self.figure.summary, self.figure.payload, note=self.figure.note)


@dataclass(frozen=True)
class DashboardView:
    """A dashboard over a range. properties: (key, name) by which it may be filtered; is_stale: every value is overdue."""

    dashboard: Dashboard
    panels: list[PanelView]
    shown: Shown | None
    properties: list[tuple[str, str]]
    newest_words: str
    is_stale: bool


def dashboard_stamp(pk: int, member_id: int = 0) -> str:
    """What the page of the dashboard rests on, digested: another text after any change of it. Rights are not in it, save
    what the dashboard's shares and the member's roles and pins come to.

    What stands behind the colon changes with the departments alone. Empty where the organization has no such dashboard.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT metrics_dashboard_stamp(%s, %s)", [pk, member_id])
        (stamp,) = cursor.fetchone()
    return stamp or ""


def dashboard_with_filter(actor: Actor, key: str, value: str) -> TenantQuerySet:
    """Visible dashboards, each with where `value` of the property `key` stands in the dictionaries (`matches`)."""
    matches = DimensionValue.objects.filter(column__key=key, value=value).order_by("column_id")
    json = JSONObject(column="column_id", code="code")
    found = Dashboard.objects.visible_to(actor).select_related("department")
    return found.annotate(matches=ArraySubquery(matches.values(json=json)))


def filter_of(dashboard: Dashboard, key: str, value: str) -> Filter | None:
    """The filter of the address; None where none is asked."""
    if not (key and value):
        return None
    return Filter(key, value, {row["column"]: row["code"] for row in dashboard.matches})  # type: ignore[attr-defined]


def visible_panels(actor: Actor, dashboard: Dashboard) -> TenantQuerySet:
    """The panels on KPIs that the actor may see, in order, with their KPIs and targets; texts are open to everybody."""
    visible = Q(kpi__in=Kpi.objects.visible_to(actor)) | Q(kind=PanelKind.TEXT)
    return (
        DashboardPanel.objects.filter(visible, dashboard=dashboard, removed_at=None)
        .select_related("kpi__department", "column")
        .annotate(target_rows=target_rows("kpi_id"))
    )


def dashboard_view(
    actor: Actor,
    dashboard: Dashboard,
    asked: Asked,
    *,
    only: Filter | None,
    as_of: datetime,
    rule: PeriodRule,
    currency: str,
    stamp: str = "",
) -> DashboardView:
    """The page of a dashboard. A range that is not asked is the dashboard's own; stamp: its `dashboard_stamp`."""
    panels = [panel for panel in visible_panels(actor, dashboard) if panel.kpi_id]
    reader = Reader(panel.kpi_id for panel in panels)
    extents = {panel.kpi_id: reader.extent(panel.kpi_id) for panel in panels}
    plans = [plan_of(actor, panel, reader, extents, asked, only, as_of=as_of, rule=rule) for panel in panels]
    keys = [plan.cache_key(rule, currency, stamp.rpartition(":")[2]) for plan in plans]
    kept = cache.get_many(keys) if keys else {}
    missing = [(key, plan) for key, plan in zip(keys, plans, strict=True) if key not in kept]
    if missing:
        made = build_figures(actor, reader, missing, only, as_of=as_of, currency=currency)
        cache.set_many(made, KEPT_SECONDS)
        kept |= made
    lasts = [extent.last_at for extent in extents.values() if extent.last_at]
    return DashboardView(
        dashboard=dashboard,
        panels=[_view(plan, kept[key]) for key, plan in zip(keys, plans, strict=True)],
        shown=plans[0].shown if plans else None,
        properties=_properties(reader, extents),
        newest_words=day_words(max(lasts, default=None), rule),
        is_stale=bool(plans) and all(plan.answer in (Answer.STALE, Answer.NO_DATA) for plan in plans) and bool(lasts),
    )


def property_values(actor: Actor, dashboard: Dashboard, key: str, text: str) -> list[str]:
    """Values of a property that begin with or contain `text`, as far as panels that the actor sees have it."""
    panels = [panel for panel in visible_panels(actor, dashboard) if panel.kpi_id]
    reader = Reader(panel.kpi_id for panel in panels)
    ids = {
        column.column_id
        for panel in panels
        for column in reader.columns(panel.kpi_id)
        if column.key == key and not column.second_id
    }
    found = DimensionValue.objects.filter(column__in=ids)
    if text:
        found = found.filter(value__icontains=text.replace("\0", ""))
    return list(found.order_by("value").values_list("value", flat=True).distinct()[:MOST_VALUES])


def _view(plan: Plan, figure: PanelFigure) -> PanelView:
    link = ""
    if plan.place is not None and figure.has_number:
        link = rows_url(plan.rows_base, plan.shown.periods[plan.place], **plan.rows_facts)
    url = reverse("metrics:kpi-detail", args=[plan.panel.kpi_id])
    return PanelView(plan.panel.pk, url, link, figure, plan.shown)


def _properties(reader: Reader, kpi_ids: Iterable[int]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for kpi_id in kpi_ids:
        for column in reader.columns(kpi_id):
            if not column.second_id and not column.by_department:
                found.setdefault(column.key, column.name)
    return sorted(found.items(), key=lambda pair: pair[1])


def panel_lines(dashboard: Dashboard) -> list[dict[str, Any]]:
    """The panels as the form edits them, whoever looks: hidden ones must not be lost by saving."""
    return list(
        DashboardPanel.objects.filter(dashboard=dashboard, removed_at=None)
        .values("kpi", "kind", "column", "position")
        .order_by("position", "pk")
    )
