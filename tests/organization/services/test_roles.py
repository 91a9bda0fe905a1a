"""Roles, the matrix, and who may hand out what."""

from __future__ import annotations

from typing import Any

import pytest

from organization.access import Actor, Grant
from organization.choices import ActorKind, Scope
from organization.errors import BuiltInRoleFixed, LastOwner, NotAllowed, NotVisible, StateConflict, StillInUse
from organization.models import AuditEntry, Member, Organization, Role, RoleAssignment, RoleGrant
from organization.queries.roles import grants_of
from organization.services import members, roles
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_actor, make_member

EDIT_ROLES = "organization.role.edit"
SEE_MEMBERS = "organization.member.view"


def helper(scope: Organization, **grants: tuple[Grant, ...]) -> Actor:
    """Somebody who may edit roles and holds little else."""
    everywhere = (Grant(Scope.ORGANIZATION),)
    held: dict[str, tuple[Grant, ...]] = {EDIT_ROLES: everywhere, "organization.role.view": everywhere}
    held["organization.member.view"] = everywhere
    return Actor(ActorKind.MEMBER, scope.pk, member_id=make_member(None).pk, grants=held | grants)


def test_o4_set_grants_changes_what_is_named_and_keeps_the_rest(scope: Organization, owner: Actor) -> None:
    role = roles.create_role(owner, scope, name="Buyer")
    roles.set_grants(owner, role, grants={SEE_MEMBERS: Scope.OWN, "organization.home.view": Scope.ORGANIZATION})

    roles.set_grants(owner, role, grants={SEE_MEMBERS: Scope.BELOW})

    assert grants_of(role) == {SEE_MEMBERS: Scope.BELOW, "organization.home.view": Scope.ORGANIZATION}
    assert AuditEntry.objects.latest("pk").facts["changed"] == {SEE_MEMBERS: ["own", "below"]}


def test_o4_set_grants_takes_a_right_away(scope: Organization, owner: Actor) -> None:
    role = roles.create_role(owner, scope, name="Buyer")
    roles.set_grants(owner, role, grants={SEE_MEMBERS: Scope.OWN})

    roles.set_grants(owner, role, grants={SEE_MEMBERS: None})

    assert grants_of(role) == {}
    assert AuditEntry.objects.latest("pk").facts["changed"] == {SEE_MEMBERS: ["own", None]}


def test_o4_set_grants_seen_in_an_old_version_is_refused(scope: Organization, owner: Actor) -> None:
    role = roles.create_role(owner, scope, name="Buyer")
    roles.set_grants(owner, role, version=role.version, grants={SEE_MEMBERS: Scope.OWN})

    with pytest.raises(StateConflict):
        roles.set_grants(owner, role, version=role.version, grants={SEE_MEMBERS: None})

    assert grants_of(role) == {SEE_MEMBERS: Scope.OWN}


@pytest.mark.parametrize("rights", [{"no.such.right": Scope.OWN}, {"organization.role.edit": Scope.OWN}])
def test_o4_set_grants_refuses_what_the_matrix_does_not_offer(
    scope: Organization, owner: Actor, rights: dict[str, Any]
) -> None:
    role = roles.create_role(owner, scope, name="Buyer")

    with pytest.raises(roles.UnknownRight):
        roles.set_grants(owner, role, grants=rights)

    assert grants_of(role) == {}


@pytest.mark.parametrize("key", ["owner", "auditor"])
def test_o4_the_rights_of_owner_and_auditor_are_fixed(scope: Organization, owner: Actor, key: str) -> None:
    role = Role.objects.get(key=key)
    before = grants_of(role)

    with pytest.raises(BuiltInRoleFixed):
        roles.set_grants(owner, role, grants={SEE_MEMBERS: None})

    assert grants_of(role) == before


def test_o4_nobody_gives_a_role_a_right_that_they_lack(scope: Organization, owner: Actor) -> None:
    role = roles.create_role(owner, scope, name="Buyer")
    poor = helper(scope)

    with pytest.raises(roles.BeyondOwnRights):
        roles.set_grants(poor, role, grants={"organization.settings.edit": Scope.ORGANIZATION})

    assert not RoleGrant.objects.filter(role=role).exists()


def test_o4_nobody_gives_a_right_wider_than_their_own(scope: Organization, owner: Actor) -> None:
    sales = create_department(owner, scope, name="Sales", code="S")
    role = roles.create_role(owner, scope, name="Buyer")
    narrow = helper(scope, **{"organization.member.edit": (Grant(Scope.BELOW, sales.pk, sales.path),)})

    for wider in (Scope.ORGANIZATION, Scope.BELOW):
        with pytest.raises(roles.BeyondOwnRights):
            roles.set_grants(narrow, role, grants={"organization.member.edit": wider})

    assert grants_of(role) == {}


def test_o4_assign_role_within_ones_own_reach(scope: Organization, owner: Actor) -> None:
    sales = create_department(owner, scope, name="Sales", code="S")
    works = create_department(owner, scope, name="Works", code="W")
    role = roles.create_role(owner, scope, name="Lead")
    roles.set_grants(owner, role, grants={"organization.member.edit": Scope.BELOW})
    narrow = helper(scope, **{"organization.member.edit": (Grant(Scope.BELOW, sales.pk, sales.path),)})
    bearer = make_member(None, department=works)

    roles.assign_role(narrow, bearer, role=role, department=sales)
    for place in (works, None):
        with pytest.raises(roles.BeyondOwnRights):
            roles.assign_role(narrow, bearer, role=role, department=place)

    assert list(RoleAssignment.objects.filter(member=bearer).values_list("department", flat=True)) == [sales.pk]


def test_o4_nobody_takes_a_role_that_exceeds_their_own_rights(scope: Organization, owner: Actor) -> None:
    other = make_member("owner")
    assignment = RoleAssignment.objects.get(member=other)

    with pytest.raises(roles.BeyondOwnRights):
        roles.withdraw_role(helper(scope), other, assignment=assignment)

    assert RoleAssignment.objects.filter(pk=assignment.pk).exists()


def test_o4_withdraw_names_the_member_whose_role_it_is(scope: Organization, owner: Actor) -> None:
    bearer, other = make_member("staff"), make_member(None)
    assignment = RoleAssignment.objects.get(member=bearer)

    with pytest.raises(NotVisible):
        roles.withdraw_role(owner, other, assignment=assignment)

    assert RoleAssignment.objects.filter(pk=assignment.pk).exists()


def test_o4_the_last_owner_stays(organization: Organization) -> None:
    with tenant_context(organization.pk):
        last = Member.objects.get()
        actor = actor_of(last)

        with pytest.raises(LastOwner):
            roles.withdraw_role(actor, last, assignment=RoleAssignment.objects.get(member=last))
        with pytest.raises(LastOwner):
            members.change_member(actor, last, version=last.version, is_active=False)

        assert Member.objects.get().is_active
        assert RoleAssignment.objects.filter(member=last, role__key="owner").exists()


def test_o4_an_owner_who_cannot_sign_in_does_not_count(organization: Organization) -> None:
    with tenant_context(organization.pk):
        last = Member.objects.get()
        asleep = make_member("owner")
        asleep.user.is_active = False
        asleep.user.save()

        with pytest.raises(LastOwner):
            roles.withdraw_role(actor_of(last), last, assignment=RoleAssignment.objects.get(member=last))


def test_o4_a_role_that_is_borne_is_not_deleted(scope: Organization, owner: Actor) -> None:
    role = roles.create_role(owner, scope, name="Buyer")
    roles.assign_role(owner, make_member(None), role=role)

    with pytest.raises(StillInUse):
        roles.delete_role(owner, role)

    assert Role.objects.filter(pk=role.pk).exists()


def test_o4_a_role_without_bearers_goes_with_its_rights(scope: Organization, owner: Actor) -> None:
    role = roles.create_role(owner, scope, name="Buyer")
    roles.set_grants(owner, role, grants={SEE_MEMBERS: Scope.OWN})

    roles.delete_role(owner, role)

    assert not Role.objects.filter(name="Buyer").exists()
    assert not RoleGrant.objects.filter(role_id=role.pk).exists()


def test_o4_two_roles_of_one_name_are_refused(scope: Organization, owner: Actor) -> None:
    roles.create_role(owner, scope, name="Buyer")

    with pytest.raises(roles.RoleNameTaken):
        roles.create_role(owner, scope, name="Buyer")

    assert Role.objects.filter(name="Buyer").count() == 1


def test_o4_manager_cannot_touch_roles(scope: Organization) -> None:
    with pytest.raises(NotAllowed):
        roles.create_role(make_actor("manager"), scope, name="Mine")

    assert not Role.objects.filter(name="Mine").exists()
