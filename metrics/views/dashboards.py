"""Pages of dashboards."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from metrics.forms.dashboards import (
    ChangeDashboardForm,
    DashboardForm,
    Offered,
    PanelFormSet,
    SearchFilters,
    ordered_panels,
)
from metrics.models import Dashboard
from metrics.queries.dashboard_list import dashboard_rows, first_dashboard
from metrics.queries.dashboards import (
    dashboard_stamp,
    panel_lines,
    property_values,
)
from metrics.services import dashboards
from metrics.views.panels import LONGEST_VALUE, seen_dashboard
from ops_platform.web.columns import Column
from ops_platform.web.htmx import render_page
from ops_platform.web.kept_pages import kept_page
from ops_platform.web.paging import Order
from organization.access import can
from organization.errors import DomainError, NotAllowed, NotVisible, StateConflict
from organization.forms.confirm import ConfirmForm
from organization.queries.actors import seen_as
from organization.tenancy import TenantQuerySet
from organization.views.base import FormPageView, PageView, add_error, visible_or_404
from organization.views.lists import ListView


def dashboard_url(dashboard: Dashboard) -> str:
    """The page of a dashboard."""
    return reverse("metrics:dashboard-detail", args=[dashboard.pk])


class DashboardListView(ListView):
    """The dashboards there are."""

    permission = "metrics.dashboard.view"
    template = "metrics/dashboard_list.html"
    empty_template = "metrics/_empty_dashboards.html"
    title = _("Dashboards")
    order = Order("name", ("name_key", "pk"))
    filter_form = SearchFilters
    columns = (
        Column("name", _("Dashboard"), "display_name", sort=("name_key", "pk"), href=dashboard_url, is_wide=True),
        Column("panels", _("Panels"), "panel_count", kind="number"),
        Column("owner", _("Owner"), "owner__name"),
        Column("department", _("Department"), "department__display_name"),
        Column("updated", _("Changed"), "updated_at", kind="instant", sort=("updated_at", "pk")),
    )

    def rows(self) -> TenantQuerySet:
        return dashboard_rows(self.actor, **self.filters)

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
        stamp = dashboard_stamp(pk, self.request.member.pk)
        rests_on = (seen_as(self.request.member), stamp)
        return kept_page(request, self.actor.organization_id, rests_on, lambda: self.page(request, pk, stamp))

    def page(self, request: HttpRequest, pk: int, stamp: str) -> HttpResponse:
        """The page as it stands now."""
        seen = seen_dashboard(self, pk)
        context = seen.context | {
            "view": seen.view(stamp=stamp),
            "may_edit": bool(can(self.actor, "metrics.dashboard.edit", seen.dashboard)),
            "may_create_kpi": self.actor.holds("metrics.kpi.edit"),
        }
        return render_page(request, "metrics/dashboard_detail.html", context, fragment="figures")


class DashboardValuesView(PageView):
    """What may be typed into the filter: values of a property as options."""

    permission = "metrics.dashboard.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        dashboard = visible_or_404(Dashboard.objects.visible_to(self.actor), pk=pk)
        values = property_values(
            self.actor, dashboard, request.GET.get("property", "")[:60], request.GET.get("value", "")[:LONGEST_VALUE]
        )
        return render(request, "metrics/_dashboard_values.html", {"values": values})


class PanelsView(FormPageView):
    """A form with lines of panels below it."""

    permission = "metrics.dashboard.edit"
    template = "metrics/dashboard_form.html"

    def form(self, data: Any = None, files: Any = None) -> Any:
        offered = Offered(self.actor)
        self.panels = PanelFormSet(data, initial=self.lines(offered), prefix="panel", form_kwargs={"offered": offered})
        return self.make_form(data)

    def make_form(self, data: Any) -> Any:
        """The form above the panels."""
        raise NotImplementedError

    def lines(self, offered: Offered) -> list[dict[str, Any]]:
        """The panels that the form begins with."""
        return []

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        form = self.form(request.POST)
        if form.is_valid() and self.panels.is_valid():
            try:
                return self.saved(self.save(form.cleaned_data | {"panels": ordered_panels(self.panels)}))
            except (NotVisible, NotAllowed):
                raise
            except StateConflict as error:
                return self.show_conflict(form, error, **kwargs)
            except DomainError as error:
                add_error(form, error)
        return self.show(form, status=422)

    def context(self) -> dict[str, Any]:
        return {"panels": self.panels, "steps": [(_("Dashboards"), reverse("metrics:dashboard-list"))]}


class DashboardNewView(PanelsView):
    """A new dashboard."""

    title = _("New dashboard")
    submit_label = _("Create the dashboard")
    message = _("The dashboard is created.")

    def make_form(self, data: Any) -> DashboardForm:
        initial = {"owner": self.actor.member_id, "default_period": "last-30-days"}
        return DashboardForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        return dashboard_url(dashboards.create_dashboard(self.actor, self.request.organization, **facts))


class DashboardEditView(PanelsView):
    """Name, owner and panels of a dashboard."""

    title = _("Edit dashboard")
    submit_label = _("Save")
    message = _("The dashboard is saved.")

    def prepare(self, **kwargs: Any) -> None:
        found = Dashboard.objects.visible_to(self.actor).select_related("department")
        self.dashboard = self.subject(found, pk=kwargs["pk"])

    def make_form(self, data: Any) -> ChangeDashboardForm:
        names = ("name", "name_zh", "owner", "department", "default_period", "version")
        initial = {name: getattr(self.dashboard, name) for name in names}
        return ChangeDashboardForm(data, actor=self.actor, initial=initial)

    def lines(self, offered: Offered) -> list[dict[str, Any]]:
        shown = [line for line in panel_lines(self.dashboard) if str(line["kpi"]) in offered.kpis]
        return [line | {"position": number} for number, line in enumerate(shown, 1)]

    def save(self, facts: dict[str, Any]) -> str:
        return dashboard_url(dashboards.change_dashboard(self.actor, self.dashboard, **facts))

    def context(self) -> dict[str, Any]:
        found = super().context()
        steps = [*found["steps"], (self.dashboard.display_name, dashboard_url(self.dashboard))]
        return found | {"steps": steps, "dashboard": self.dashboard}


class DashboardDeleteView(FormPageView):
    """Removing a dashboard; its KPIs stay."""

    permission = "metrics.dashboard.edit"
    template = "organization/confirm.html"
    title = _("Delete dashboard")
    submit_label = _("Delete for good")
    message = _("The dashboard is deleted. Its KPIs are still there.")

    def prepare(self, **kwargs: Any) -> None:
        found = Dashboard.objects.visible_to(self.actor).select_related("department")
        self.dashboard = self.subject(found, pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> ConfirmForm:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        dashboards.delete_dashboard(self.actor, self.dashboard)
        return reverse("metrics:dashboard-list")

    def context(self) -> dict[str, Any]:
        list_step = (_("Dashboards"), reverse("metrics:dashboard-list"))
        return {"steps": [list_step, (self.dashboard.display_name, dashboard_url(self.dashboard))]}
