"""What a change of rights would do, before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from organization.access import Actor
from organization.models import Member, Role, RoleAssignment
from organization.permissions import Permission, find
from organization.queries.actors import actor_for, member_of
from organization.queries.kinds import kinds
from organization.services.roles import set_grants

MOST_COUNTED = 30


@dataclass(frozen=True)
class Effect:
    """What one right becomes for one member. before, after: how many objects it reaches; None where none are counted."""

    member: Member
    before: int | None
    after: int | None
    is_gained: bool
    is_lost: bool


@dataclass(frozen=True)
class RightChange:
    """One right of the role that would change, and whom that would touch."""

    permission: Permission
    old: str | None
    new: str | None
    effects: list[Effect]


@dataclass(frozen=True)
class Preview:
    """All of it. bearer_count: active members who bear the role; uncounted: how many of them were not looked at."""

    changes: list[RightChange]
    bearer_count: int
    uncounted: int


def preview_grants(actor: Actor, role: Role, *, version: int, grants: Mapping[str, str | None]) -> Preview:
    """Make the change, look at what everybody may do then, and take it back. Raises what `set_grants` raises.

    Who holds a right as widely through another role is touched by nothing, and not named.
    """
    before_rights = dict(role.grants.values_list("codename", "scope"))
    found = RoleAssignment.objects.filter(role=role, member__is_active=True, member__user__is_active=True)
    people = list(Member.objects.filter(pk__in=found.values("member")).order_by("name_pinyin", "pk"))
    looked_at = people[:MOST_COUNTED]
    before = {member.pk: _actor(member) for member in looked_at}
    with transaction.atomic():
        set_grants(actor, role, version=version, grants=grants)
        after = {member.pk: _actor(member) for member in looked_at}
        transaction.set_rollback(True)
    changed = [codename for codename, scope in grants.items() if before_rights.get(codename) != scope]
    changes = [
        RightChange(
            find(codename),
            before_rights.get(codename),
            grants[codename],
            [
                effect
                for member in looked_at
                if (effect := _effect(codename, member, before[member.pk], after[member.pk])) is not None
            ],
        )
        for codename in changed
    ]
    return Preview(changes, len(people), len(people) - len(looked_at))


def _actor(member: Member) -> Actor | None:
    found = member_of(member.user_id)
    return actor_for(found) if found else None


def _effect(codename: str, member: Member, before: Actor | None, after: Actor | None) -> Effect | None:
    if before is None or after is None or before.grants.get(codename) == after.grants.get(codename):
        return None
    was, will = _count(before, codename), _count(after, codename)
    held, holds = before.holds(codename), after.holds(codename)
    if held == holds and was == will and was is not None:
        return None
    return Effect(member, was, will, is_gained=holds and not held, is_lost=held and not holds)


def _count(actor: Actor, codename: str) -> int | None:
    """How many objects the right reaches, where it is about a kind of objects that have pages."""
    model: Any = next(
        (kind.model for kind in kinds().values() if codename.rpartition(".")[0] == _prefix(kind.model)), None
    )
    if model is None:
        return None
    return model.objects.filter(actor.rows(model, codename)).count()


def _prefix(model: Any) -> str:
    return str(getattr(model, "view_permission", "")).rpartition(".")[0]
