"""Members: joining, changing, leaving."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from organization.access import Actor, can
from organization.choices import BuiltInRole
from organization.engine.audit_chain import changes
from organization.engine.names import sort_key
from organization.errors import DomainError, StateConflict, TooNarrow
from organization.events import MEMBER_ADDED, MEMBER_CHANGED
from organization.models import Member, Organization, RoleAssignment, User
from organization.services import audit, events
from organization.services.roles import refuse_last_owner
from organization.usecases import use_case

# The trail names these fields and keeps neither old nor new text: erasing a person must not break the chain.
FREE_TEXT = ("name",)


class AlreadyMember(DomainError):
    """The person belongs to the organization already."""

    message = _("This person is a member already.")
    field = "email"


class AddressNotConfirmed(DomainError):
    """Somebody else may have made the account, and know its password."""

    message = _(
        "There is an account with this address, which its owner has not confirmed yet. Ask them to set a password through "
        "“Forgot your password?” on the sign-in page, then add them."
    )
    field = "email"


@use_case("organization.member.edit")
def add_member(
    actor: Actor, organization: Organization, *, email: str, name: str, password: str | None = None, **values: Any
) -> Member:
    """Make a person a member; somebody who has an account keeps it and its password.

    values: position, department, joined_on. Raises AlreadyMember, AddressNotConfirmed for an account whose
    password another organization's administrator may know, and TooNarrow for a department that the actor may not add to.
    Without a password a new person sets one through the reset mail.
    """
    _refuse_outside(actor, Member(department=values.get("department")))
    user = User.objects.filter(email=email.lower()).first()
    if user is not None:
        _check_account(user)
    try:
        with transaction.atomic():
            user = user or User.objects.create_user(email, password, name=name)
            member = Member.objects.create(user=user, name=name, name_pinyin=sort_key(name), **values)
    except IntegrityError as error:  # somebody else was adding them at the same moment
        raise AlreadyMember from error
    audit.record(actor, "organization.member.added", member, department=values.get("department"))
    events.emit(actor, MEMBER_ADDED, member)
    return member


@use_case("organization.member.edit")
def change_member(actor: Actor, member: Member, *, version: int, **values: Any) -> Member:
    """Change a member's own fields. version: what the editor saw; raises StateConflict when it is no longer that."""
    member = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if member.version != version:
        raise StateConflict
    leaves = values.get("is_active") is False and member.is_active
    if leaves and RoleAssignment.objects.filter(member=member, role__key=BuiltInRole.OWNER).exists():
        refuse_last_owner(leaving=member)
    changed = changes({name: getattr(member, name) for name in values}, values)
    for name, value in values.items():
        setattr(member, name, value)
    if "department" in changed:
        _refuse_outside(actor, member)
    member.name_pinyin = sort_key(member.name)
    member.version += 1
    member.save()
    texts = [name for name in FREE_TEXT if changed.pop(name, None)]
    audit.record(actor, "organization.member.changed", member, changed=changed, texts=texts)
    events.emit(actor, MEMBER_CHANGED, member)
    return member


def _check_account(user: User) -> None:
    if Member.objects.filter(user=user).exists():
        raise AlreadyMember
    if not EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
        raise AddressNotConfirmed


def _refuse_outside(actor: Actor, member: Member) -> None:
    if not can(actor, "organization.member.edit", member):
        raise TooNarrow(field="department")
