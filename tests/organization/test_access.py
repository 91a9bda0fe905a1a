"""The four scopes of the matrix: the filter of lists and the answer for one row must be the same rule."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import models

from organization.access import Actor, Grant, can, reach
from organization.choices import ActorKind, Scope
from organization.models import Department, Duty, Member, Organization
from organization.services.departments import create_department
from tests.factories import make_member

VIEW = {
    Department: "organization.department.view",
    Member: "organization.member.view",
    Duty: "organization.department.view",
}


def actor_with(member: Member, codename: str, *grants: Grant) -> Actor:
    return Actor(ActorKind.MEMBER, member.organization_id, member_id=member.pk, grants={codename: grants})


@pytest.fixture
def tree(scope: Organization, owner: Actor) -> dict[str, Department]:
    """Sales with North below it, and Works beside."""
    sales = create_department(owner, scope, name="Sales", code="S")
    north = create_department(owner, scope, name="North", code="N", parent=sales)
    works = create_department(owner, scope, name="Works", code="W")
    return {"sales": sales, "north": north, "works": works}


@pytest.mark.parametrize(
    ("scope_name", "expected"),
    [
        (Scope.OWN, {"me"}),
        (Scope.DEPARTMENT, {"me", "colleague"}),
        (Scope.BELOW, {"me", "colleague", "below"}),
        (Scope.ORGANIZATION, {"me", "colleague", "below", "beside", "nowhere"}),
    ],
)
def test_o4_each_scope_shows_its_members(tree: dict[str, Department], scope_name: str, expected: set[str]) -> None:
    Member.objects.update(is_active=False)
    sales = tree["sales"]
    people = {
        "me": make_member(None, department=sales),
        "colleague": make_member(None, department=sales),
        "below": make_member(None, department=tree["north"]),
        "beside": make_member(None, department=tree["works"]),
        "nowhere": make_member(None),
    }
    actor = actor_with(people["me"], VIEW[Member], Grant(scope_name, sales.pk, sales.path))

    seen = set(Member.objects.visible_to(actor).filter(is_active=True))

    assert {name for name, member in people.items() if member in seen} == expected
    assert {name for name, member in people.items() if can(actor, VIEW[Member], member)} == expected
    reaches = reach(actor, VIEW[Member])
    assert {name for name, member in people.items() if reaches(member)} == expected


def test_o4_a_department_whose_number_begins_alike_is_not_below(scope: Organization) -> None:
    one = Department.objects.create(name="1", code="1", path="/1/")
    twelve = Department.objects.create(name="12", code="12", path="/12/")
    actor = actor_with(make_member(None), VIEW[Department], Grant(Scope.BELOW, one.pk, one.path))

    assert list(Department.objects.visible_to(actor)) == [one]
    assert not can(actor, VIEW[Department], twelve)


def test_o4_a_narrow_right_without_a_department_shows_nothing(tree: dict[str, Department]) -> None:
    member = make_member(None)
    for scope_name in (Scope.DEPARTMENT, Scope.BELOW):
        actor = actor_with(member, VIEW[Department], Grant(scope_name))

        assert not Department.objects.visible_to(actor).exists()
        assert not any(can(actor, VIEW[Department], department) for department in tree.values())


def test_o4_no_right_shows_nothing_and_says_why(tree: dict[str, Department]) -> None:
    actor = actor_with(make_member(None), VIEW[Department])

    answer = can(actor, VIEW[Department], tree["sales"])

    assert not Department.objects.visible_to(actor).exists()
    assert not answer
    assert str(answer.reason) == "Your roles do not include this right."


@pytest.mark.parametrize("seed", range(20))
def test_o4_lists_and_single_answers_agree_on_random_trees(scope: Organization, owner: Actor, seed: int) -> None:
    chance = random.Random(seed)
    departments: list[Department] = []
    for number in range(chance.randint(1, 9)):
        parent = chance.choice([None, *departments])
        departments.append(create_department(owner, scope, name=f"D{number}", code=f"D{number}", parent=parent))
    members = [make_member(None, department=chance.choice([None, *departments])) for _ in range(8)]
    for department in departments:
        Duty.objects.create(name="Duty", department=department)
    places = [(department.pk, department.path) for department in departments] + [(None, "")]
    grants = [Grant(chance.choice(list(Scope)), *chance.choice(places)) for _ in range(chance.randint(0, 3))]

    for model, codename in VIEW.items():
        actor = actor_with(chance.choice(members), codename, *grants)
        listed = _keys(model.objects.visible_to(actor))
        answered = {row.pk for row in model.objects.all() if can(actor, codename, row)}

        assert listed == answered


@pytest.mark.parametrize("seed", range(20))
def test_o4_whatever_a_grant_covers_it_could_have_done_itself(scope: Organization, owner: Actor, seed: int) -> None:
    chance = random.Random(1000 + seed)
    departments: list[Department] = []
    for number in range(6):
        parent = chance.choice([None, *departments])
        departments.append(create_department(owner, scope, name=f"D{number}", code=f"D{number}", parent=parent))
    giver, receiver = make_member(None), make_member(None)
    for department in departments:
        make_member(None, department=department)
    codename = VIEW[Member]
    grants = [
        Grant(chance.choice([Scope.DEPARTMENT, Scope.BELOW]), place.pk, place.path)
        for place in chance.sample(departments, 2)
    ]
    actor = actor_with(giver, codename, *grants)
    reachable = _keys(Member.objects.visible_to(actor))

    for department in departments:
        for scope_name in (Scope.DEPARTMENT, Scope.BELOW, Scope.ORGANIZATION):
            if actor.covers(codename, scope_name, department.pk, department.path):
                given = actor_with(receiver, codename, Grant(scope_name, department.pk, department.path))
                assert _keys(Member.objects.visible_to(given)) <= reachable


def _keys(rows: models.QuerySet[Any]) -> set[int]:
    return set(rows.values_list("pk", flat=True))
