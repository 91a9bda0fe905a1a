"""The board of running runs: each stands in one lane, by what a team leader has to look at first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, Value, When, Window
from django.db.models.functions import RowNumber

from organization.tenancy import TenantQuerySet
from processes.choices import TO_DO, AndonState, Lane, RunState, StepState
from processes.models import AndonCall, Run, RunStep, StepStamp
from processes.queries.runs import progress_of

STILL_AFTER = timedelta(days=3)
MOST_CARDS = 20


@dataclass(frozen=True)
class LaneRows:
    """One lane: how many runs stand in it, and the first of them, each with `step_count`, `done_count` and `at_step`."""

    lane: Lane
    count: int
    runs: list[Run] = field(default_factory=list)

    @property
    def beyond(self) -> int:
        """How many are not among the rows."""
        return self.count - len(self.runs)


def in_lanes(runs: TenantQuerySet, *, as_of: datetime) -> TenantQuerySet:
    """The runs that go on, with the `lane` in which each stands: the first of `Lane` that fits.

    Late: the run or a step that is to be done is past its time. Still: nothing became of any step for STILL_AFTER.
    """
    steps = RunStep.objects.filter(run=OuterRef("pk"), is_live=True)
    calls = AndonCall.objects.filter(run=OuterRef("pk")).exclude(state=AndonState.RESOLVED)
    moved = StepStamp.objects.filter(run=OuterRef("pk"), made_at__gt=as_of - STILL_AFTER)
    lane = Case(
        When(Exists(calls), then=Value(Lane.HELP)),
        When(Q(due_at__lt=as_of) | Exists(steps.filter(state__in=TO_DO, due_at__lt=as_of)), then=Value(Lane.LATE)),
        When(Exists(steps.filter(state=StepState.IN_APPROVAL)), then=Value(Lane.APPROVAL)),
        When(~Exists(moved), then=Value(Lane.STILL)),
        default=Value(Lane.GOING),
        output_field=CharField(),
    )
    return runs.filter(state__in=[RunState.RUNNING, RunState.PAUSED]).annotate(lane=lane)


def board(runs: TenantQuerySet, *, as_of: datetime) -> list[LaneRows]:
    """Every lane with its first runs, those due soonest first; four statements, however many runs there are."""
    placed = in_lanes(runs, as_of=as_of)
    counts = dict(placed.order_by().values_list("lane").annotate(count=Count("pk")))
    place = Window(RowNumber(), partition_by=F("lane"), order_by=[F("due_at").asc(nulls_last=True), F("pk")])
    first = list(
        placed.annotate(place=place)
        .filter(place__lte=MOST_CARDS)
        .select_related("sop", "department")
        .order_by("lane", "place")
    )
    _dress(first)
    return [LaneRows(lane, counts.get(lane, 0), [run for run in first if run.lane == lane]) for lane in Lane]


def _dress(runs: Iterable[Run]) -> None:
    """Give each run its counts and the step that it stands at."""
    ids = [run.pk for run in runs]
    counted = {run.pk: run for run in progress_of(Run.objects.filter(pk__in=ids)).only("pk")}
    standing = RunStep.objects.filter(run__in=ids, state__in=[*TO_DO, StepState.IN_APPROVAL])
    standing = standing.select_related("assigned_to", "role", "queue_department", "finished_by")
    steps = {step.run_id: step for step in standing.order_by("run_id", "position", "row").distinct("run_id")}
    for run in runs:
        run.step_count, run.done_count = counted[run.pk].step_count, counted[run.pk].done_count  # type: ignore[attr-defined]  # for the card
        run.at_step = steps.get(run.pk)  # type: ignore[attr-defined]  # for the card
