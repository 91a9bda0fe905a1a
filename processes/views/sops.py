"""Pages of SOPs: the list, one with its versions, and what is done with it as a whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ops_platform.web.columns import Column, Table
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Level, Status
from organization.access import can
from organization.queries.activity import may_see_activity
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.lists import ListView
from processes.choices import RunState, VersionState
from processes.forms.sops import ChangeSopForm, DuplicateForm, RetireForm, SopFilters
from processes.models import Run, Sop, SopVersion
from processes.queries.sops import sop_rows, versions_of
from processes.services import sops

EDIT, PUBLISH = "processes.sop.edit", "processes.sop.publish"
MOST_RUNS = 10
VERSION_LEVELS: dict[str, Level] = {
    VersionState.DRAFT: "info",
    VersionState.IN_REVIEW: "watch",
    VersionState.APPROVED: "info",
    VersionState.EFFECTIVE: "good",
    VersionState.RETIRED: "neutral",
}


def sop_url(sop: Sop) -> str:
    """The page of a SOP."""
    return sop.get_absolute_url()


def version_url(version: SopVersion) -> str:
    """The page of a version."""
    return version.get_absolute_url()


def version_status(version: SopVersion) -> Status:
    """The state of a version as a pill."""
    return Status(VERSION_LEVELS[version.state], str(VersionState(version.state).label))


def list_step() -> tuple[Any, str]:
    """The first step of the way to any SOP."""
    return (_("SOPs"), reverse("processes:sop-list"))


def _in_force(sop: Sop) -> str:
    return f"v{sop.current.number}" if sop.current else ""


def _state(sop: Any) -> Status:
    """What is most worth knowing of a SOP: that its review is overdue, what is being written, what holds."""
    if sop.retired_at is not None:
        return Status("neutral", str(VersionState.RETIRED.label))
    if sop.current and sop.current.review_on and sop.current.review_on < timezone.localdate():
        return Status("bad", _now("Review overdue"))
    if sop.written:
        return Status(VERSION_LEVELS[sop.written], str(VersionState(sop.written).label))
    return Status("good", str(VersionState.EFFECTIVE.label))


class SopListView(ListView):
    """The SOPs there are."""

    permission = "processes.sop.view"
    template = "processes/sop_list.html"
    empty_template = "processes/_empty_sops.html"
    title = _("SOPs")
    order = Order("name", ("name_key", "pk"))
    filter_form = SopFilters
    columns = (
        Column("name", _("SOP"), "display_name", kind="link", sort=("name_key", "pk"), href=sop_url, is_wide=True),
        Column("code", _("Code"), lambda sop: sop.code or sop.reference),
        Column("department", _("Department"), "department__display_name"),
        Column("owner", _("Owner"), "owner__name"),
        Column("current", _("In force"), _in_force),
        Column("state", _("State"), _state, kind="status", folded="end"),
        Column("review", _("Review by"), "current__review_on", kind="date"),
        Column("running", _("Running"), "running", kind="number"),
    )

    def rows(self) -> TenantQuerySet:
        filters = self.filters
        return sop_rows(
            self.actor,
            search=filters.get("q", ""),
            department=filters.get("department"),
            owner=filters.get("owner"),
            state=filters.get("state", ""),
            today=timezone.localdate(),
        )

    def context(self) -> dict[str, Any]:
        return {"may_create": self.actor.holds(EDIT)}


class SopDetailView(PageView):
    """A SOP: the version in force, all its versions, its latest runs, and what may be done."""

    permission = "processes.sop.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = Sop.objects.visible_to(self.actor).select_related("department", "owner")
        sop = visible_or_404(found, pk=pk)
        columns = (
            Column("number", _("Version"), lambda row: f"v{row.number}", kind="link", href=version_url),
            Column("state", _("State"), version_status, kind="status", folded="end"),
            Column("effective", _("Takes effect on"), "effective_on", kind="date"),
            Column("reason", _("What changes, and why"), "change_reason", is_wide=True),
            Column("by", _("Written by"), "made_by__name"),
            Column("approved", _("Approved by"), "approved_by__name"),
        )
        versions = versions_of(sop)
        current = next((row for row in versions if row.pk == sop.current_id), None)
        context = {
            "sop": sop,
            "current": current,
            "is_overdue": bool(current and current.review_on and current.review_on < timezone.localdate()),
            "open": next((row for row in versions if row.state in ("draft", "in_review")), None),
            "approved": next((row for row in versions if row.state == VersionState.APPROVED), None),
            "table": Table(columns, versions, _now("Versions"), layout="folds") if versions else None,
            "runs": self._runs(sop),
            "may_start": sop.current_id and not sop.retired_at and bool(can(self.actor, "processes.run.start", sop)),
            "may_edit": bool(can(self.actor, EDIT, sop)),
            "may_publish": bool(can(self.actor, PUBLISH, sop)),
            "may_see_activity": may_see_activity(self.actor, sop),
            "steps": [list_step()],
        }
        return render_page(request, "processes/sop_detail.html", context)

    def _runs(self, sop: Sop) -> Table | None:
        if not self.actor.holds("processes.run.view"):
            return None
        columns = (
            Column(
                "run", _("Run"), "display_title", kind="link", href=lambda run: run.get_absolute_url(), is_wide=True
            ),
            Column("state", _("State"), lambda run: RunState(run.state).label, folded="end"),
            Column("started", _("Started"), "started_at", kind="instant"),
        )
        rows = list(Run.objects.visible_to(self.actor).filter(sop=sop).order_by("-started_at", "-pk")[:MOST_RUNS])
        return Table(columns, rows, _now("Latest runs"), layout="folds") if rows else None


class SopFormView(FormPageView):
    """A form about one SOP."""

    permission = EDIT
    sop: Sop

    def prepare(self, **kwargs: Any) -> None:
        self.sop = self.subject(
            Sop.objects.visible_to(self.actor).select_related("department", "owner"), pk=kwargs["pk"]
        )

    def context(self) -> dict[str, Any]:
        return {"steps": [list_step(), (self.sop.display_name, sop_url(self.sop))]}


class SopEditView(SopFormView):
    """What stands around the text."""

    title = _("Edit the SOP")
    submit_label = _("Save")
    message = _("Saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        stands = {name: getattr(self.sop, name) for name in ("name", "name_zh", "code", "review_every_months")}
        stands |= {"department": self.sop.department, "owner": self.sop.owner, "version": self.sop.version}
        return ChangeSopForm(data, actor=self.actor, initial=stands)

    def save(self, facts: dict[str, Any]) -> str:
        return sop_url(sops.change_sop(self.actor, self.sop, **facts))


class SopDuplicateView(SopFormView):
    """A new SOP with the text of this one."""

    title = _("Duplicate the SOP")
    submit_label = _("Duplicate")
    message = _("The copy is a draft of yours.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        name = _now("%(name)s (copy)") % {"name": self.sop.name}
        return DuplicateForm(data, actor=self.actor, initial={"name": name})

    def save(self, facts: dict[str, Any]) -> str:
        return sop_url(sops.duplicate_sop(self.actor, self.sop, **facts))


class SopRetireView(SopFormView):
    """A SOP out of use."""

    permission = PUBLISH
    title = _("Retire the SOP")
    submit_label = _("Retire")
    message = _("The SOP is retired. What runs goes on; nobody starts a new run.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return RetireForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        return sop_url(sops.retire_sop(self.actor, self.sop, **facts))


class DraftStartView(ActionView):
    """The next version, as a draft with the text in force."""

    permission = EDIT
    message = _("This draft begins with the text in force.")

    def act(self, **kwargs: Any) -> str:
        sop = self.subject(Sop.objects.visible_to(self.actor), pk=kwargs["pk"])
        draft = sops.start_draft(self.actor, sop)
        return reverse("processes:version-edit", args=[draft.pk])

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("processes:sop-detail", args=[kwargs["pk"]])
