"""What stands above a list is drawn once for what it follows from, and anew when any of that changes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from organization.models import Department, Organization, Position
from organization.services.departments import create_department
from organization.services.saved_views import save_view
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_actor, make_member, make_organization

LIST = "/organization/members/"


def filters(client: Client, query: str = "") -> str:
    """The form of the filters and the tools above the rows, without the token, which is another one each time."""
    shown = client.get(f"{LIST}{query}").content.decode().partition('id="filters"')[2].partition("<tbody>")[0]
    return re.sub(r'value="\w{64}"', "", shown)


@pytest.fixture
def client(organization: Organization, sign_in: Callable[..., Client]) -> Client:
    """Somebody who has seen the list before."""
    client = sign_in("admin")
    client.get(LIST)
    return client


def test_o7_a_new_renamed_moved_and_removed_choice_is_seen_at_once(organization: Organization, client: Client) -> None:
    with tenant_context(organization.pk):
        department = create_department(make_actor("owner"), organization, name="Sales", code="S")
    assert ">Sales<" in filters(client)

    with tenant_context(organization.pk):
        Department.objects.filter(pk=department.pk).update(name="Trade")
    assert ">Trade<" in filters(client)
    assert ">Sales<" not in filters(client)

    with tenant_context(organization.pk):
        Department.objects.filter(pk=department.pk).delete()
        Position.objects.create(name="Buyer")
    shown = filters(client)
    assert ">Trade<" not in shown
    assert ">Buyer<" in shown


def test_o7_a_saved_view_is_seen_at_once_and_gone_at_once(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        member = make_member("admin", name="Anna")
    client = sign_in(member=member)
    assert "Mine alone" not in filters(client)

    with tenant_context(organization.pk):
        view = save_view(
            actor_of(member), organization, list_name="organization:member-list", name="Mine alone", query="state=all"
        )
    assert "Mine alone" in filters(client)

    with tenant_context(organization.pk):
        type(view).objects.filter(pk=view.pk).delete()
    assert "Mine alone" not in filters(client)


def test_o4_what_is_kept_for_one_person_is_not_shown_to_another(
    organization: Organization, sign_in: Callable[..., Client], client: Client
) -> None:
    with tenant_context(organization.pk):
        create_department(make_actor("owner"), organization, name="Sales", code="S")
    other = make_organization()
    with tenant_context(other.pk):
        stranger = make_member("admin")

    assert ">Sales<" in filters(client)
    assert 'name="act"' in client.get(LIST).content.decode()
    assert 'name="act"' not in sign_in("staff").get(LIST).content.decode()
    assert ">Sales<" not in filters(sign_in(member=stranger))


def test_o7_order_and_language_have_tools_of_their_own(client: Client) -> None:
    plain, by_day = filters(client), filters(client, "?sort=joined")

    assert 'aria-sort="ascending"' in plain
    assert plain != by_day
    assert filters(client) == plain
    client.cookies["ops-language"] = "zh-hans"
    assert "筛选" in filters(client)


def test_o7_an_order_that_does_not_exist_leaves_nothing_of_it_on_the_plain_list(client: Client) -> None:
    plain = filters(client)

    assert "nonsense" in filters(client, "?sort=nonsense")
    assert filters(client) == plain
    assert "nonsense" not in plain
