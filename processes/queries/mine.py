"""What a member has to do on runs now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from organization.access import Actor
from organization.models import RoleAssignment
from organization.queries.absences import stood_in_for
from organization.tenancy import TenantQuerySet
from processes.choices import TO_DO, ApprovalState, StepState
from processes.models import Approval, ApprovalVote, ApprovalVoter, RunStep

MOST = 500


@dataclass(frozen=True)
class MyStep:
    """One line of "My steps". is_queued: nobody has taken it yet, and the member may."""

    pk: int
    run_id: int
    title: str
    run_title: str
    run_reference: str
    state: str
    due_at: datetime | None
    is_late: bool
    is_queued: bool
    is_critical: bool
    version: int


def my_step_rows(actor: Actor) -> TenantQuerySet:
    """Steps that the member can work on now: their own, and those of queues that are offered to them."""
    if actor.member_id is None:
        return RunStep.objects.none()
    borne = RoleAssignment.objects.filter(member_id=actor.member_id, role_id=OuterRef("role_id")).annotate(
        place=Coalesce("department_id", Value(actor.department_id))
    )
    in_place = Q(queue_department=None) | Q(Exists(borne.filter(place=OuterRef("queue_department_id"))))
    by_role = Q(role__isnull=False) & Q(Exists(borne)) & in_place
    by_group = Q(role=None, queue_department_id=actor.department_id, queue_department_id__isnull=False)
    queued = Q(state=StepState.OPEN, assigned_to=None, is_for_guest=False) & (by_role | by_group)
    own = Q(assigned_to_id=actor.member_id, state__in=TO_DO)
    return RunStep.objects.filter(own | queued, is_live=True).order_by(F("due_at").asc(nulls_last=True), "pk")


def asked_of_me(actor: Actor) -> list[Approval]:
    """Approvals that wait for the member, or for somebody absent whose deputy they are; the oldest first, at most 50."""
    if actor.member_id is None:
        return []
    mine = [actor.member_id, *(absence.member_id for absence in stood_in_for(actor.member_id))]
    voted = ApprovalVote.objects.filter(approval=OuterRef("approval_id"), member=OuterRef("member_id"))
    seats = ApprovalVoter.objects.filter(member__in=mine).exclude(Exists(voted)).values("approval_id")
    rows = Approval.objects.filter(state=ApprovalState.OPEN, step__is_live=True, pk__in=seats)
    return list(rows.select_related("step__finished_by", "run").order_by("asked_at", "pk")[:50])


def my_steps(actor: Actor, *, as_of: datetime) -> list[MyStep]:
    """What is due first comes first; at most MOST. One statement."""
    rows = (
        my_step_rows(actor)
        .select_related("run")
        .only(
            *(f"run__{name}" for name in ("title", "title_zh", "reference", "organization_id")),
            *(
                "title",
                "title_zh",
                "state",
                "due_at",
                "is_critical",
                "version",
                "assigned_to_id",
                "run_id",
                "organization_id",
            ),
        )
    )
    return [
        MyStep(
            pk=step.pk,
            run_id=step.run_id,
            title=step.display_title,
            run_title=step.run.display_title,
            run_reference=step.run.reference,
            state=step.state,
            due_at=step.due_at,
            is_late=step.due_at is not None and step.due_at < as_of,
            is_queued=step.assigned_to_id is None,
            is_critical=step.is_critical,
            version=step.version,
        )
        for step in rows[:MOST]
    ]
