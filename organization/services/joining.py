"""Accepting an invitation: a new person, or one who has an account, becomes a member."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops_platform.database.scope import organization_var
from organization.access import Actor, can, system_actor
from organization.choices import BuiltInRole
from organization.engine.names import sort_key
from organization.errors import DomainError
from organization.events import MEMBER_ADDED
from organization.models import Invitation, Member, Role, RoleAssignment, User
from organization.queries.actors import actor_for, member_of
from organization.queries.invitations import account_of
from organization.queries.organizations import organization_called
from organization.services import audit, events, invitations, sign_in
from organization.services.members import AlreadyMember
from organization.services.roles import give_role, refuse_beyond
from organization.tenancy import tenant_context
from organization.usecases import use_case


class NotOpen(DomainError):
    """The link was used, revoked or too old meanwhile."""

    message = _("This invitation is no longer open. Ask for a new one.")


class InviterGone(DomainError):
    """Nobody joins on the word of somebody who may no longer invite them."""

    message = _("Whoever invited you may no longer do so. Ask for a new invitation.")


class HasAccount(DomainError):
    """The address belongs to an account whose owner has confirmed it."""

    message = _("You have an account already. Sign in to join.")


class SwitchedOff(DomainError):
    """The account must not be opened again by an invitation."""

    message = _("This account is switched off. Ask whoever runs this server.")


@use_case("organization.member.edit")
def join(actor: Actor, invitation: Invitation, *, person: User, name: str) -> Member:
    """Make the signed-in owner of the invited address a member. actor: the system, since nobody invites themselves.

    Raises NotOpen, InviterGone, HasAccount for an account of another address or one never confirmed, AlreadyMember.
    """
    invitation = _open(invitation)
    owner, is_confirmed = account_of(invitation.email)
    if owner is None or owner.pk != person.pk or not is_confirmed:
        raise HasAccount
    return _accept(invitation, person, name)


@use_case("organization.member.edit")
def join_as_new(
    actor: Actor,
    invitation: Invitation,
    *,
    name: str,
    password: str | None,
    passkey: dict[str, Any] | None = None,
    number: int | None = None,
) -> Member:
    """Make an account for the invited address and a member of its owner, with a password or a passkey.

    The link has proved whose the mailbox is. An account of this address that nobody ever confirmed was made by somebody
    else, who may know its password or have left a passkey of their own in it: it starts anew. number: the id that a
    passkey was made for. Raises NotOpen, InviterGone, HasAccount, SwitchedOff.
    """
    invitation = _open(invitation)
    person, is_confirmed = account_of(invitation.email)
    if is_confirmed:
        raise HasAccount
    if person is None:
        person = _new_person(invitation, name, number)
    elif not person.is_active:
        raise SwitchedOff
    start_anew(person)
    person.set_password(password)
    person.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(user=person, email=person.email, defaults={"verified": True, "primary": True})
    if passkey is not None:
        Authenticator.objects.create(
            user=person,
            type=Authenticator.Type.WEBAUTHN,
            data={"name": str(_("First passkey")), "credential": passkey},
        )
    return _accept(invitation, person, name)


def join_by_domain(slug: str, person: User) -> None:
    """Make somebody whom the identity provider knows a member, as staff, of the organization that their domain joins.

    Who is a member already stays what they are, switched off too. Does nothing inside another organization's scope.
    """
    if organization_var.get() is not None:
        return
    organization = organization_called(slug)
    with tenant_context(organization.pk):
        if Member.objects.filter(user=person).exists():
            return
        member = Member.objects.create(
            user=person, name=person.name, name_pinyin=sort_key(person.name), joined_on=timezone.localdate()
        )
        give_role(member, Role.objects.get(key=BuiltInRole.STAFF))
        actor = system_actor(organization.pk, "single sign-on")
        audit.record(actor, "organization.member.added", member)
        events.emit(actor, MEMBER_ADDED, member)


def start_anew(person: User) -> None:
    """Forget what whoever made the account may have left in it: other addresses, second factors, failed tries."""
    Authenticator.objects.filter(user=person).delete()
    EmailAddress.objects.filter(user=person).exclude(email=person.email).delete()
    sign_in.forget_failures(person.email)


def _new_person(invitation: Invitation, name: str, number: int | None) -> User:
    person = User(id=number, email=invitation.email, name=name, language=invitation.language)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:  # the account was made at the same moment
        raise HasAccount from error
    return person


def _open(invitation: Invitation) -> Invitation:
    """The invitation locked, still open, and still covered by the rights of who sent it."""
    found = Invitation.objects.select_for_update(of=("self",)).select_related(
        "inviter", "role", "department", "position"
    )
    invitation = found.get(pk=invitation.pk)
    if invitation.state(timezone.now()) not in invitations.LIVE:
        raise NotOpen
    inviter = member_of(invitation.inviter.user_id)
    if inviter is None or not inviter.user.is_active:
        raise InviterGone
    actor = actor_for(inviter)
    if not can(actor, "organization.member.edit", Invitation(department=invitation.department)):
        raise InviterGone
    if invitation.role is not None:
        if not actor.holds("organization.role.edit"):
            raise InviterGone
        refuse_beyond(actor, invitation.role, invitation.department)
    return invitation


def _accept(invitation: Invitation, person: User, name: str) -> Member:
    member = Member.objects.filter(user=person).first()
    if member is not None and member.is_active:
        raise AlreadyMember
    member = member or Member(user=person, joined_on=timezone.localdate())
    if member.pk is not None:  # who comes back gets what the invitation gives, not what they once had
        RoleAssignment.objects.filter(member=member).delete()
    member.name, member.name_pinyin = name, sort_key(name)
    member.department, member.position = invitation.department, invitation.position
    member.is_active = True
    member.save()
    if invitation.role is not None:
        give_role(member, invitation.role)
    invitation.accepted_at, invitation.member = timezone.now(), member
    invitation.save(update_fields=["accepted_at", "member", "updated_at"])
    invitations.close_others(invitation, as_of=invitation.accepted_at)
    joined = member_of(person.pk)
    assert joined is not None  # made above
    actor = actor_for(joined)
    audit.record(actor, "organization.invitation.accepted", invitation, member=member, role=invitation.role_id)
    events.emit(actor, MEMBER_ADDED, member)
    return member
