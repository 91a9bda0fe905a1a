"""The page of the tree as it was, and a move that is looked at first and taken back after."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from organization.choices import Scope
from organization.models import Department, Organization
from organization.services import departments
from organization.services.roles import create_role, give_role, set_grants
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member

LIST = "/organization/departments/"
HISTORY = f"{LIST}history/"
SignIn = Callable[..., Client]


def made(organization: Organization, *names: str) -> list[Department]:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        return [departments.create_department(owner, organization, name=name, code=name) for name in names]


def parent_of(department: Department) -> int | None:
    with tenant_context(department.organization_id):
        return Department.objects.get(pk=department.pk).parent_id


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_o5_the_history_shows_the_tree_of_a_day_and_the_moves(
    organization: Organization, sign_in: SignIn, language: str
) -> None:
    north, sales = made(organization, "North", "Sales")
    with tenant_context(organization.pk):
        departments.change_department(make_actor("owner"), north, version=north.version, parent=sales)
    client = sign_in("admin")
    client.cookies["ops-language"] = language

    now, before, wrong = (
        client.get(HISTORY),
        client.get(HISTORY, {"on": "2020-01-01"}),
        client.get(HISTORY, {"on": "x"}),
    )

    assert [code for _name, code in now.context["tree"]] == ["Sales", "North"]
    assert [(name, after) for _move, name, _before, after in now.context["moves"]] == [("North", "Sales")]
    assert before.context["tree"] == []
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (200, ["on"])


@pytest.mark.parametrize("count", [1, 10])
def test_o5_the_history_takes_the_same_statements_for_any_number(
    organization: Organization, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    top, *rest = made(organization, "Top", *(f"D{number}" for number in range(count)))
    with tenant_context(organization.pk):
        for one in rest:
            departments.change_department(make_actor("owner"), one, version=one.version, parent=top)
    client = sign_in("admin")
    client.get(HISTORY)

    with django_assert_num_queries(8):
        answer = client.get(HISTORY)

    assert len(answer.context["moves"]) == count


def test_o4_a_move_that_touches_people_is_shown_first_done_then_and_taken_back(
    organization: Organization, sign_in: SignIn
) -> None:
    sales, north = made(organization, "Sales", "North")
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        role = create_role(owner, organization, name="Lead")
        set_grants(owner, role, grants={"organization.department.view": Scope.BELOW})
        give_role(make_member(None, department=sales), role)
    client, url = sign_in("admin"), f"{LIST}{north.pk}/move/"
    facts = {"parent": sales.pk, "version": north.version}

    asked = client.post(url, facts)
    assert (asked.status_code, asked.context["effects"].gains, parent_of(north)) == (200, 1, None)
    assert b'name="sure"' in asked.content

    done = client.post(url, facts | {"sure": "1"}, follow=True)
    assert parent_of(north) == sales.pk

    undo = re.search(r"/undo/[^\"'\s<]+", done.content.decode())
    assert undo is not None
    client.post(undo[0])
    assert parent_of(north) is None
