"""An invitation by mail: how people become members."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.choices import InvitationState, Language
from organization.models.base import Stamped
from organization.personal import MEMBERSHIP, Erasure, Personal
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class Invitation(Stamped, TenantModel):
    """A place that waits for whoever reads the mailbox of `email`.

    `digest` is SHA-256 of the text in the link, and empty until the mail goes out: that text is made just before it is
    sent, and stored nowhere. A new mail makes a new one, so that the link of the mail before no longer works.
    """

    personal = Personal(
        _("E-mail address of who was invited"),
        _("Inviting people"),
        MEMBERSHIP,
        Erasure.BLANKED,
        blanks={"email": "erased@erased.invalid", "position": None},
    )
    view_permission = "organization.member.edit"
    department_lookup = "department"
    travel = Travel(arrives={"digest": "''", "revoked_at": "now()"})

    email = models.EmailField(_("E-mail"), max_length=254)
    language = models.CharField(_("Language"), max_length=10, choices=Language.choices)
    role = TenantForeignKey("organization.Role", models.SET_NULL, null=True, blank=True, related_name="+")
    department = TenantForeignKey("organization.Department", models.SET_NULL, null=True, blank=True, related_name="+")
    position = TenantForeignKey("organization.Position", models.SET_NULL, null=True, blank=True, related_name="+")
    inviter = TenantForeignKey("organization.Member", related_name="+")
    digest = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(_("Expires"))
    sent_at = models.DateTimeField(_("Sent"), null=True)
    problem = models.CharField(max_length=200, blank=True)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    member = TenantForeignKey("organization.Member", null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["organization", "digest"], name="invitation_digest"),
            models.Index(fields=["organization", "email"], name="invitation_email"),
        ]

    def __str__(self) -> str:
        return self.email

    def state(self, as_of: datetime) -> InvitationState:
        """Where it stands."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        if self.expires_at <= as_of:
            return InvitationState.EXPIRED
        if self.problem:
            return InvitationState.FAILED
        return InvitationState.OPEN if self.sent_at else InvitationState.WAITING
