"""Coming in: choosing an organization, finding one's way, the language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from organization.middleware import SESSION_KEY
from organization.models import Member, Organization, User
from organization.tenancy import tenant_context
from tests.factories import make_member, make_organization

CHOOSE = "/organization/choose/"


@pytest.fixture
def person_of_two(organization: Organization) -> tuple[User, Organization, Organization]:
    other = make_organization()
    with tenant_context(organization.pk):
        user = make_member("admin").user
    with tenant_context(other.pk):
        Member.objects.create(user=user, name=user.name)
    return user, organization, other


def test_with_one_organization_there_is_nothing_to_choose(organization: Organization, client: Client) -> None:
    with tenant_context(organization.pk):
        client.force_login(make_member("admin").user)

    answer = client.get("/organization/members/", follow=True)

    assert [url for url, _status in answer.redirect_chain] == [
        f"{CHOOSE}?next=%2Forganization%2Fmembers%2F",
        "/organization/members/",
    ]
    assert answer.status_code == 200


def test_a_person_of_two_organizations_switches(
    person_of_two: tuple[User, Organization, Organization], client: Client
) -> None:
    user, first, second = person_of_two
    client.force_login(user)

    page = client.get(CHOOSE)
    assert {organization.pk for organization in page.context["organizations"]} == {first.pk, second.pk}
    for organization in (first, second):
        assert client.post(CHOOSE, {"organization": organization.pk}).status_code == 302
        assert client.session[SESSION_KEY] == organization.pk


def test_o4_nobody_chooses_an_organization_of_others(organization: Organization, client: Client) -> None:
    other = make_organization()
    with tenant_context(organization.pk):
        client.force_login(make_member("admin").user)

    answer = client.post(CHOOSE, {"organization": other.pk})

    assert answer.status_code == 404
    assert SESSION_KEY not in client.session


def test_o4_a_session_that_names_anothers_organization_opens_nothing(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    other = make_organization()
    client = sign_in("owner")
    session = client.session
    session[SESSION_KEY] = other.pk
    session.save()

    assert client.get("/organization/members/").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "members", "."])
def test_choosing_never_leads_outside(organization: Organization, client: Client, target: str) -> None:
    with tenant_context(organization.pk):
        client.force_login(make_member("admin").user)

    answer = client.post(CHOOSE, {"organization": organization.pk, "next": target})

    assert answer["Location"] == "/"


def test_o7_the_chosen_language_is_remembered_for_the_person(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("staff")
    user = User.objects.get(pk=client.session["_auth_user_id"])

    answer = client.post("/language/", {"language": "zh-hans", "next": "/search/"})

    user.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/search/")
    assert user.language == "zh-hans"
    assert client.cookies["ops-language"].value == "zh-hans"


def test_o7_an_unknown_language_changes_nothing(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client = sign_in("staff")

    client.post("/language/", {"language": "xx"})

    assert User.objects.get(pk=client.session["_auth_user_id"]).language == ""


@pytest.mark.parametrize("text", ["", "   ", "\0", "%", "_", "'", "x" * 5000])
def test_search_survives_any_text(organization: Organization, sign_in: Callable[..., Client], text: str) -> None:
    answer = sign_in("owner").get("/search/", {"q": text})

    assert answer.status_code == 200
    assert answer.context["groups"] == []
