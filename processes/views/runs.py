"""Pages of runs: the list, and one with all that is known of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ops_platform.web.columns import Column, Table
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Level, Status
from organization.access import Actor, can
from organization.tenancy import TenantQuerySet
from organization.views.base import PageView, visible_or_404
from organization.views.editing import BulkAct
from organization.views.lists import ListView
from processes.choices import Cause, RunState, StepState
from processes.forms.runs import RunFilters, cancel_form, give_form
from processes.models import Run, RunStep
from processes.queries.board import in_lanes
from processes.queries.runs import deviations_of, run_rows, steps_of
from processes.queries.times import as_clock, times_of
from processes.services import runs, steps

SETTLED = (StepState.DONE, StepState.SKIPPED)
OPEN_STATES = (RunState.RUNNING, RunState.PAUSED)
RUN_LEVELS: dict[str, Level] = {
    RunState.RUNNING: "info",
    RunState.PAUSED: "watch",
    RunState.FINISHED: "good",
    RunState.CANCELLED: "neutral",
}
STEP_LEVELS: dict[str, Level] = {
    StepState.WAITING: "neutral",
    StepState.OPEN: "info",
    StepState.CLAIMED: "info",
    StepState.STARTED: "info",
    StepState.IN_APPROVAL: "watch",
    StepState.DONE: "good",
    StepState.SKIPPED: "watch",
    StepState.NOT_APPLICABLE: "neutral",
}


def run_url(run: Run) -> str:
    """The page of a run."""
    return run.get_absolute_url()


def step_url(step: RunStep) -> str:
    """The page of a step."""
    return step.get_absolute_url()


def run_status(run: Run) -> Status:
    """The state of a run as a pill."""
    return Status(RUN_LEVELS[run.state], str(RunState(run.state).label))


def step_status(step: RunStep) -> Status:
    """The state of a step as a pill."""
    return Status(STEP_LEVELS[step.state], str(StepState(step.state).label))


def who_owes(step: RunStep) -> str:
    """Who did the step, else who owes it."""
    if step.finished_by or step.assigned_to:
        return str(step.finished_by or step.assigned_to)
    return str(step.role or step.queue_department or "")


def list_step() -> tuple[Any, str]:
    return (_("Runs"), reverse("processes:run-list"))


def _give(actor: Actor, run: Run, facts: dict[str, Any]) -> None:
    steps.reassign_run(actor, run, to=facts["to"], note=facts["note"])


def _cancel(actor: Actor, run: Run, facts: dict[str, Any]) -> None:
    runs.cancel_run(actor, run, reason=facts["reason"])


class RunListView(ListView):
    """The runs there are, the newest first."""

    permission = "processes.run.view"
    template = "processes/run_list.html"
    empty_template = "processes/_empty_runs.html"
    title = _("Runs")
    order = Order("started", ("-started_at", "-pk"))
    columns = (
        Column("run", _("Run"), "display_title", href=run_url, is_wide=True),
        Column("reference", pgettext_lazy("of an object", "Number"), "reference"),
        Column("sop", _("SOP"), "sop__display_name"),
        Column("department", _("Department"), "department__display_name"),
        Column("state", _("State"), run_status, kind="status"),
        Column("started", _("Started"), "started_at", kind="instant", sort=("-started_at", "-pk")),
        Column("due", _("Due"), "due_at", kind="instant"),
    )

    filter_form = RunFilters
    bulk_acts = (
        BulkAct("give", _("Give open steps to"), "user-check", "processes.run.reassign", _give, give_form),
        BulkAct("cancel", _("Cancel runs"), "x", "processes.run.cancel", _cancel, cancel_form, is_danger=True),
    )

    def rows(self) -> TenantQuerySet:
        filters = self.filters
        rows = run_rows(
            self.actor,
            state=filters.get("state", ""),
            sop=filters.get("sop"),
            search=filters.get("q", ""),
            department=filters.get("department"),
        )
        if lane := filters.get("lane"):
            rows = in_lanes(rows, as_of=timezone.now()).filter(lane=lane)
        return rows

    @staticmethod
    def one_row(actor: Actor, pk: int) -> Run:
        run: Run = visible_or_404(run_rows(actor), pk=pk)
        return run


class RunDetailView(PageView):
    """A run with its steps, what departed from the text, and why it was started."""

    permission = "processes.run.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = Run.objects.visible_to(self.actor).select_related("sop", "sop_version__sop", "department", "started_by")
        run = visible_or_404(rows, pk=pk)
        columns = (
            Column("step", _("Step"), "display_title", kind="link", href=step_url, is_wide=True),
            Column("state", _("State"), step_status, kind="status", folded="end"),
            Column("who", _("Responsible"), who_owes),
            Column("due", _("Due"), "due_at", kind="instant"),
            Column("finished", _("Finished"), "finished_at", kind="instant"),
        )
        steps = list(steps_of(run))
        context = {
            "cause": Cause(run.cause).label,
            "done": sum(step.state in SETTLED for step in steps),
            "all": len(steps),
            "deviations": deviations_of(run),
            "may_cancel": run.state in OPEN_STATES and bool(can(self.actor, "processes.run.cancel", run)),
            "run": run,
            "state": run_status(run),
            "times": {name: as_clock(seconds) for name, seconds in times_of(run).run.seconds().items()},
            "table": Table(columns, steps, _now("Steps"), layout="folds") if steps else None,
            "steps": [list_step()],
        }
        return render_page(request, "processes/run_detail.html", context)
