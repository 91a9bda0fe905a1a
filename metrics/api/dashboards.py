"""Dashboards and their panels."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.forms.dashboards import ChangeDashboardForm, DashboardForm
from metrics.models import Dashboard, DashboardPanel, DatasetColumn, Kpi
from metrics.queries.dashboards import visible_panels
from metrics.serializers.dashboards import (
    DashboardShape,
    PanelShape,
    PanelsShape,
    SentChangedPanel,
    SentName,
    SentNewPanel,
    SentPlace,
)
from metrics.services import dashboards, panels
from metrics.services.dashboards import PanelSpec
from metrics.views.dashboards import DashboardListView
from organization.api.lists import MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ChangeItem, ItemView, ReadItem, RemoveItem
from organization.errors import NotVisible

VIEW, EDIT = "metrics.dashboard.view", "metrics.dashboard.edit"
TAG = "dashboards"


class DashboardListApi(MakeApiView):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    page = DashboardListView
    shape = DashboardShape
    form = DashboardForm
    operations = {
        "GET": listed("list_dashboards", _("Dashboards"), DashboardShape),
        "POST": Operation(
            "create_dashboard",
            _("A new dashboard, without panels"),
            body=DashboardForm,
            answer=DashboardShape,
            status=201,
        ),
    }

    def fresh(self) -> Any:
        return Dashboard.objects.visible_to(self.actor)

    def make(self, facts: dict[str, Any]) -> Dashboard:
        return dashboards.create_dashboard(self.actor, self.request.organization, panels=[], **facts)


class DashboardItem(ItemView):
    """One dashboard."""

    shape: type[Any] = DashboardShape

    def rows(self) -> Any:
        return Dashboard.objects.visible_to(self.actor).select_related("department")


class DashboardApi(DashboardItem, ReadItem, ChangeItem, RemoveItem):
    permission = {"GET": VIEW, "PATCH": EDIT, "DELETE": EDIT}
    tag = TAG
    change_form = ChangeDashboardForm
    operations = {
        "GET": Operation("get_dashboard", _("A dashboard"), answer=DashboardShape),
        "PATCH": Operation(
            "change_dashboard",
            _("Change a dashboard; its panels stay"),
            body=ChangeDashboardForm,
            answer=DashboardShape,
            is_versioned=True,
        ),
        "DELETE": Operation("delete_dashboard", _("Put a dashboard into the bin"), status=204),
    }

    def change(self, row: Dashboard, facts: dict[str, Any]) -> Dashboard:
        return dashboards.change_dashboard(self.actor, row, **facts)

    def remove(self, row: Dashboard) -> None:
        dashboards.delete_dashboard(self.actor, row)


class DashboardCopyApi(DashboardItem):
    permission = VIEW
    tag = TAG
    operations = {
        "POST": Operation(
            "copy_dashboard", _("A private copy of your own"), body=SentName, answer=DashboardShape, status=201
        )
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """With the panels that you see."""
        row = self.row()
        facts = self.sent(SentName)
        return self.write(row, lambda: dashboards.copy_dashboard(self.actor, row, **facts), code=201)


class PanelListApi(DashboardItem):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    operations = {
        "GET": Operation("list_panels", _("The panels of a dashboard, in their order"), answer=PanelsShape),
        "POST": Operation("add_panel", _("Add a panel"), body=SentNewPanel, answer=PanelShape, status=201),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Those on KPIs that you may see, and texts."""
        return Response(PanelsShape({"results": list(visible_panels(self.actor, self.row()))}).data)

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Behind `after`, or at the end."""
        row = self.row()
        facts = self.sent(SentNewPanel)
        after = facts.pop("after", None)
        behind = None if after is None else panel_of(self.actor, row, after)
        spec = spec_from(self.actor, facts)

        def work() -> tuple[int, Any]:
            made = panels.add_panel(self.actor, row, spec=spec, after=behind)
            return 201, PanelShape(panel_of(self.actor, row, made.pk)).data

        return self.answer_once(work)


class PanelItem(DashboardItem):
    """One panel of one dashboard."""

    shape = PanelShape

    def panel(self, row: Dashboard) -> DashboardPanel:
        """The panel that the address names. Raises NotVisible."""
        return panel_of(self.actor, row, self.kwargs["panel"])

    def again(self, row: Any) -> Any:
        dashboard = row if isinstance(row, Dashboard) else row.dashboard
        return PanelShape(self.panel(dashboard)).data


class PanelApi(PanelItem):
    permission = {"GET": VIEW, "PUT": EDIT, "DELETE": EDIT}
    tag = TAG
    operations = {
        "GET": Operation("get_panel", _("A panel"), answer=PanelShape),
        "PUT": Operation(
            "change_panel",
            _("Show something else in a panel"),
            body=SentChangedPanel,
            answer=PanelShape,
            is_versioned=True,
        ),
        "DELETE": Operation("remove_panel", _("Take a panel off"), status=204),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Of the dashboard."""
        return Response(PanelShape(self.panel(self.row())).data)

    def put(self, request: Request, **kwargs: Any) -> Response:
        """All of it anew."""
        row = self.row()
        panel = self.panel(row)
        facts = self.sent(SentChangedPanel, is_versioned=True)
        version = facts.pop("version")
        spec = spec_from(self.actor, facts)
        return self.write(row, lambda: panels.change_panel(self.actor, row, panel=panel, spec=spec, version=version))

    def delete(self, request: Request, **kwargs: Any) -> Response:
        """The others keep their order."""
        row = self.row()
        panel = self.panel(row)

        def work() -> tuple[int, Any]:
            panels.remove_panel(self.actor, row, panel=panel)
            return 204, None

        return self.answer_once(work)


class PanelMoveApi(PanelItem):
    permission = EDIT
    tag = TAG
    operations = {
        "POST": Operation(
            "move_panel", _("Put a panel behind another one, or first"), body=SentPlace, answer=PanelShape
        )
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """All others keep their order."""
        row = self.row()
        panel = self.panel(row)
        place = self.sent(SentPlace)["after"]
        after = None if place is None else panel_of(self.actor, row, place)
        return self.write(row, lambda: panels.move_panel(self.actor, row, panel=panel, after=after))


class PanelCopyApi(PanelItem):
    permission = EDIT
    tag = TAG
    operations = {
        "POST": Operation("copy_panel", _("The same panel once more, right behind it"), answer=PanelShape, status=201)
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """All others keep their order."""
        row = self.row()
        panel = self.panel(row)

        def work() -> tuple[int, Any]:
            made = panels.duplicate_panel(self.actor, row, panel=panel)
            return 201, PanelShape(panel_of(self.actor, row, made.pk)).data

        return self.answer_once(work)


def panel_of(actor: Any, dashboard: Dashboard, pk: int) -> DashboardPanel:
    """The visible panel of that id. Raises NotVisible."""
    found: DashboardPanel | None = visible_panels(actor, dashboard).filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def spec_from(actor: Any, sent: dict[str, Any]) -> PanelSpec:
    """What was sent as the service takes it. Raises NotVisible for a KPI or column that the caller cannot see."""
    facts = dict(sent)
    key, column = facts.pop("kpi", None), facts.pop("column", None)
    kpi = None
    if key is not None:
        kpi = Kpi.objects.visible_to(actor).select_related("department").filter(key=key).first()
        if kpi is None:
            raise NotVisible
    if column is not None:
        newest = kpi.versions.order_by("-number").first() if kpi else None
        columns = DatasetColumn.objects.filter(key=column)
        used = columns.filter(dataset=newest.dataset_id) if newest and newest.dataset_id else columns.none()
        if not used and kpi is not None:  # of a formula: of a dataset that its operands are counted from
            used = columns.filter(dataset__kpi_versions__kpi__used_by__version__kpi=kpi).distinct()
        facts["column"] = used.first()
        if facts["column"] is None:
            raise NotVisible
    return PanelSpec(kpi, **facts)
