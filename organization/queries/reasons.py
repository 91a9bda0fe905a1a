"""Why somebody may do something, or not: which role, borne for which department, reaching how far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext

from organization.access import Grant, can, covers_subject, department_of, owner_of
from organization.choices import Scope
from organization.models import Department, Member, RoleAssignment, RoleGrant
from organization.models.absence import lent_today
from organization.permissions import Permission, all_permissions
from organization.queries.actors import actor_for, member_of


@dataclass(frozen=True)
class Reason:
    """One role that gives a right, and whether it reaches the object; role None: what the object itself says to it."""

    role: Any
    reaches: bool
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """One right on one object: whether it is held, and every reason for and against."""

    permission: Permission
    is_held: bool
    reasons: list[Reason]


@dataclass(frozen=True)
class Held:
    """A right that a member holds: from which roles, how far."""

    permission: Permission
    sources: list[str]


def verdicts(member: Member, subject: Any) -> list[Verdict]:
    """What `member` may do with `subject`, the right to see it first. Active members hold rights, others none."""
    start = subject.view_permission.rpartition(".")[0]
    rights = [one for one in all_permissions() if one.codename.startswith(f"{start}.")]
    rights.sort(key=lambda one: one.codename != subject.view_permission)
    borne = list(_borne(member)) if member.is_active else []
    bearer = member_of(member.user_id) if subject.sharing and member.is_active else None
    actor = actor_for(bearer) if bearer is not None else None
    found = []
    for permission in rights:
        held = [(assignment, scope) for assignment, codename, scope in borne if codename == permission.codename]
        reasons = [_reason(assignment, scope, member, subject) for assignment, scope in held]
        if permission.reaches_own and not any(one.reaches for one in reasons):
            own = (_reason(one, Scope.OWN, member, subject) for one, _scope in held if one.member_id == member.pk)
            reasons += [one for one in own if one.reaches]
        is_held = any(one.reaches for one in reasons)
        if actor is not None and actor.holds(permission.codename):
            shared = subject.sharing.reasons(subject, actor, permission.codename)
            reasons += [Reason(None, reaches, sentence) for reaches, sentence in shared]
            is_held = bool(can(actor, permission.codename, subject))
        reasons.sort(key=lambda one: not one.reaches)
        found.append(Verdict(permission, is_held, reasons))
    return found


def rights_of(member: Member) -> list[tuple[Any, list[Held]]]:
    """(pillar, rights) that a member holds, in the order of the matrix."""
    borne = list(_borne(member)) if member.is_active else []
    groups: dict[str, tuple[Any, list[Held]]] = {}
    for permission in all_permissions():
        sources = [
            _source(assignment, scope) for assignment, codename, scope in borne if codename == permission.codename
        ]
        if sources:
            groups.setdefault(str(permission.group), (permission.group, []))[1].append(Held(permission, sources))
    return list(groups.values())


def _borne(member: Member) -> Iterable[tuple[RoleAssignment, str, str]]:
    """Own roles, and those that somebody who is away lends: their departments are those of the lender."""
    lent = lent_today(member.pk).values("assignment")
    found = RoleAssignment.objects.filter(Q(member=member) | Q(pk__in=lent))
    assignments = list(found.select_related("role", "department", "member__department").order_by("pk"))
    grants = RoleGrant.objects.filter(role__in={one.role_id for one in assignments})
    by_role: dict[int, list[tuple[str, str]]] = {}
    for role_id, codename, scope in grants.values_list("role", "codename", "scope"):
        by_role.setdefault(role_id, []).append((codename, scope))
    for assignment in assignments:
        for codename, scope in by_role.get(assignment.role_id, ()):
            yield assignment, codename, scope


def _reason(assignment: RoleAssignment, scope: str, member: Member, subject: Any) -> Reason:
    place = assignment.department or assignment.member.department
    grant = Grant(scope, place.pk if place else None, place.path if place else "")
    reaches = covers_subject(grant, subject, member_id=member.pk)
    sentence = _sentence(scope, place, subject, reaches)
    if assignment.member_id != member.pk:
        lender = gettext("Lent by %(name)s while they are away.") % {"name": assignment.member.name}
        sentence = f"{sentence} {lender}"
    return Reason(assignment.role, reaches, sentence)


def _sentence(scope: str, place: Department | None, subject: Any, reaches: bool) -> str:
    if scope == Scope.ORGANIZATION:
        return gettext("It reaches over the whole organization.")
    if scope == Scope.OWN:
        if reaches:
            return gettext("It reaches over own items, and this is one.")
        owner = owner_of(subject)
        return (
            gettext("It reaches over own items, and this belongs to somebody else.")
            if owner
            else gettext("It reaches over own items, and this belongs to nobody.")
        )
    if place is None:
        return gettext("It reaches over the member's department, and the member is in none.")
    words = {"place": place.display_name}
    reach = (
        gettext("It reaches over %(place)s and what is below") % words
        if scope == Scope.BELOW
        else gettext("It reaches over %(place)s") % words
    )
    where = department_of(subject)
    if where is None:
        return gettext("%(reach)s, and this belongs to no department.") % {"reach": reach}
    words = {"reach": reach, "where": where.display_name}
    if reaches:
        return gettext("%(reach)s, and this belongs to %(where)s.") % words
    return gettext("%(reach)s, but this belongs to %(where)s.") % words


def _source(assignment: RoleAssignment, scope: str) -> str:
    place = assignment.department or assignment.member.department
    words = {"role": assignment.role.display_name, "scope": str(Scope(scope).label)}
    if scope in (Scope.DEPARTMENT, Scope.BELOW) and place is not None:
        return gettext("%(role)s: %(scope)s, %(place)s") % (words | {"place": place.display_name})
    return gettext("%(role)s: %(scope)s") % words
