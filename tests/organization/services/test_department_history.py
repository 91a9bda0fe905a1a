"""Where departments stood: who moved what when, the tree of a day, whom a move touches, and no circle in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from organization.access import Actor
from organization.choices import Scope
from organization.models import Department, DepartmentPlace, Organization
from organization.queries.department_moves import MoveEffects, move_effects, moves, tree_on
from organization.services import departments
from organization.services.roles import create_role, give_role, set_grants
from tests.factories import make_member


def three(scope: Organization, owner: Actor) -> list[Department]:
    made = [departments.create_department(owner, scope, name=name, code=name) for name in ("A", "B", "C")]
    DepartmentPlace.objects.update(since_at=timezone.now() - timedelta(days=5))
    return made


def shown(days_ago: int) -> list[tuple[str, int]]:
    day = (timezone.now() - timedelta(days=days_ago)).date()
    return [(line.name, line.depth) for line in tree_on(day, timezone="UTC")]


def test_o5_the_tree_of_a_day_shows_names_and_places_of_that_day(scope: Organization, owner: Actor) -> None:
    a, b, c = three(scope, owner)

    departments.change_department(owner, b, version=1, parent=a)
    departments.change_department(owner, a, version=1, name="Top")
    departments.delete_department(owner, c)

    assert shown(0) == [("Top", 0), ("B", 1)]
    assert shown(1) == [("A", 0), ("B", 0), ("C", 0)]
    assert shown(9) == []
    [move] = moves()
    assert (move.number, move.above, move.by_id) == (b.pk, a.pk, owner.member_id)


def test_o4_the_database_refuses_a_circle_of_departments(scope: Organization, owner: Actor) -> None:
    a, b, _c = three(scope, owner)
    departments.change_department(owner, b, version=1, parent=a)

    for wrong in ({"parent": b}, {"parent": a}, {"parent": b, "path": f"/{a.pk}/{b.pk}/{a.pk}/"}, {"path": "/7/"}):
        with pytest.raises(IntegrityError, match="does not stand"):
            _put(a, wrong)

    assert Department.objects.get(pk=a.pk).parent is None


def test_o4_a_move_says_whom_it_touches(scope: Organization, owner: Actor) -> None:
    a, b, c = three(scope, owner)
    role = set_grants(owner, create_role(owner, scope, name="Lead"), grants={"organization.member.view": Scope.BELOW})
    departments.change_department(owner, c, version=1, parent=a)
    c = Department.objects.get(pk=c.pk)
    give_role(make_member(None, department=a), role)
    give_role(make_member(None, department=b), role)
    give_role(make_member(None, department=b), role)
    both = make_member(None)
    for place in (a, b):
        give_role(both, role, place)

    assert move_effects(c, b) == MoveEffects(gains=2, loses=1)
    assert move_effects(c, None) == MoveEffects(gains=0, loses=2)
    assert not move_effects(c, a).touches


def _put(department: Department, values: dict[str, object]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        Department.objects.filter(pk=department.pk).update(**values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
