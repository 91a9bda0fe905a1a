"""Members: joining, changing, leaving."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from pypinyin import lazy_pinyin

from organization.access import Actor
from organization.choices import BuiltInRole
from organization.errors import DomainError, StateConflict
from organization.events import MEMBER_ADDED, MEMBER_CHANGED
from organization.models import Member, Organization, RoleAssignment, User
from organization.services import audit, events
from organization.services.roles import refuse_last_owner
from organization.usecases import use_case


class AlreadyMember(DomainError):
    """The person belongs to the organization already."""

    message = _("This person is a member already.")
    field = "email"


def pinyin_of(name: str) -> str:
    """What a name sorts and is found by: Chinese characters as pinyin, everything in lower case."""
    return " ".join(lazy_pinyin(name)).lower()[:400]


@use_case("organization.member.edit")
def add_member(
    actor: Actor, organization: Organization, *, email: str, name: str, password: str | None = None, **values: Any
) -> Member:
    """Make a person a member; somebody who has an account keeps it and its password.

    values: position_title, department, joined_on. Raises AlreadyMember. Without a password a new person sets one
    through the reset mail.
    """
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name)
    if Member.objects.filter(user=user).exists():
        raise AlreadyMember
    member = Member.objects.create(user=user, name=name, name_pinyin=pinyin_of(name), **values)
    audit.record(actor, "organization.member.added", member, department=values.get("department"))
    events.emit(actor, MEMBER_ADDED, member)
    return member


@use_case("organization.member.edit")
def change_member(actor: Actor, member: Member, *, version: int, **values: Any) -> Member:
    """Change a member's own fields. version: what the editor saw; raises StateConflict when it is no longer that."""
    member = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if member.version != version:
        raise StateConflict
    if values.get("is_active") is False and member.is_active:
        if RoleAssignment.objects.filter(member=member, role__key=BuiltInRole.OWNER).exists():
            refuse_last_owner(leaving=member)
    changed = {name: [getattr(member, name), value] for name, value in values.items() if getattr(member, name) != value}
    for name, value in values.items():
        setattr(member, name, value)
    member.name_pinyin = pinyin_of(member.name)
    member.version += 1
    member.save()
    changed.pop("name", None)  # the trail holds no names of people
    audit.record(actor, "organization.member.changed", member, changed=changed)
    events.emit(actor, MEMBER_CHANGED, member)
    return member
