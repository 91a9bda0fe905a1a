"""The department tree."""

from __future__ import annotations

import pytest

from organization.access import Actor
from organization.errors import DepartmentCircle, NotAllowed, StateConflict, StillInUse
from organization.models import AuditEntry, Department, DomainEvent, Organization, Role
from organization.queries.audit import chain_check
from organization.services import departments
from organization.services.roles import give_role
from tests.factories import make_actor, make_member


def test_o4_create_department_below_parent_extends_its_path(scope: Organization, owner: Actor) -> None:
    top = departments.create_department(owner, scope, name="Sales", code="S")

    below = departments.create_department(owner, scope, name="Sales North", code="SN", parent=top)

    assert below.path == f"/{top.pk}/{below.pk}/"
    assert below.depth == 1


def test_o4_move_department_takes_its_subtree_along(scope: Organization, owner: Actor) -> None:
    first = departments.create_department(owner, scope, name="A", code="A")
    second = departments.create_department(owner, scope, name="B", code="B")
    child = departments.create_department(owner, scope, name="A1", code="A1", parent=first)
    leaf = departments.create_department(owner, scope, name="A11", code="A11", parent=child)

    departments.change_department(owner, child, version=child.version, parent=second)

    assert Department.objects.get(pk=child.pk).path == f"/{second.pk}/{child.pk}/"
    assert Department.objects.get(pk=leaf.pk).path == f"/{second.pk}/{child.pk}/{leaf.pk}/"
    assert Department.objects.get(pk=leaf.pk).depth == 2


def test_o4_move_department_below_itself_is_refused_and_changes_nothing(scope: Organization, owner: Actor) -> None:
    top = departments.create_department(owner, scope, name="A", code="A")
    child = departments.create_department(owner, scope, name="A1", code="A1", parent=top)

    with pytest.raises(DepartmentCircle):
        departments.change_department(owner, top, version=top.version, parent=child)

    assert Department.objects.get(pk=top.pk).path == f"/{top.pk}/"
    assert Department.objects.get(pk=top.pk).parent_id is None


def test_o4_change_department_seen_in_an_old_version_is_refused(scope: Organization, owner: Actor) -> None:
    department = departments.create_department(owner, scope, name="A", code="A")
    departments.change_department(owner, department, version=department.version, name="B")

    with pytest.raises(StateConflict):
        departments.change_department(owner, department, version=department.version, name="C")

    assert Department.objects.get(pk=department.pk).name == "B"


def test_o4_staff_cannot_create_departments_and_nothing_is_written(scope: Organization) -> None:
    staff = make_actor("staff")

    with pytest.raises(NotAllowed):
        departments.create_department(staff, scope, name="A", code="A")

    assert not Department.objects.exists()
    assert not DomainEvent.objects.exists()


def test_o4_delete_department_with_members_is_refused(scope: Organization, owner: Actor) -> None:
    department = departments.create_department(owner, scope, name="A", code="A")
    make_member(department=department)

    with pytest.raises(StillInUse):
        departments.delete_department(owner, department)

    assert Department.objects.filter(pk=department.pk).exists()


def test_o4_delete_department_that_a_role_is_borne_for_is_refused(scope: Organization, owner: Actor) -> None:
    department = departments.create_department(owner, scope, name="A", code="A")
    give_role(make_member(None), Role.objects.get(key="manager"), department)

    with pytest.raises(StillInUse):
        departments.delete_department(owner, department)

    assert Department.objects.filter(pk=department.pk).exists()
    assert not AuditEntry.objects.filter(verb="organization.department.deleted").exists()


def test_o5_every_change_is_in_the_trail_and_the_chain_is_whole(scope: Organization, owner: Actor) -> None:
    department = departments.create_department(owner, scope, name="A", code="A")
    departments.change_department(owner, department, version=department.version, name="B")

    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))

    assert verbs == [
        "organization.organization.founded",
        "organization.department.created",
        "organization.department.changed",
    ]
    assert chain_check().is_whole
    assert chain_check().count == 3
