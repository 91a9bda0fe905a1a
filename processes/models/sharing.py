"""Whoever works on a run sees it, whatever their roles give them elsewhere."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from organization.access import Actor
from organization.models import RoleAssignment

VIEW = "processes.run.view"
ON_OWN_STEPS = (
    VIEW,
    "processes.run.work",
    "processes.run.approve",
    "processes.deviation.view",
    "processes.andon.view",
)


class RunSharing:
    """A run and what hangs on it are seen by its starter, by those who owe a step of it or did one, and by bearers of a
    role that owes one. run: the lookup from the row to the run, empty for the run itself."""

    def __init__(self, run: str = "") -> None:
        self.run = run

    def rows(self, actor: Actor, codename: str, granted: Q) -> Q:
        if actor.member_id is None or codename not in ON_OWN_STEPS or not granted or not actor.holds(codename):
            return granted
        return granted | Q(**{f"{self.run}_id__in" if self.run else "pk__in": runs_of(actor)})

    def covers(self, row: Any, actor: Actor, codename: str, granted: bool) -> bool:
        if granted or actor.member_id is None or codename not in ON_OWN_STEPS:
            return granted
        run_id = getattr(row, f"{self.run}_id") if self.run else row.pk
        return run_id is not None and _runs().objects.filter(Q(pk=run_id) & Q(pk__in=runs_of(actor))).exists()


def runs_of(actor: Actor) -> Any:
    """The numbers of runs in which the actor has or had a part."""
    steps = apps.get_model("processes", "RunStep").objects
    borne = RoleAssignment.objects.filter(member_id=actor.member_id, role_id=OuterRef("role_id"))
    mine = Q(assigned_to_id=actor.member_id) | Q(finished_by_id=actor.member_id)
    votes = apps.get_model("processes", "ApprovalVoter").objects.filter(member_id=actor.member_id)
    started = _runs().objects.filter(started_by_id=actor.member_id).values("pk")
    queued = steps.filter(Q(role__isnull=False) & Exists(borne)).values("run_id")
    return steps.filter(mine).values("run_id").union(queued, votes.values("approval__run_id"), started, all=True)


def _runs() -> Any:
    return apps.get_model("processes", "Run")
