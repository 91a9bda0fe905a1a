"""Dashboards that go out by mail."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from automation.forms.reports import ChangeReportForm, ReportForm
from automation.models import ReportMail, ReportRun, ReportSchedule
from automation.queries.reports import counted_runs, report_rows
from automation.serializers.reports import ReportCopyShape, ReportRunShape, ReportShape, SentEnabled
from automation.services import reports
from automation.views.reports import ReportListView
from ops_platform.web.paging import Order
from organization.api.lists import ListApiView, MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ChangeItem, ItemView, ReadItem, RemoveItem
from organization.errors import NotVisible

VIEW, EDIT = "automation.report.view", reports.EDIT
TAG = "reports"


class ReportListApi(MakeApiView):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    page = ReportListView
    shape = ReportShape
    form = ReportForm
    operations = {
        "GET": listed("list_reports", _("Scheduled reports"), ReportShape),
        "POST": Operation("create_report", _("Schedule a report"), body=ReportForm, answer=ReportShape, status=201),
    }

    def rows(self) -> Any:
        return super().rows().prefetch_related("readers")

    def fresh(self) -> Any:
        return ReportSchedule.objects.visible_to(self.actor).prefetch_related("readers")

    def make(self, facts: dict[str, Any]) -> ReportSchedule:
        return reports.create_report(self.actor, self.request.organization, **facts)


class ReportItem(ItemView):
    """One report."""

    shape: type[Any] = ReportShape

    def rows(self) -> Any:
        found = ReportSchedule.objects.visible_to(self.actor)
        return found.select_related("dashboard__department").prefetch_related("readers__member", "readers__role")


class ReportApi(ReportItem, ReadItem, ChangeItem, RemoveItem):
    permission = {"GET": VIEW, "PATCH": EDIT, "DELETE": EDIT}
    tag = TAG
    change_form = ChangeReportForm
    operations = {
        "GET": Operation("get_report", _("A scheduled report"), answer=ReportShape),
        "PATCH": Operation(
            "change_report",
            _("Change a scheduled report"),
            body=ChangeReportForm,
            answer=ReportShape,
            is_versioned=True,
        ),
        "DELETE": Operation("delete_report", _("Delete a report and the list of what it sent"), status=204),
    }

    def change(self, row: ReportSchedule, facts: dict[str, Any]) -> ReportSchedule:
        readers = list(row.readers.all())
        kept: dict[str, Any] = {
            "dashboard": row.dashboard,
            "members": [reader.member for reader in readers if reader.member_id],
            "roles": [reader.role for reader in readers if reader.role_id],
        }
        return reports.change_report(self.actor, row, **(kept | facts))

    def remove(self, row: ReportSchedule) -> None:
        reports.delete_report(self.actor, row)


class ReportSwitchApi(ReportItem):
    permission = EDIT
    tag = TAG
    operations = {
        "PUT": Operation("switch_report", _("Pause a report or switch it on"), body=SentEnabled, answer=ReportShape)
    }

    def put(self, request: Request, **kwargs: Any) -> Response:
        """What fell due meanwhile is not made up for."""
        row = self.row()
        facts = self.sent(SentEnabled)
        return self.write(row, lambda: reports.pause_report(self.actor, row, **facts))


class ReportSendApi(ReportItem):
    permission = EDIT
    tag = TAG
    operations = {
        "POST": Operation("send_report", _("Send a report to its readers now"), answer=ReportRunShape, status=202)
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """The copies are made one after the other; the run tells how far they are."""
        row = self.row()

        def work() -> tuple[int, Any]:
            run = reports.send_report_now(self.actor, row)
            return 202, ReportRunShape(counted_runs(row).get(pk=run.pk)).data

        return self.answer_once(work)


class ReportRunListApi(ListApiView):
    permission = VIEW
    tag = TAG
    shape = ReportRunShape
    order = Order("newest", ("slot", "pk"), is_descending=True)
    operations = {
        "GET": listed(
            "list_report_runs",
            _("When a report went out, the newest first"),
            ReportRunShape,
            has_shown=False,
            is_exported=False,
        )
    }

    def rows(self) -> Any:
        return counted_runs(_visible(self))


class ReportCopyListApi(ListApiView):
    permission = VIEW
    tag = TAG
    shape = ReportCopyShape
    operations = {
        "GET": listed(
            "list_report_copies",
            _("What became of each reader's copy"),
            ReportCopyShape,
            has_shown=False,
            is_exported=False,
        )
    }

    def rows(self) -> Any:
        run = ReportRun.objects.filter(schedule=_visible(self), pk=self.kwargs["run"]).first()
        if run is None:
            raise NotVisible
        return ReportMail.objects.filter(run=run)


def _visible(view: Any) -> ReportSchedule:
    """The report that the address names. Raises NotVisible."""
    found: ReportSchedule | None = report_rows(view.actor).filter(pk=view.kwargs["pk"]).first()
    if found is None:
        raise NotVisible
    return found
