"""With whom a dashboard is shared, for whom it opens first, and what one keeps at hand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from metrics.forms.dashboards import FirstForRolesForm, ShareForm
from metrics.models import Dashboard, DashboardShare
from metrics.queries.dashboard_list import roles_by_first, shares_on
from metrics.services import dashboard_pins, dashboard_sharing
from metrics.views.dashboard_editing import EDIT, DashboardPartView, editable
from metrics.views.dashboards import dashboard_url
from organization.views.base import ActionView, visible_or_404


def share_url(dashboard: Dashboard) -> str:
    """The page on which it is shared."""
    return reverse("metrics:dashboard-share", args=[dashboard.pk])


class DashboardShareView(DashboardPartView):
    """Open it to a role, a department or a person."""

    template = "metrics/dashboard_share.html"
    title = _("Share dashboard")
    submit_label = pgettext_lazy("with people", "Share")
    message = _("The dashboard is shared.")

    def form(self, data: Any = None, files: Any = None) -> ShareForm:
        return ShareForm(data, actor=self.actor)

    def save(self, facts: dict[str, Any]) -> str:
        dashboard_sharing.share_dashboard(self.actor, self.dashboard, **facts)
        return share_url(self.dashboard)

    def context(self) -> dict[str, Any]:
        roles = list(roles_by_first(self.actor, self.dashboard))
        chosen = [role.pk for role in roles if role.opens]  # type: ignore[attr-defined]  # annotated
        return super().context() | {
            "shares": shares_on(self.dashboard),
            "roles_form": FirstForRolesForm(actor=self.actor, initial={"roles": chosen}) if roles else None,
        }


class DashboardUnshareView(ActionView):
    """Take a share back."""

    permission = EDIT
    message = _("The dashboard is no longer shared with them.")

    def act(self, **kwargs: Any) -> str:
        dashboard = self.subject(editable(self.actor), pk=kwargs["pk"])
        share = visible_or_404(DashboardShare.objects.filter(dashboard=dashboard), pk=kwargs["share"])
        return share_url(dashboard_sharing.stop_sharing(self.actor, dashboard, share=share))

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("metrics:dashboard-share", args=[kwargs["pk"]])


class DashboardFirstForRolesView(ActionView):
    """Let it open first for some roles."""

    permission = EDIT
    message = _("The opening page of the roles is saved.")

    def act(self, **kwargs: Any) -> str:
        dashboard = self.subject(editable(self.actor), pk=kwargs["pk"])
        form = FirstForRolesForm(self.request.POST, actor=self.actor)
        roles = list(form.cleaned_data["roles"]) if form.is_valid() else []
        return share_url(dashboard_pins.open_first_for_roles(self.actor, dashboard, roles=roles))


class DashboardPinView(ActionView):
    """Keep it at hand, or no longer."""

    permission = "metrics.dashboard.view"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.is_on = request.POST.get("on") == "1"
        self.message = (
            _("Pinned. It stands in the menu and first in the list.") if self.is_on else _("No longer pinned.")
        )
        return super().post(request, **kwargs)

    def act(self, **kwargs: Any) -> str:
        dashboard = visible_or_404(editable(self.actor), pk=kwargs["pk"])
        return dashboard_url(dashboard_pins.pin_dashboard(self.actor, dashboard, is_pinned=self.is_on))


class DashboardFirstView(DashboardPinView):
    """Let it open first, or no longer."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.is_on = request.POST.get("on") == "1"
        self.message = (
            _("This dashboard now opens first for you.") if self.is_on else _("It no longer opens first for you.")
        )
        return ActionView.post(self, request, **kwargs)

    def act(self, **kwargs: Any) -> str:
        dashboard = visible_or_404(editable(self.actor), pk=kwargs["pk"])
        return dashboard_url(dashboard_pins.open_first(self.actor, dashboard, is_first=self.is_on))
