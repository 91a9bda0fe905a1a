"""Large changes: how far a worker is, what became of the rows, and the file of those that stayed as they were."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops_platform.web.columns import Column
from ops_platform.web.exports import About, csv_lines
from ops_platform.web.htmx import redirect_page, render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Status
from organization.access import Actor
from organization.choices import JobStatus
from organization.errors import DomainError
from organization.models import BulkRun
from organization.queries.bulk_runs import bulk_runs
from organization.services import reads
from organization.services.bulk_runs import Apply
from organization.tenancy import TenantQuerySet
from organization.views.base import PageView, visible_or_404
from organization.views.editing import acts_of, list_view
from organization.views.lists import ListView

SHOWN = 50
LEVELS: dict[str, Any] = {
    JobStatus.WAITING: "neutral",
    JobStatus.RUNNING: "info",
    JobStatus.DONE: "good",
    JobStatus.FAILED: "bad",
}


def prepared(actor: Actor, run: BulkRun) -> Apply:
    """What is done to a row: the act of the list by its key, with the facts of its form. LookupError for one that is gone."""
    view = list_view(run.list_name)
    act = {one.key: one for one in acts_of(view.editables, view.bulk_acts, actor)}[run.act]
    facts: dict[str, Any] = {}
    if act.form:
        data = QueryDict(mutable=True)
        for name, values in run.facts.items():
            data.setlist(name, values)
        form = act.form(actor, data)
        if not form.is_valid():
            raise DomainError(gettext("What was chosen for the rows is no longer there. Choose again."))
        facts = form.cleaned_data

    def apply(actor: Actor, pk: int) -> None:
        row = view.one_row(actor, pk)
        try:
            act.apply(actor, row, facts)
        except DomainError as error:
            error.row_name = str(row)
            raise

    return apply


def _state(run: BulkRun) -> Status:
    return Status(LEVELS[run.status], str(JobStatus(run.status).label))


def _url(run: BulkRun) -> str:
    return reverse("organization:bulk-detail", args=[run.pk])


class BulkRunListView(ListView):
    """The large changes that the person asked for."""

    permission = "organization.home.view"
    template = "organization/list.html"
    title = _("Large changes")
    empty_template = "organization/_empty_bulk_runs.html"
    order = Order("newest", ("pk",), is_descending=True)
    columns = (
        Column("what", _("What"), "label", kind="link", href=_url, is_wide=True),
        Column("rows", _("Rows"), "total", kind="number"),
        Column("done", _("Changed rows"), "changed", kind="number"),
        Column("refused", _("Refused"), lambda run: len(run.refusals), kind="number"),
        Column("started", _("Started"), "created_at", kind="instant", folded="bare"),
        Column("state", _("State"), _state, kind="status", folded="end"),
    )

    def rows(self) -> TenantQuerySet:
        return bulk_runs(self.actor)


class BulkRunView(PageView):
    """Where a large change stands, and which rows stayed as they were."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = visible_or_404(bulk_runs(self.actor), pk=pk)
        context = {
            "run": run,
            "state": _state(run),
            "refusals": [(name or f"#{number}", reason) for number, name, reason in run.refusals[:SHOWN]],
            "refused": len(run.refusals),
            "progress_url": reverse("organization:bulk-progress", args=[run.pk]),
            "back_url": f"{reverse(run.list_name)}?{run.query or 'view=all'}",
            "steps": [(_("Large changes"), reverse("organization:bulk-list"))],
        }
        return render_page(request, "organization/bulk_run.html", context)


class BulkProgressView(PageView):
    """How far a large change is, asked again and again; when it is over, the page is loaded anew."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = visible_or_404(bulk_runs(self.actor), pk=pk)
        if not run.is_open:
            return redirect_page(request, _url(run))
        url = reverse("organization:bulk-progress", args=[run.pk])
        context = {"value": run.position, "most": run.total, "label": run.label, "url": url}
        return render_page(request, "components/progress.html", context)


class BulkRefusedView(PageView):
    """The rows that stayed as they were, with their reasons, as a file."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = visible_or_404(bulk_runs(self.actor), pk=pk)
        if not run.refusals:
            raise Http404
        columns = (
            Column("row", _("Row"), lambda item: item[0], kind="number"),
            Column("name", _("Name"), lambda item: item[1]),
            Column("reason", _("Reason"), lambda item: item[2]),
        )
        about = About(run.label, timezone.now(), ZoneInfo(timezone.get_current_timezone_name()), [])
        reads.note_export(self.actor, BulkRun, kind="csv", rows=len(run.refusals), filters=[])
        answer = HttpResponse(csv_lines(columns, run.refusals, about), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="refused-{run.pk}.csv"'
        return answer
