"""Reading runs."""

from __future__ import annotations

from django.db.models import Count, Q

from organization.access import Actor
from organization.models import Department
from organization.tenancy import TenantQuerySet
from processes.choices import StepState
from processes.models import Deviation, Run, RunStep, Sop


def run_rows(
    actor: Actor, *, state: str = "", sop: Sop | None = None, search: str = "", department: Department | None = None
) -> TenantQuerySet:
    """Runs that the actor may see. search: by reference or title; department: with those below it."""
    rows = Run.objects.visible_to(actor).select_related("sop", "department", "started_by")
    if state:
        rows = rows.filter(state=state)
    if department is not None:
        rows = rows.filter(department__path__startswith=department.path)
    if sop is not None:
        rows = rows.filter(sop=sop)
    if search:
        rows = rows.filter(Q(reference__iexact=search) | Q(title__icontains=search) | Q(title_zh__icontains=search))
    return rows


def steps_of(run: Run) -> TenantQuerySet:
    """The steps of a run in the order of the text, with those who owe or did them."""
    rows = RunStep.objects.filter(run=run).exclude(state=StepState.NOT_APPLICABLE)
    return rows.select_related("assigned_to", "finished_by", "role", "queue_department").order_by("position", "row")


def deviations_of(run: Run) -> TenantQuerySet:
    """What departed from the text in a run, in the order in which it happened."""
    rows = Deviation.objects.filter(run=run).select_related("step", "made_by", "corrective_owner")
    return rows.order_by("made_at", "pk")


def progress_of(runs: TenantQuerySet) -> TenantQuerySet:
    """The runs with `step_count` and `done_count`: steps that apply, and those of them that are settled."""
    applies = ~Q(steps__state=StepState.NOT_APPLICABLE)
    settled = Q(steps__state__in=[StepState.DONE, StepState.SKIPPED])
    return runs.annotate(step_count=Count("steps", filter=applies), done_count=Count("steps", filter=settled))
