"""Roles and the matrix of rights."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.choices import BuiltInRole
from organization.engine.audit_chain import changes
from organization.errors import BuiltInRoleFixed, DomainError, LastOwner, NotVisible, StateConflict, StillInUse
from organization.events import ROLE_CHANGED
from organization.models import Department, Member, Organization, Role, RoleAssignment, RoleGrant
from organization.permissions import all_permissions
from organization.services import audit, events, notices
from organization.usecases import use_case


class RoleNameTaken(DomainError):
    """Two roles with one name could not be told apart."""

    message = _("There is a role with this name already.")
    field = "name"


class UnknownRight(DomainError):
    """A right or scope that the matrix does not offer."""

    message = _("This right or scope does not exist.")


class BeyondOwnRights(DomainError):
    """Nobody can hand out more than they hold."""

    message = _("You cannot give a right that you do not hold yourself.")


@use_case("organization.role.edit")
def create_role(
    actor: Actor, organization: Organization, *, name: str, name_zh: str = "", description: str = ""
) -> Role:
    """A role of the organization's own, with no rights yet."""
    try:
        with transaction.atomic():
            role = Role.objects.create(name=name, name_zh=name_zh, description=description)
    except IntegrityError as error:
        raise RoleNameTaken from error
    audit.record(actor, "organization.role.created", role)
    events.emit(actor, ROLE_CHANGED, role)
    return role


@use_case("organization.role.edit")
def rename_role(
    actor: Actor, role: Role, *, version: int | None = None, name: str, name_zh: str = "", description: str = ""
) -> Role:
    """Change what a role is called. version: what the editor saw. Raises StateConflict, RoleNameTaken."""
    if role.key:
        raise BuiltInRoleFixed
    role = _locked(role, version)
    role.name, role.name_zh, role.description = name, name_zh, description
    try:
        with transaction.atomic():
            role.save(update_fields=["name", "name_zh", "description", "version", "updated_at"])
    except IntegrityError as error:
        raise RoleNameTaken from error
    audit.record(actor, "organization.role.renamed", role)
    events.emit(actor, ROLE_CHANGED, role)
    return role


@use_case("organization.role.edit")
def set_grants(actor: Actor, role: Role, *, version: int | None = None, grants: Mapping[str, str | None]) -> Role:
    """Set the scope of each named right (None takes it away); rights not named stay.

    version: what the editor saw, None for whatever stands. Raises StateConflict, BuiltInRoleFixed for owner and
    auditor, UnknownRight, and BeyondOwnRights for a right that the actor does not hold as widely.
    """
    if role.is_fixed:
        raise BuiltInRoleFixed
    role = _locked(role, version)
    offered = {permission.codename: permission.scopes for permission in all_permissions()}
    before = dict(RoleGrant.objects.filter(role=role).values_list("codename", "scope"))
    after = dict(before)
    for codename, scope in grants.items():
        if codename not in offered or (scope is not None and scope not in offered[codename]):
            raise UnknownRight
        if scope is None:
            after.pop(codename, None)
        else:
            after[codename] = scope
    gained = [codename for codename, scope in after.items() if before.get(codename) != scope]
    if not all(actor.covers(codename, after[codename]) for codename in gained):
        raise BeyondOwnRights
    role.save(update_fields=["version", "updated_at"])
    RoleGrant.objects.filter(role=role).exclude(codename__in=after).delete()
    RoleGrant.objects.bulk_create(
        [RoleGrant(role=role, codename=codename, scope=after[codename]) for codename in gained],
        update_conflicts=True,
        unique_fields=["organization", "role", "codename"],
        update_fields=["scope"],
    )
    lost = {codename: [scope, None] for codename, scope in before.items() if codename not in after}
    audit.record(actor, "organization.role.grants_set", role, changed=changes(before, after) | lost)
    events.emit(actor, ROLE_CHANGED, role)
    return role


@use_case("organization.role.edit")
def ask_second_factor(actor: Actor, role: Role, *, is_asked: bool) -> Role:
    """Whether whoever bears the role needs a second factor; built-in roles too. What stands already changes nothing."""
    role = Role.objects.select_for_update(of=("self",)).get(pk=role.pk)
    if role.needs_second_factor == is_asked:
        return role
    role.needs_second_factor, role.version = is_asked, role.version + 1
    role.save(update_fields=["needs_second_factor", "version", "updated_at"])
    changed = {"needs_second_factor": [not is_asked, is_asked]}
    audit.record(actor, "organization.role.changed", role, changed=changed)
    events.emit(actor, ROLE_CHANGED, role)
    return role


@use_case("organization.role.edit")
def delete_role(actor: Actor, role: Role) -> None:
    """Remove a role that nobody bears."""
    if role.key:
        raise BuiltInRoleFixed
    if RoleAssignment.objects.filter(role=role).exists():
        raise StillInUse(_("Members still bear this role. Take it from them first."))
    audit.record(actor, "organization.role.deleted", role)
    role.delete()


@use_case("organization.role.edit")
def assign_role(actor: Actor, member: Member, *, role: Role, department: Department | None = None) -> RoleAssignment:
    """Let a member bear a role, for their own department or a named one. Nobody hands out what they do not hold."""
    refuse_beyond(actor, role, department or member.department)
    assignment = give_role(member, role, department)
    facts = {"role": notices.in_both_languages(role)}
    notices.tell(actor, kind="organization.role_given", recipients=[member], subject=member, facts=facts)
    audit.record(actor, "organization.role.assigned", member, role=role.pk, department=department and department.pk)
    events.emit(actor, ROLE_CHANGED, role)
    return assignment


@use_case("organization.role.edit")
def withdraw_role(actor: Actor, member: Member, *, assignment: RoleAssignment) -> None:
    """Take a role from a member. Raises LastOwner when nobody else could administer the organization."""
    if assignment.member_id != member.pk:
        raise NotVisible
    refuse_beyond(actor, assignment.role, assignment.department or member.department)
    if assignment.role.key == BuiltInRole.OWNER:
        refuse_last_owner(leaving=assignment.member)
    role = assignment.role
    assignment.delete()
    facts = {"role": notices.in_both_languages(role)}
    notices.tell(actor, kind="organization.role_withdrawn", recipients=[member], subject=member, facts=facts)
    audit.record(actor, "organization.role.withdrawn", member, role=role.pk)
    events.emit(actor, ROLE_CHANGED, role)


def give_role(member: Member, role: Role, department: Department | None = None) -> RoleAssignment:
    """The row that makes a member bear a role; the same one again changes nothing."""
    assignment, _created = RoleAssignment.objects.get_or_create(member=member, role=role, department=department)
    return assignment


def refuse_last_owner(*, leaving: Member) -> None:
    """Raise LastOwner unless another active member is owner. Locks the owner role: two owners cannot both leave."""
    role = Role.objects.select_for_update(of=("self",)).get(key=BuiltInRole.OWNER)
    others = RoleAssignment.objects.filter(role=role, member__is_active=True, member__user__is_active=True)
    if not others.exclude(member=leaving).exists():
        raise LastOwner


def refuse_beyond(actor: Actor, role: Role, department: Department | None) -> None:
    """Raise BeyondOwnRights unless the actor holds all that the role gives to somebody of the department."""
    place = (department.pk, department.path) if department else (None, "")
    rights = RoleGrant.objects.filter(role=role).values_list("codename", "scope")
    if not all(actor.covers(codename, scope, *place) for codename, scope in rights):
        raise BeyondOwnRights


def _locked(role: Role, version: int | None) -> Role:
    role = Role.objects.select_for_update(of=("self",)).get(pk=role.pk)
    if version not in (None, role.version):
        raise StateConflict
    role.version += 1
    return role
