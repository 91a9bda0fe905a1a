"""What a person likes is kept with the account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from ops_platform.web.formats import absolute, read_in
from organization.models import Member, Organization, User
from organization.tenancy import tenant_context
from tests.factories import make_member

URL = "/my/preferences/"
FACTS = {"language": "zh-hans", "timezone": "Asia/Tokyo", "theme": "dark", "density": "compact", "rows_per_page": "25"}


@pytest.fixture
def member(organization: Organization) -> Member:
    with tenant_context(organization.pk):
        return make_member("admin")


def test_o5_preferences_hold_on_every_page_and_device(member: Member, sign_in: Callable[..., Client]) -> None:
    client, other = sign_in(member=member), sign_in(member=member)

    answer = client.post(URL, FACTS)

    assert (answer.status_code, answer.cookies["ops-language"].value) == (302, "zh-hans")
    person = User.objects.get(pk=member.user_id)
    assert {name: str(getattr(person, name)) for name in FACTS} == FACTS
    assert person.uses_keys is False
    page = other.get("/organization/members/").content.decode()
    assert ' data-keys="off" data-theme="dark" data-density="compact">' in page


def test_a_list_shows_as_many_rows_as_its_reader_wants(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    client = sign_in(member=member)
    with tenant_context(organization.pk):
        for _number in range(60):
            make_member(None)

    assert len(client.get("/organization/members/").context["page"].rows) == 50
    client.post(URL, FACTS)
    assert len(client.get("/organization/members/").context["page"].rows) == 25


def test_the_menu_of_the_frame_keeps_one_choice_and_leaves_the_others(
    member: Member, sign_in: Callable[..., Client]
) -> None:
    client = sign_in(member=member)
    client.post(URL, FACTS)

    assert client.post("/my/look/", {"theme": ""}).status_code == 204
    assert client.post("/my/look/", {"uses_keys": "1"}).status_code == 204
    assert client.post("/my/look/", {"theme": "pink"}).status_code == 400

    person = User.objects.get(pk=member.user_id)
    assert (person.theme, person.density, person.uses_keys) == ("", "compact", True)


@pytest.mark.parametrize("bad", [{"timezone": "Mars/Base"}, {"rows_per_page": "10000"}, {"language": "xx"}])
def test_a_bad_preference_changes_nothing(member: Member, sign_in: Callable[..., Client], bad: dict[str, str]) -> None:
    assert sign_in(member=member).post(URL, FACTS | bad).status_code == 422
    assert User.objects.get(pk=member.user_id).density == ""


def test_instants_are_told_in_the_readers_zone() -> None:
    instant = datetime(2026, 3, 1, 12, tzinfo=UTC)

    with read_in("Asia/Tokyo"):
        assert absolute(instant) == "2026-03-01 21:00 JST"
    with read_in(""):
        assert absolute(instant) == "2026-03-01 12:00 UTC"
