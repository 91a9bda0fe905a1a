"""Inviting people, and what becomes of an invitation until somebody accepts it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.access import Actor, can
from organization.choices import InvitationState
from organization.engine.tokens import token_digest
from organization.errors import DomainError, TooNarrow
from organization.models import Invitation, Member, Organization, Role
from organization.queue import enqueue
from organization.services import audit
from organization.services.roles import BeyondOwnRights, refuse_beyond
from organization.usecases import use_case

VALID_FOR = timedelta(days=7)
MOST_A_DAY = 300
LIVE = (InvitationState.OPEN, InvitationState.WAITING, InvitationState.FAILED)
SEND = "organization.send_invitation"


class TooManyInvitations(DomainError):
    """An account that was taken over must not become a machine for unwanted mail."""

    message = _("Too many invitations in one day. Send the rest tomorrow.")
    field = "emails"


class MembersAlready(DomainError):
    """Some of the people belong to the organization already."""

    field = "emails"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(_("Members already: %(names)s.") % {"names": ", ".join(names)})


class InvitationClosed(DomainError):
    """The invitation was accepted or revoked meanwhile."""

    message = _("This invitation was accepted or revoked meanwhile. Invite the person again.")


@dataclass(frozen=True)
class Mail:
    """What the mail of an invitation says. text: what its link ends with, known nowhere else."""

    invitation: Invitation
    text: str


@use_case("organization.member.edit")
def invite(
    actor: Actor, organization: Organization, *, emails: Sequence[str], role: Role | None, link_base: str, **values: Any
) -> list[Invitation]:
    """Invite people by mail: all of them, or nobody.

    values: language, department, position. link_base: the address that people reach the product by, without a
    path. An open invitation to the same address is replaced. Raises MembersAlready for members that the actor sees
    (others learn nothing of whom they do not see), BeyondOwnRights, TooNarrow and TooManyInvitations.
    """
    department = values.get("department")
    if not can(actor, "organization.member.edit", Invitation(department=department)):
        raise TooNarrow(field="department")
    if role is not None:
        if not actor.holds("organization.role.edit"):
            raise BeyondOwnRights(field="role")
        refuse_beyond(actor, role, department)
    wanted = list(dict.fromkeys(email.strip().lower() for email in emails))
    _refuse_members(actor, wanted)
    now = timezone.now()
    if Invitation.objects.filter(created_at__gt=now - timedelta(days=1)).count() + len(wanted) > MOST_A_DAY:
        raise TooManyInvitations
    made = []
    for email in wanted:
        _live(email).update(revoked_at=now)
        invitation = Invitation.objects.create(
            email=email, role=role, inviter_id=actor.member_id, expires_at=now + VALID_FOR, **values
        )
        audit.record(actor, "organization.invitation.sent", invitation, role=role and role.pk, department=department)
        enqueue(SEND, organization_id=organization.pk, invitation_id=invitation.pk, link_base=link_base)
        made.append(invitation)
    return made


@use_case("organization.member.edit")
def send_again(actor: Actor, invitation: Invitation, *, link_base: str) -> Invitation:
    """Mail a new link, which works as long as a first one; the link before works no longer. Raises InvitationClosed."""
    invitation = _locked(invitation)
    now = timezone.now()
    if invitation.accepted_at or invitation.revoked_at:
        raise InvitationClosed
    invitation.digest, invitation.problem, invitation.sent_at = "", "", None
    invitation.expires_at = now + VALID_FOR
    invitation.save(update_fields=["digest", "problem", "sent_at", "expires_at", "updated_at"])
    audit.record(actor, "organization.invitation.sent_again", invitation)
    enqueue(SEND, organization_id=invitation.organization_id, invitation_id=invitation.pk, link_base=link_base)
    return invitation


@use_case("organization.member.edit")
def revoke(actor: Actor, invitation: Invitation) -> Invitation:
    """Let the link work no longer; a second time changes nothing. Raises InvitationClosed once somebody accepted it."""
    invitation = _locked(invitation)
    if invitation.accepted_at:
        raise InvitationClosed
    if invitation.revoked_at is None:
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at", "updated_at"])
        audit.record(actor, "organization.invitation.revoked", invitation)
    return invitation


def prepare_mail(invitation_id: int, *, as_of: datetime) -> Mail | None:
    """Claim the mail of an invitation and make the text of its link; None where it is sent, claimed or closed already."""
    found = Invitation.objects.select_for_update(of=("self",)).filter(pk=invitation_id, digest="", sent_at=None)
    invitation = found.select_related("organization", "inviter", "role", "department").first()
    if invitation is None or invitation.state(as_of) not in LIVE:
        return None
    text = f"{invitation.organization_id}-{secrets.token_urlsafe(32)}"
    invitation.digest = token_digest(text)
    invitation.save(update_fields=["digest"])
    return Mail(invitation, text)


def note_sent(mail: Mail, *, as_of: datetime) -> None:
    """The mail went out."""
    _as_claimed(mail).update(sent_at=as_of, problem="")


def note_failure(mail: Mail, *, problem: str) -> None:
    """The mail did not go out; another try makes another link."""
    _as_claimed(mail).update(digest="", problem=problem[:200])


def close_others(invitation: Invitation, *, as_of: datetime) -> None:
    """Whoever has joined needs no second invitation."""
    _live(invitation.email).exclude(pk=invitation.pk).update(revoked_at=as_of)


def _as_claimed(mail: Mail) -> Any:
    return Invitation.objects.filter(pk=mail.invitation.pk, digest=mail.invitation.digest)


def _live(email: str) -> Any:
    return Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None)


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)


def _refuse_members(actor: Actor, emails: list[str]) -> None:
    members = Member.objects.visible_to(actor).filter(user__email__in=emails, is_active=True)
    if names := list(members.order_by("name_pinyin", "pk").values_list("name", flat=True)):
        raise MembersAlready(names)
