"""A dashboard as a whole: made, named, copied, deleted, brought back; and the page on which its panels are edited."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from metrics.forms.dashboards import ChangeDashboardForm, CopyForm, DashboardForm
from metrics.forms.panels import WIDTH_WORDS
from metrics.forms.ranges import RangeForm
from metrics.models import Dashboard
from metrics.queries.board import board_of, removed_lately
from metrics.queries.dashboard_list import in_bin
from metrics.services import dashboards
from metrics.views.dashboards import dashboard_url
from ops_platform.web.htmx import redirect_page, render_page
from organization.access import Actor
from organization.forms.confirm import ConfirmForm
from organization.views.base import FormPageView, PageView, visible_or_404

EDIT = "metrics.dashboard.edit"


def edit_url(dashboard: Dashboard) -> str:
    """The page on which its panels are edited."""
    return reverse("metrics:dashboard-edit", args=[dashboard.pk])


def editable(actor: Actor) -> Any:
    """The dashboards that the actor sees; whether it may change one is asked of the one."""
    return Dashboard.objects.visible_to(actor).select_related("department", "owner")


class DashboardNewView(FormPageView):
    """A new dashboard, empty; on to its panels."""

    permission = EDIT
    title = _("New dashboard")
    submit_label = _("Create the dashboard")
    message = _("The dashboard is created. Add its first panel.")

    def form(self, data: Any = None, files: Any = None) -> DashboardForm:
        initial = {
            "owner": self.actor.member_id,
            "default_period": "last-30-days",
            "is_private": not self.actor.holds_everywhere(EDIT),
        }
        return DashboardForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        return edit_url(dashboards.create_dashboard(self.actor, self.request.organization, panels=[], **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Dashboards"), reverse("metrics:dashboard-list"))]}


class DashboardPartView(FormPageView):
    """A form about one dashboard."""

    permission = EDIT

    def prepare(self, **kwargs: Any) -> None:
        self.dashboard = self.subject(editable(self.actor), pk=kwargs["pk"])

    def context(self) -> dict[str, Any]:
        list_step = (_("Dashboards"), reverse("metrics:dashboard-list"))
        steps = [list_step, (self.dashboard.display_name, dashboard_url(self.dashboard))]
        return {"steps": steps, "dashboard": self.dashboard}


class DashboardSettingsView(DashboardPartView):
    """Name, owner, period, and whether it is private."""

    title = _("Dashboard settings")
    submit_label = _("Save")
    message = _("The dashboard is saved.")

    def form(self, data: Any = None, files: Any = None) -> ChangeDashboardForm:
        names = ("name", "name_zh", "owner", "department", "default_period", "is_private", "version")
        initial = {name: getattr(self.dashboard, name) for name in names}
        return ChangeDashboardForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        return dashboard_url(dashboards.change_dashboard(self.actor, self.dashboard, **facts))


class DashboardCopyView(DashboardPartView):
    """One's own copy of a dashboard that one sees."""

    title = _("Copy dashboard")
    submit_label = _("Make the copy")
    message = _("This is your copy. Nobody else sees it until you share it.")

    def prepare(self, **kwargs: Any) -> None:
        self.dashboard = visible_or_404(editable(self.actor), pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> CopyForm:
        name = gettext("%(name)s (copy)") % {"name": self.dashboard.display_name}
        return CopyForm(data, initial={"name": name[:200]})

    def save(self, facts: dict[str, Any]) -> str:
        return edit_url(dashboards.copy_dashboard(self.actor, self.dashboard, **facts))


class DashboardDeleteView(PageView):
    """Into the bin, with a way back at hand."""

    permission = EDIT
    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        dashboard = self.subject(editable(self.actor), pk=pk)
        dashboards.delete_dashboard(self.actor, dashboard)
        says = gettext("“%(name)s” is deleted. Its KPIs are still there.") % {"name": dashboard.display_name}
        messages.success(request, says, extra_tags=reverse("metrics:dashboard-restore", args=[dashboard.pk]))
        return redirect_page(request, reverse("metrics:dashboard-list"))


class DashboardRestoreView(FormPageView):
    """Out of the bin again."""

    permission = EDIT
    title = _("Bring the dashboard back")
    submit_label = _("Bring it back")
    message = _("The dashboard is back as it was.")

    def prepare(self, **kwargs: Any) -> None:
        self.dashboard = self.subject(in_bin(self.actor), pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> ConfirmForm:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        return dashboard_url(dashboards.restore_dashboard(self.actor, self.dashboard))

    def context(self) -> dict[str, Any]:
        list_step = (_("Dashboards"), reverse("metrics:dashboard-list"))
        return {"steps": [list_step, (self.dashboard.display_name, f"{list_step[1]}?whose=bin")]}


class DashboardEditView(PageView):
    """The panels as they are, each with its handle and tools. Whatever is done is saved at once."""

    permission = EDIT

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        dashboard = self.subject(editable(self.actor), pk=pk)
        form = RangeForm(None, default_range=dashboard.default_period)
        organization = self.request.organization
        context = {
            "dashboard": dashboard,
            "slots": board_of(
                self.actor,
                dashboard,
                form.asked,
                as_of=timezone.now(),
                rule=organization.period_rule,
                currency=organization.currency,
            ),
            "width_words": WIDTH_WORDS.items(),
            "removed": removed_lately(self.actor, dashboard),
        }
        return render_page(request, "metrics/dashboard_edit.html", context, fragment="board")
