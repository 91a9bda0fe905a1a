"""What a run asks of others: approvals, and corrections of what went wrong. Part of use cases."""

from __future__ import annotations

from datetime import datetime

from organization.models import Member
from organization.services.work_items import open_item
from processes import work_kinds
from processes.engine.content import ApprovalRule
from processes.errors import NobodyToApprove
from processes.models import Approval, ApprovalVoter, Deviation, RunStep
from processes.services.frame import Frame


def ask(frame: Frame, step: RunStep, rule: ApprovalRule) -> Approval:
    """Ask the approvers of a step that is done. Raises NobodyToApprove where those who may cannot be found."""
    seen = {key: answer.value for (key, row), answer in frame.answers.items() if row in (0, step.row)}
    seats = [frame.people.members(approver, frame.run, seen) for approver in rule.approvers]
    excluded = {frame.run.started_by_id, frame.actor.member_id} if rule.no_self else set()
    free = {member.pk: member for seat in seats for member in seat if member.pk not in excluded}
    if not free:
        raise NobodyToApprove
    approval = Approval.objects.create(
        run=frame.run, step=step, round=step.round, mode=rule.mode.value, needed=rule.count, asked_at=frame.now
    )
    ApprovalVoter.objects.bulk_create(
        ApprovalVoter(approval=approval, seat=number, member=member)
        for number, seat in enumerate(seats)
        for member in {one.pk: one for one in seat}.values()
    )
    for member in free.values():
        open_item(
            frame.actor,
            kind=work_kinds.APPROVAL,
            subject=step,
            owner=member,
            occasion=f"round-{step.round}",
            facts={"step": step.title, "run": frame.run.title},
            url=step.get_absolute_url(),
        )
    return approval


def correct(frame: Frame, deviation: Deviation, action: str, owner: Member, due_at: datetime | None) -> None:
    """Let somebody owe the correction of what went wrong."""
    deviation.corrective, deviation.corrective_owner, deviation.corrective_due_at = action[:1000], owner, due_at
    deviation.save(update_fields=["corrective", "corrective_owner", "corrective_due_at"])
    open_item(
        frame.actor,
        kind=work_kinds.CORRECTIVE,
        subject=deviation,
        owner=owner,
        due_at=due_at,
        facts={"action": action},
        url=deviation.get_absolute_url(),
    )
