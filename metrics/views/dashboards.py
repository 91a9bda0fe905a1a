"""Pages of dashboards."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from metrics.forms.dashboard_filter import BY_DEPARTMENT, LONGEST_VALUE, added_value, address_with, asked_filter
from metrics.forms.dashboards import DashboardFilters
from metrics.models import Dashboard
from metrics.queries.dashboard_list import dashboard_rows, first_dashboard
from metrics.queries.dashboards import dashboard_stamp, department_code, department_names, property_values
from metrics.services.dashboards import change_dashboard
from metrics.views.panels import seen_dashboard
from ops_platform.web.addresses import address
from ops_platform.web.columns import Column
from ops_platform.web.htmx import render_page
from ops_platform.web.kept_pages import kept_page
from ops_platform.web.paging import Order
from organization.access import Actor, can
from organization.forms.cells import department_field, owner_field
from organization.queries.activity import may_see_activity
from organization.queries.actors import seen_as
from organization.queries.kinds import acts_on
from organization.queries.notice_channels import watch_of
from organization.tenancy import TenantQuerySet
from organization.views.base import PageView, visible_or_404
from organization.views.editing import Editable
from organization.views.lists import ListView


def dashboard_url(dashboard: Dashboard) -> str:
    """The page of a dashboard."""
    return address("metrics:dashboard-detail", dashboard.pk)


def _address(dashboard: Dashboard) -> str:
    return "" if dashboard.removed_at else dashboard_url(dashboard)


def _drawn_name(dashboard: Dashboard) -> SafeString:
    """The name, with a pin where it is at hand and a lock where it is private."""
    marks = [
        (icon, label)
        for is_on, icon, label in (
            (getattr(dashboard, "is_pinned", False), "pinned", gettext("Pinned")),
            (dashboard.is_private, "lock", gettext("Private")),
        )
        if is_on
    ]
    sprite = static("icons.svg")
    drawn = format_html_join(
        "",
        ' <span class="mark" title="{2}"><svg class="icon" aria-hidden="true"><use href="{0}#{1}"></use></svg>'
        '<span class="visually-hidden">{2}</span></span>',
        ((sprite, icon, label) for icon, label in marks),
    )
    if dashboard.removed_at:
        return format_html("{}{}", dashboard.display_name, drawn)
    return format_html('<a href="{}">{}</a>{}', dashboard_url(dashboard), dashboard.display_name, drawn)


def _next_act(dashboard: Dashboard) -> str:
    return gettext("Bring back") if dashboard.removed_at else gettext("Copy")


def _next_address(dashboard: Dashboard) -> str:
    page = "metrics:dashboard-restore" if dashboard.removed_at else "metrics:dashboard-copy"
    return address(page, dashboard.pk)


class DashboardListView(ListView):
    """The dashboards there are."""

    permission = "metrics.dashboard.view"
    template = "metrics/dashboard_list.html"
    empty_template = "metrics/_empty_dashboards.html"
    title = _("Dashboards")
    order = Order("name", ("place", "name_key", "pk"))
    filter_form = DashboardFilters
    columns = (
        Column(
            "name",
            _("Dashboard"),
            "display_name",
            sort=("place", "name_key", "pk"),
            href=_address,
            drawn=_drawn_name,
            is_wide=True,
        ),
        Column("panels", _("Panels"), "panel_count", kind="number"),
        Column("owner", _("Owner"), "owner__name"),
        Column("department", _("Department"), "department__display_name"),
        Column("updated", _("Changed"), "updated_at", kind="instant", sort=("updated_at", "pk")),
        Column("act", _("Action"), _next_act, kind="link", href=_next_address, folded="last"),
    )
    editables = (
        Editable("owner", "owner", _("Owner"), "metrics.dashboard.edit", owner_field, change_dashboard, icon="user"),
        Editable(
            "department",
            "department",
            _("Department"),
            "metrics.dashboard.edit",
            department_field,
            change_dashboard,
            icon="hierarchy",
        ),
    )

    def rows(self) -> TenantQuerySet:
        return dashboard_rows(self.actor, **self.filters)

    @staticmethod
    def one_row(actor: Actor, pk: int) -> Dashboard:
        dashboard: Dashboard = visible_or_404(dashboard_rows(actor), pk=pk)
        return dashboard

    def context(self) -> dict[str, Any]:
        return {
            "may_create": self.actor.holds("metrics.dashboard.edit"),
        }


class DashboardHomeView(PageView):
    """On to the member's own dashboard, or what to do without one."""

    permission = "metrics.dashboard.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = first_dashboard(self.actor)
        return redirect(dashboard_url(found) if found else "metrics:dashboard-list")


class DashboardDetailView(PageView):
    """Numbers and charts side by side; period, comparison and filter stand in the address."""

    permission = "metrics.dashboard.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if (added := added_value(request.GET)) is not None:
            return self.added(request, *added)
        stamp = dashboard_stamp(pk, self.request.member.pk)
        if request.GET.get("known"):  # another day's numbers are not kept beside today's
            return self.page(request, pk, stamp)
        rests_on = (seen_as(self.request.member), stamp)
        return kept_page(request, self.actor.organization_id, rests_on, lambda: self.page(request, pk, stamp))

    def added(self, request: HttpRequest, key: str, value: str) -> HttpResponse:
        """On to the address that says in its own words what the form added; a department goes by its code."""
        given = request.GET.copy()
        if key == BY_DEPARTMENT:
            given["value"] = department_code(self.actor, value)
        return redirect(f"{request.path}?{address_with(given, asked_filter(given))}")

    def page(self, request: HttpRequest, pk: int, stamp: str) -> HttpResponse:
        """The page as it stands now."""
        seen = seen_dashboard(self, pk)
        view = seen.view(stamp=stamp)
        context = (
            seen.context
            | seen.filter_context(view)
            | {
                "view": view,
                "may_edit": bool(can(self.actor, "metrics.dashboard.edit", seen.dashboard)),
                "may_copy": self.actor.holds("metrics.dashboard.edit"),
                "acts": acts_on(self.actor, seen.dashboard),
                "may_create_kpi": self.actor.holds("metrics.kpi.edit"),
                "may_annotate": self.actor.holds("metrics.annotation.edit"),
                "today": timezone.localdate(),
                "watch": watch_of(seen.dashboard),
                "may_see_activity": may_see_activity(self.actor, seen.dashboard),
            }
        )
        return render_page(request, "metrics/dashboard_detail.html", context, fragment="figures")


class DashboardValuesView(PageView):
    """What may be typed into the filter: values of a property as options."""

    permission = "metrics.dashboard.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        dashboard = visible_or_404(Dashboard.objects.visible_to(self.actor), pk=pk)
        key, text = request.GET.get("property", "")[:60], request.GET.get("value", "")[:LONGEST_VALUE]
        if key == BY_DEPARTMENT:
            values = department_names(self.actor, text)
        else:
            values = property_values(self.actor, dashboard, key, text)
        return render(request, "metrics/_dashboard_values.html", {"values": values})
