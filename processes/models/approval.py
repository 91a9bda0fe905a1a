"""Approvals of steps: who is asked, and what they said."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organization.personal import MEMBERSHIP, Erasure, Personal
from organization.tenancy import TenantForeignKey, TenantModel
from processes.choices import ApprovalState, Verdict
from processes.models.run import Run, RunStep
from processes.models.sharing import RunSharing


class Approval(TenantModel):
    """What is asked of the approvers of a step in one round. mode and needed as the content says: all, any, count, in order."""

    view_permission = "processes.run.view"
    owner_lookup = "run__started_by_id"
    department_lookup = "run__department"
    sharing = RunSharing("run")

    run = TenantForeignKey(Run, models.CASCADE, related_name="approvals")
    step = TenantForeignKey(RunStep, models.CASCADE, related_name="approvals")
    round = models.PositiveSmallIntegerField(default=1)
    mode = models.CharField(max_length=10)
    needed = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("State"), max_length=10, choices=ApprovalState.choices, default=ApprovalState.OPEN)
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "step", "round"], name="approval_once")]


class ApprovalVoter(TenantModel):
    """Somebody who may fill a seat among the approvers. seat: from 0, in the order of the text."""

    personal = Personal(_("Approvals that the person is asked for"), _("Approving work"), MEMBERSHIP, Erasure.PSEUDONYM)

    approval = TenantForeignKey(Approval, models.CASCADE, related_name="voters")
    seat = models.PositiveSmallIntegerField()
    member = TenantForeignKey("organization.Member", related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "approval", "seat", "member"], name="approval_voter_once")
        ]
        indexes = [models.Index(fields=["organization", "member", "approval"], name="approval_of_member")]


class ApprovalVote(TenantModel):
    """What a seat said. given_by differs from the seat's member where a delegate acted for them: both are kept."""

    personal = Personal(_("What the person approved"), _("Approving work"), MEMBERSHIP, Erasure.PSEUDONYM)

    approval = TenantForeignKey(Approval, models.CASCADE, related_name="votes")
    member = TenantForeignKey("organization.Member", related_name="+")
    given_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    verdict = models.CharField(max_length=5, choices=Verdict.choices)
    comment = models.CharField(_("Comment"), max_length=2000, blank=True)
    back_to = TenantForeignKey(RunStep, null=True, related_name="+")
    made_at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "approval", "member"], name="approval_vote_once"),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.YES) | (~Q(comment="") & Q(back_to__isnull=False)),
                name="approval_refusal_says_why",
            ),
        ]
