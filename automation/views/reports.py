"""Pages of scheduled reports."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from automation.choices import MailStatus
from automation.forms.reports import FIELDS, ChangeReportForm, ReportFilters, ReportForm
from automation.models import ReportMail, ReportRun, ReportSchedule
from automation.queries.reports import (
    mails_of,
    newest_runs,
    readers_of,
    report_rows,
    rhythm_words,
    run_status,
    status_of,
)
from automation.services import reports
from metrics.forms.ranges import COMPARISONS, RANGES
from ops_platform.web.addresses import address
from ops_platform.web.columns import Column, Table
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Level, Status
from organization.access import can
from organization.forms.confirm import ConfirmForm
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.lists import ListView

EDIT = reports.EDIT
MAIL_LEVELS: dict[str, Level] = {
    MailStatus.WAITING: "info",
    MailStatus.SENT: "good",
    MailStatus.REFUSED: "watch",
    MailStatus.FAILED: "bad",
}


def report_url(schedule: ReportSchedule) -> str:
    """The page of a report."""
    return address("automation:report-detail", schedule.pk)


def run_url(run: ReportRun) -> str:
    """What became of each copy of a run."""
    return address("automation:report-run", run.schedule_id, run.pk)


def _list_step() -> tuple[Any, str]:
    return (_("Scheduled reports"), reverse("automation:report-list"))


class ReportListView(ListView):
    """The reports there are."""

    permission = "automation.report.view"
    template = "automation/report_list.html"
    empty_template = "automation/_empty_reports.html"
    title = _("Scheduled reports")
    order = Order("name", ("name_key", "pk"))
    filter_form = ReportFilters
    columns = (
        Column("name", _("Report"), "display_name", sort=("name_key", "pk"), href=report_url, is_wide=True),
        Column("dashboard", _("Dashboard"), "dashboard__display_name"),
        Column("rhythm", _("When"), rhythm_words),
        Column("readers", _("Readers"), "reader_count", kind="number"),
        Column("owner", _("Owner"), "owner__name"),
        Column("state", _("State"), status_of, kind="status"),
        Column("next", _("Next time"), "next_run_at", kind="instant"),
    )

    def rows(self) -> TenantQuerySet:
        return report_rows(self.actor, **self.filters)

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.actor.holds(EDIT)}


class ReportDetailView(PageView):
    """When a report goes out, to whom, and what became of the last ones."""

    permission = "automation.report.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        schedule = visible_or_404(report_rows(self.actor), pk=pk)
        runs = newest_runs(schedule)
        columns = (
            Column("slot", pgettext_lazy("report", "Due"), kind="instant", href=run_url, folded="title"),
            Column("state", _("State"), run_status, kind="status", folded="end"),
            Column("sent", _("Sent"), kind="number"),
            Column("refused", _("No right to see it"), kind="number"),
            Column("failed", _("Not delivered"), kind="number"),
            Column("asked_by", _("Sent by hand by"), "asked_by__name"),
        )
        context = {
            "report": schedule,
            "state": status_of(schedule),
            "when": rhythm_words(schedule),
            "period": dict(RANGES).get(schedule.period) or _("As the dashboard shows it"),
            "comparison": dict(COMPARISONS).get(schedule.comparison),
            "readers": readers_of(schedule),
            "roles": [reader.role for reader in schedule.readers.select_related("role").filter(role__isnull=False)],
            "table": Table(columns, runs, _now("The newest sendings"), layout="folds") if runs else None,
            "may_edit": bool(can(self.actor, EDIT, schedule)),
            "steps": [_list_step()],
        }
        return render_page(request, "automation/report_detail.html", context)


class ReportRunView(PageView):
    """Each reader's copy of one run."""

    permission = "automation.report.view"

    def get(self, request: HttpRequest, pk: int, run: int) -> HttpResponse:
        schedule = visible_or_404(ReportSchedule.objects.visible_to(self.actor), pk=pk)
        found = visible_or_404(ReportRun.objects.filter(schedule=schedule), pk=run)
        columns = (
            Column("member", _("Reader"), "member__name", is_wide=True, folded="title"),
            Column("state", _("State"), _mail_status, kind="status", folded="end"),
            Column("sent_at", _("Sent"), kind="instant"),
            Column("problem", _("Reason")),
        )
        context = {
            "report": schedule,
            "run": found,
            "table": Table(columns, mails_of(found), _now("Copies"), layout="folds"),
            "steps": [_list_step(), (schedule.display_name, report_url(schedule))],
        }
        return render_page(request, "automation/report_run.html", context)


def _mail_status(mail: ReportMail) -> Status:
    return Status(MAIL_LEVELS[mail.status], str(MailStatus(mail.status).label))


class ReportNewView(FormPageView):
    """A new report; `?dashboard=` chooses it beforehand."""

    permission = EDIT
    template = "automation/report_form.html"
    title = _("New scheduled report")
    submit_label = _("Schedule the report")
    message = _("The report is scheduled.")

    def form(self, data: Any = None, files: Any = None) -> ReportForm:
        chosen = self.request.GET.get("dashboard", "")
        initial = {
            "dashboard": chosen if chosen.isdecimal() else None,
            "rhythm": "weekly",
            "at": time(8),
            "month_day": 1,
            "members": [self.actor.member_id] if self.actor.member_id else [],
        }
        return ReportForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        return report_url(reports.create_report(self.actor, self.request.organization, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [_list_step()]}


class ScheduleView(FormPageView):
    """A form about one schedule."""

    permission = EDIT

    def prepare(self, **kwargs: Any) -> None:
        found = ReportSchedule.objects.visible_to(self.actor).select_related("dashboard__department")
        self.schedule = self.subject(found, pk=kwargs["pk"])

    def context(self) -> dict[str, Any]:
        return {"steps": [_list_step(), (self.schedule.display_name, report_url(self.schedule))]}


class ReportEditView(ScheduleView):
    """Changing a report."""

    template = "automation/report_form.html"
    title = _("Edit scheduled report")
    submit_label = _("Save")
    message = _("The report is saved.")

    def form(self, data: Any = None, files: Any = None) -> ChangeReportForm:
        readers = list(self.schedule.readers.all())
        initial = {name: getattr(self.schedule, name) for name in FIELDS} | {
            "dashboard": self.schedule.dashboard_id,
            "members": [reader.member_id for reader in readers if reader.member_id],
            "roles": [reader.role_id for reader in readers if reader.role_id],
        }
        return ChangeReportForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        return report_url(reports.change_report(self.actor, self.schedule, **facts))


class ReportDeleteView(ScheduleView):
    """Removing a report."""

    template = "organization/confirm.html"
    title = _("Delete scheduled report")
    submit_label = _("Delete for good")
    message = _("The report is deleted. The dashboard is still there.")

    def form(self, data: Any = None, files: Any = None) -> ConfirmForm:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        reports.delete_report(self.actor, self.schedule)
        return reverse("automation:report-list")


class ReportActionView(ActionView):
    """A button on a report's page."""

    permission = EDIT

    def schedule(self, pk: int) -> ReportSchedule:
        """The report that the address names."""
        found = ReportSchedule.objects.visible_to(self.actor).select_related("dashboard__department")
        return self.subject(found, pk=pk)

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("automation:report-detail", args=[kwargs["pk"]])


class ReportSendView(ReportActionView):
    """Send it now."""

    message = _("The report is on its way to its readers.")

    def act(self, **kwargs: Any) -> str:
        schedule = self.schedule(kwargs["pk"])
        reports.send_report_now(self.actor, schedule)
        return report_url(schedule)


class ReportPauseView(ReportActionView):
    """Switch it off."""

    message = _("The report is paused.")

    def act(self, **kwargs: Any) -> str:
        return report_url(reports.pause_report(self.actor, self.schedule(kwargs["pk"]), is_enabled=False))


class ReportResumeView(ReportActionView):
    """Switch it on again."""

    message = _("The report is switched on again.")

    def act(self, **kwargs: Any) -> str:
        return report_url(reports.pause_report(self.actor, self.schedule(kwargs["pk"]), is_enabled=True))
