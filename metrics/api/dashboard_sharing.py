"""Who else sees a dashboard, and for whom it is at hand; and the way out of the bin."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.api.dashboards import EDIT, TAG, VIEW, DashboardItem
from metrics.models import Dashboard, DashboardPanel, DashboardShare
from metrics.queries.dashboard_list import in_bin, roles_by_first, with_marks
from metrics.serializers.dashboard_sharing import (
    FirstRolesShape,
    MarksShape,
    SentFirst,
    SentFirstRoles,
    SentPin,
    SentShare,
    ShareShape,
)
from metrics.serializers.dashboards import DashboardShape, PanelShape
from metrics.services import dashboard_pins, dashboard_sharing, dashboards, panels
from organization.api.lists import ListApiView, listed
from organization.api.problems import BadBody
from organization.api.schema import Operation
from organization.api.views import ActionItem
from organization.errors import NotVisible
from organization.models import Department, Member, Role
from organization.usecases import authorize

WITH_WHOM: dict[str, Any] = {"role": Role, "department": Department, "member": Member}


class ShareListApi(ListApiView):
    permission = EDIT
    tag = TAG
    shape = ShareShape
    operations = {
        "GET": listed(
            "list_shares", _("With whom a dashboard is shared"), ShareShape, has_shown=False, is_exported=False
        ),
        "POST": Operation(
            "share_dashboard",
            _("Share a dashboard with a role, a department or a person"),
            body=SentShare,
            answer=ShareShape,
            status=201,
        ),
    }

    def rows(self) -> Any:
        return DashboardShare.objects.filter(dashboard=editable(self))

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Whom the caller may see."""
        dashboard = editable(self)
        facts = self.sent(SentShare)
        named = [name for name in WITH_WHOM if name in facts]
        if len(named) != 1:
            raise BadBody([{"field": "", "reason": _("Name one of role, department and member.")}])
        whom = WITH_WHOM[named[0]].objects.visible_to(self.actor).filter(pk=facts[named[0]]).first()
        if whom is None:
            raise NotVisible

        def work() -> tuple[int, Any]:
            made = dashboard_sharing.share_dashboard(self.actor, dashboard, with_whom=whom, may_edit=facts["may_edit"])
            return 201, ShareShape(made).data

        return self.answer_once(work)


class ShareApi(DashboardItem):
    permission = EDIT
    tag = TAG
    operations = {"DELETE": Operation("stop_sharing", _("Take a share back"), status=204)}

    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Nobody closes a dashboard to themselves."""
        dashboard = editable(self)
        share = DashboardShare.objects.filter(dashboard=dashboard, pk=self.kwargs["share"]).first()
        if share is None:
            raise NotVisible

        def work() -> tuple[int, Any]:
            dashboard_sharing.stop_sharing(self.actor, dashboard, share=share)
            return 204, None

        return self.answer_once(work)


class DashboardMark(DashboardItem):
    """Something that a dashboard is to the caller alone."""

    permission: str | dict[str, str] = VIEW
    tag = TAG

    def told(self, row: Dashboard) -> Any:
        """As it stands now."""
        return MarksShape(with_marks(self.rows(), self.actor).get(pk=row.pk)).data


class DashboardPinApi(DashboardMark):
    operations = {
        "GET": Operation("get_dashboard_marks", _("What a dashboard is to you"), answer=MarksShape),
        "PUT": Operation("pin_dashboard", _("Keep a dashboard at hand, or no longer"), body=SentPin, answer=MarksShape),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Pinned, and first."""
        return Response(self.told(self.row()))

    def put(self, request: Request, **kwargs: Any) -> Response:
        """For the token's member alone."""
        row = self.row()
        facts = self.sent(SentPin)

        def work() -> tuple[int, Any]:
            dashboard_pins.pin_dashboard(self.actor, row, **facts)
            return 200, self.told(row)

        return self.answer_once(work)


class DashboardFirstApi(DashboardMark):
    operations = {
        "PUT": Operation(
            "open_dashboard_first", _("Let a dashboard open first, or no longer"), body=SentFirst, answer=MarksShape
        )
    }

    def put(self, request: Request, **kwargs: Any) -> Response:
        """For the token's member alone."""
        row = self.row()
        facts = self.sent(SentFirst)

        def work() -> tuple[int, Any]:
            dashboard_pins.open_first(self.actor, row, **facts)
            return 200, self.told(row)

        return self.answer_once(work)


class FirstRolesApi(DashboardItem):
    permission = EDIT
    tag = TAG
    operations = {
        "GET": Operation("get_first_roles", _("For which roles a dashboard opens first"), answer=FirstRolesShape),
        "PUT": Operation(
            "set_first_roles", _("Let a dashboard open first for roles"), body=SentFirstRoles, answer=FirstRolesShape
        ),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Of those that the caller may change."""
        return Response(self.told(editable(self)))

    def put(self, request: Request, **kwargs: Any) -> Response:
        """Who has chosen a dashboard keeps it."""
        row = editable(self)
        wanted = set(self.sent(SentFirstRoles)["roles"])
        roles = [role for role in roles_by_first(self.actor, row) if role.pk in wanted]
        if len(roles) != len(wanted):
            raise NotVisible

        def work() -> tuple[int, Any]:
            dashboard_pins.open_first_for_roles(self.actor, row, roles=roles)
            return 200, self.told(row)

        return self.answer_once(work)

    def told(self, row: Dashboard) -> Any:
        """As it stands now."""
        opens: list[Any] = list(roles_by_first(self.actor, row))
        return FirstRolesShape({"roles": sorted(role.pk for role in opens if role.opens)}).data


class DashboardRestoreApi(ActionItem):
    permission = EDIT
    tag = TAG
    shape = DashboardShape
    operations = {"POST": Operation("restore_dashboard", _("Take a dashboard out of the bin"), answer=DashboardShape)}

    def rows(self) -> Any:
        return in_bin(self.actor).select_related("department")

    def again(self, row: Dashboard) -> Any:
        return self.shown(Dashboard.objects.visible_to(self.actor).get(pk=row.pk))

    def act(self, row: Dashboard, facts: dict[str, Any]) -> Dashboard:
        return dashboards.restore_dashboard(self.actor, row)


class PanelRestoreApi(DashboardItem):
    permission = EDIT
    tag = TAG
    operations = {"POST": Operation("restore_panel", _("Put a removed panel back into its place"), answer=PanelShape)}

    def post(self, request: Request, **kwargs: Any) -> Response:
        """For thirty days."""
        row = editable(self)
        found = DashboardPanel.objects.select_related("kpi__department", "column")
        panel = found.filter(dashboard=row, pk=self.kwargs["panel"]).first()
        if panel is None:
            raise NotVisible
        if panel.kpi is not None:
            authorize(self.actor, "metrics.kpi.view", panel.kpi)
        return self.answer_once(lambda: (200, PanelShape(panels.restore_panel(self.actor, row, panel=panel)).data))


def editable(view: Any) -> Dashboard:
    """The dashboard that the address names, which the caller must be allowed to change. Raises NotVisible, NotAllowed."""
    visible = Dashboard.objects.visible_to(view.actor).select_related("department")
    found: Dashboard | None = visible.filter(pk=view.kwargs["pk"]).first()
    if found is None:
        raise NotVisible
    authorize(view.actor, EDIT, found)
    return found
