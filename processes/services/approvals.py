"""Approving the steps of a run, and sending them back to a chosen one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.models import Member
from organization.queries.absences import stood_in_for
from organization.services import audit, events, notices
from organization.services.work_items import close_item
from organization.usecases import use_case
from processes import work_kinds
from processes.choices import ApprovalState, StepState, Verdict
from processes.engine.approvals import Outcome, Vote, approval
from processes.engine.progress import reopened
from processes.errors import NeedsReason, NotAVoter, NotNow
from processes.events import RUN_FINISHED, STEP_APPROVED, STEP_SENT_BACK
from processes.models import Approval, ApprovalVote, RunStep, StepRound
from processes.services.frame import Frame
from processes.services.steps import Done

CLOCK = ("opened_at", "claimed_at", "started_at", "finished_at", "approved_at")


@use_case("processes.run.approve")
def vote_on_step(
    actor: Actor,
    step: RunStep,
    *,
    approves: bool,
    comment: str = "",
    back_to: RunStep | None = None,
    operation: UUID | None = None,
    device_at: datetime | None = None,
) -> Done:
    """Say yes or no to a step that waits for approval, for oneself or for somebody absent whose deputy one is.

    A no needs a comment and the step to go back to: this one, or one that the text allows; it and what was built on it
    open again with their answers, in the next round. Raises NotAVoter, NeedsReason, NotNow.
    """
    frame = Frame.of(actor, step.run_id, operation)
    if frame.replay is not None:
        return Done(frame.replay, is_replay=True)
    frame.require_running()
    row = frame.step(step.pk)
    if row.state != StepState.IN_APPROVAL:
        raise NotNow(_("This step does not wait for approval any more."), current=row.state)
    if not approves and not comment.strip():
        raise NeedsReason(_("Say what has to change."), field="comment")
    asked = Approval.objects.select_for_update(of=("self",)).get(step=row, round=row.round)
    seat = _seat(actor, asked)
    target = _target(frame, row, back_to)
    ApprovalVote.objects.create(
        approval=asked,
        member_id=seat,
        given_by_id=actor.member_id,
        verdict=Verdict.YES if approves else Verdict.NO,
        comment=comment.strip()[:2000],
        back_to=None if approves else target,
        made_at=frame.now,
        device_at=device_at,
    )
    outcome = _count(frame, row, asked)
    if outcome == Outcome.APPROVED:
        _grant(frame, row, asked)
    elif outcome == Outcome.SENT_BACK:
        _send_back(frame, row, asked, target, comment.strip())
    frame.save()
    facts = frame.reply(row, outcome=outcome.value)
    if outcome != Outcome.PENDING:
        name = STEP_APPROVED if outcome == Outcome.APPROVED else STEP_SENT_BACK
        events.emit(actor, name, row, run=frame.run.pk, round=row.round)
    if frame.has_ended:
        events.emit(actor, RUN_FINISHED, frame.run, sop=frame.run.sop_id, result=frame.run.result)
    audit.record(actor, "processes.step.voted", row, approves=approves, seat=seat, run=frame.run.pk)
    return Done(facts)


def _seat(actor: Actor, asked: Approval) -> int:
    """Whose voice the actor has: their own, else that of somebody absent. Raises NotAVoter, NotNow for a second vote."""
    voters = set(asked.voters.values_list("member_id", flat=True))
    spoken = set(asked.votes.values_list("member_id", flat=True))
    own = [actor.member_id] if actor.member_id else []
    absent = [absence.member_id for absence in stood_in_for(actor.member_id)]
    may = [pk for pk in (*own, *absent) if pk in voters]
    if not may:
        raise NotAVoter
    free = [pk for pk in may if pk not in spoken]
    if not free:
        raise NotNow(_("You have voted already."))
    return free[0]


def _target(frame: Frame, row: RunStep, back_to: RunStep | None) -> RunStep:
    rule = frame.texts[row.key].approval
    target = row if back_to is None else frame.step(back_to.pk)
    if target.pk != row.pk and (rule is None or target.key not in rule.send_back_to):
        raise NotNow(_("This step cannot be sent back to there."))
    return target


def _count(frame: Frame, row: RunStep, asked: Approval) -> Outcome:
    rule = frame.texts[row.key].approval
    assert rule is not None  # it waits for approval
    seats: list[set[str]] = [set() for _approver in rule.approvers]
    for voter in asked.voters.all():
        seats[voter.seat].add(str(voter.member_id))
    votes = [
        Vote(
            str(vote.given_by_id or vote.member_id),
            vote.verdict == Verdict.YES,
            str(vote.member_id) if vote.given_by_id != vote.member_id else "",
        )
        for vote in asked.votes.order_by("pk")
    ]
    excluded = {str(frame.run.started_by_id), str(row.finished_by_id)}
    found = approval(rule, seats, votes, excluded=excluded)
    if len(found.counted) < len(votes):
        raise NotAVoter(_("Your vote does not count here: you began this run or did the step, or it is not your turn."))
    return found.outcome


def _grant(frame: Frame, row: RunStep, asked: Approval) -> None:
    asked.state, asked.closed_at = ApprovalState.GRANTED, frame.now
    asked.save(update_fields=["state", "closed_at"])
    close_item(frame.actor, kind=work_kinds.APPROVAL, subject=row)
    frame.move(row, "approve", approved_at=frame.now)
    frame.settle(finished=[row.key])


def _send_back(frame: Frame, row: RunStep, asked: Approval, target: RunStep, comment: str) -> None:
    """Open the target and what was built on it again; each keeps its answers and the clock of its last round."""
    asked.state, asked.closed_at = ApprovalState.REFUSED, frame.now
    asked.save(update_fields=["state", "closed_at"])
    close_item(frame.actor, kind=work_kinds.APPROVAL, subject=row)
    places = set(reopened(frame.procedure, frame.facts(), (row.key, row.row), (target.key, target.row)))
    tell = set()
    for step in [one for one in frame.steps if (one.key, one.row) in places]:
        StepRound.objects.create(
            step=step,
            round=step.round,
            done_by_id=step.finished_by_id,
            **{name: getattr(step, name) for name in CLOCK},
            ended_at=frame.now,
            sent_back_by_id=frame.actor.member_id,
            comment=comment[:2000],
        )
        if step.pk != row.pk and step.state == StepState.IN_APPROVAL:
            Approval.objects.filter(step=step, round=step.round).update(
                state=ApprovalState.DROPPED, closed_at=frame.now
            )
            close_item(frame.actor, kind=work_kinds.APPROVAL, subject=step)
        tell.add(step.finished_by_id)
        frame.move(
            step,
            "reopen",
            round=step.round + 1,
            assigned_to_id=step.finished_by_id or step.assigned_to_id,
            opened_at=frame.now,
            sent_back_at=frame.now,
            finished_by=None,
            claimed_by=None,
            **dict.fromkeys(CLOCK[1:], None),
        )
        frame.opened.append(step)
    frame.settle()
    facts = {"step": target.title, "run": frame.run.title, "comment": comment}
    people = Member.objects.filter(pk__in=[pk for pk in tell if pk])
    notices.tell(
        frame.actor,
        kind="processes.step_sent_back",
        recipients=people,
        subject=row,
        facts=facts,
        url=target.get_absolute_url(),
    )
