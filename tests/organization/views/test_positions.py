"""Pages of positions: seen, made, merged, put into the bin and brought back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from organization.models import Organization, Position
from organization.services import positions
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member, make_organization

LIST = "/organization/positions/"
SignIn = Callable[..., Client]


@pytest.fixture
def clerk(organization: Organization) -> Position:
    with tenant_context(organization.pk):
        return positions.create_position(make_actor("owner"), organization, name="Clerk", name_zh="文员")


def reloaded(position: Position) -> Position:
    with tenant_context(position.organization_id):
        return Position.objects.select_related("merged_into").get(pk=position.pk)


@pytest.mark.parametrize(("language", "name"), [("en", "Clerk"), ("zh-hans", "文员")])
def test_o4_the_pages_of_a_position_open_in_both_languages(
    clerk: Position, sign_in: SignIn, language: str, name: str
) -> None:
    client = sign_in("admin")
    client.cookies["ops-language"] = language

    for path in ("", f"{clerk.pk}/", f"{clerk.pk}/edit/", f"{clerk.pk}/merge/", f"{clerk.pk}/delete/"):
        answer = client.get(LIST + path)
        assert (answer.status_code, name in answer.content.decode()) == (200, True), path


def test_o4_a_taken_name_comes_back_with_its_input(clerk: Position, sign_in: SignIn) -> None:
    answer = sign_in("admin").post(f"{LIST}new/", {"name": "Clerk", "description": "Writes it down"})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["name"]
    assert b"Writes it down" in answer.content
    with tenant_context(clerk.organization_id):
        assert Position.objects.count() == 1


def test_o4_a_merged_position_gives_its_members_to_the_other(clerk: Position, sign_in: SignIn) -> None:
    with tenant_context(clerk.organization_id):
        other = positions.create_position(make_actor("owner"), clerk.organization, name="Writer")
        member = make_member(None, position=clerk)

    facts = {"into": other.pk, "version": clerk.version}
    answer = sign_in("admin").post(f"{LIST}{clerk.pk}/merge/", facts, follow=True)

    assert answer.redirect_chain == [(f"{LIST}{other.pk}/", 302)]
    assert b"Clerk is merged into Writer." in answer.content
    assert reloaded(clerk).merged_into == other
    with tenant_context(clerk.organization_id):
        member.refresh_from_db()
        assert member.position_id == other.pk


def test_o4_a_position_goes_into_the_bin_and_comes_back(clerk: Position, sign_in: SignIn) -> None:
    client = sign_in("admin")

    assert client.post(f"{LIST}{clerk.pk}/delete/").status_code == 302
    in_use, in_bin = client.get(LIST), client.get(LIST, {"state": "bin"})
    assert [row.pk for row in in_use.context["page"].rows] == []
    assert [row.pk for row in in_bin.context["page"].rows] == [clerk.pk]

    assert client.post(f"{LIST}{clerk.pk}/restore/").status_code == 302
    assert reloaded(clerk).deleted_at is None


@pytest.mark.parametrize("act", ["edit", "merge", "delete", "restore"])
def test_o4_who_may_only_look_changes_no_position(clerk: Position, sign_in: SignIn, act: str) -> None:
    client = sign_in("manager")

    assert client.get(f"{LIST}{clerk.pk}/").status_code == 200
    assert client.post(f"{LIST}{clerk.pk}/{act}/", {"name": "Mine", "version": 1}).status_code == 403
    assert (reloaded(clerk).name, reloaded(clerk).deleted_at) == ("Clerk", None)


def test_o1_a_position_of_another_organization_is_not_found(organization: Organization, sign_in: SignIn) -> None:
    other = make_organization()
    with tenant_context(other.pk):
        theirs = positions.create_position(make_actor("owner"), other, name="Theirs")
    client = sign_in("owner")

    assert [client.get(f"{LIST}{theirs.pk}/{page}").status_code for page in ("", "edit/", "merge/")] == [404] * 3


@pytest.mark.parametrize("count", [1, 10])
def test_o4_the_list_takes_the_same_statements_for_any_number(
    organization: Organization, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        for number in range(count):
            position = positions.create_position(owner, organization, name=f"Position {number}")
            make_member(None, position=position)
    client = sign_in("admin")
    client.get(LIST)

    with django_assert_num_queries(8):
        answer = client.get(LIST)

    assert len(answer.context["page"].rows) == count
