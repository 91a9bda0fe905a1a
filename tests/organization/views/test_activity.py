"""What happened to an object, on its page and on one of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from organization.access import system_actor
from organization.models import Department, Member, Organization, Watch
from organization.services import members, reads
from organization.services.departments import change_department, create_department
from organization.services.positions import create_position
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member

SWAP = {"HX-Request": "true"}
SignIn = Callable[..., Client]


def department(organization: Organization, changes: int = 0) -> Department:
    """A department that the owner made and the system renamed."""
    with tenant_context(organization.pk):
        made = create_department(make_actor("owner"), organization, name="D0", code="D")
        for number in range(changes):
            system = system_actor(organization.pk, "import_file")
            made = change_department(system, made, name=f"D{number + 1}", version=made.version)
    return made


def lines(client: Client, label: str, pk: int) -> list[tuple[str, str, list[str]]]:
    answer = client.get(f"/activity/{label}/{pk}/")
    return [(line.who, line.what, line.details) for line in answer.context["lines"]]


def test_people_and_the_system_stand_in_one_list_with_before_and_after(
    organization: Organization, sign_in: SignIn
) -> None:
    made = department(organization, changes=1)

    found = lines(sign_in("owner"), "organization.department", made.pk)

    assert found[0] == ("System: file import", "changed", ["Name: D0 → D1"])
    assert [what for _who, what, _details in found] == ["changed", "created"]


def test_older_entries_follow_by_their_place_and_take_the_focus(organization: Organization, sign_in: SignIn) -> None:
    made = department(organization, changes=24)
    client = sign_in("owner")

    url = f"/activity/organization.department/{made.pk}/"
    first = client.get(url, headers=SWAP).content.decode()
    cursor = re.findall(r"cursor=([^\"]+)", first)[0]
    second = client.get(f"{url}?cursor={cursor}", headers=SWAP).content.decode()

    assert [part.count("feed__row activity") for part in (first, second)] == [20, 5]
    assert [part.count("data-focus") for part in (first, second)] == [0, 1]
    assert "created" in second
    assert "cursor=" not in second
    assert "<html" not in second


def test_a_hidden_object_has_no_activity(organization: Organization, sign_in: SignIn) -> None:
    with tenant_context(organization.pk):
        other = make_member("staff")
    client = sign_in(None)

    assert client.get(f"/activity/organization.member/{other.pk}/").status_code in (403, 404)
    assert sign_in("owner").get("/activity/organization.member/987654/").status_code == 404
    assert sign_in("owner").get("/activity/organization.nothing/1/").status_code == 404


def test_what_happened_to_a_person_is_for_the_person_and_who_may_change_them(
    organization: Organization, sign_in: SignIn
) -> None:
    with tenant_context(organization.pk):
        person = make_member("manager")
        buyer = create_position(make_actor("owner"), organization, name="Buyer")
        members.change_member(make_actor("owner"), person, position=buyer, version=person.version)
    page = f"/organization/members/{person.pk}/"
    url = f"/activity/organization.member/{person.pk}/"
    mine, owner, colleague = sign_in(member=person), sign_in("owner"), sign_in("staff")

    assert mine.get(url).context["lines"][0].details == ["Position: – → Buyer"]
    assert owner.get(url).status_code == 200
    assert url in owner.get(page).content.decode()
    assert colleague.get(url).status_code in (403, 404)
    assert url not in colleague.get(page).content.decode()


def test_what_others_read_is_told_to_readers_of_the_trail_alone(organization: Organization, sign_in: SignIn) -> None:
    made = department(organization)
    with tenant_context(organization.pk):
        reads.note_download(make_actor("owner"), made, attachment=1)

    seen = {role: lines(sign_in(role), "organization.department", made.pk) for role in ("auditor", "staff")}

    assert [what for _who, what, _details in seen["auditor"]] == ["downloaded", "created"]
    assert [what for _who, what, _details in seen["staff"]] == ["created"]


@pytest.mark.parametrize("count", [1, 10])
def test_activity_costs_the_same_for_one_and_ten(
    organization: Organization, sign_in: SignIn, count: int, django_assert_num_queries: Any
) -> None:
    made = department(organization, changes=count)
    client = sign_in("owner")

    # Session, person, the object, entries, earlier homes of the trail, names of departments, two of the savepoint
    with django_assert_num_queries(8):
        assert len(lines(client, "organization.department", made.pk)) == count + 1


def test_a_page_fetches_its_activity_only_when_asked(organization: Organization, sign_in: SignIn) -> None:
    made = department(organization, changes=1)

    page = sign_in("owner").get(f"/organization/departments/{made.pk}/").content.decode()

    assert f'hx-get="/activity/organization.department/{made.pk}/"' in page
    assert "toggle from:closest details once" in page
    assert "file import" not in page


@pytest.mark.parametrize(("level", "word"), [("", "Follow"), ("follow", "Following"), ("mute", "Muted")])
def test_pages_show_how_one_follows_the_object(
    organization: Organization, sign_in: SignIn, level: str, word: str
) -> None:
    made = department(organization)
    with tenant_context(organization.pk):
        reader: Member = make_member("owner")
        person = make_member("staff")
    client = sign_in(member=reader)
    seen = [
        ("organization.department", made.pk, f"/organization/departments/{made.pk}/"),
        ("organization.member", person.pk, f"/organization/members/{person.pk}/"),
    ]
    for label, pk, page in seen:
        client.post(f"/my/watch/{label}/{pk}/", {"level": level})

        assert client.get(page).context["watch"] == {"label": label, "pk": pk, "level": level}
        assert f"<span>{word}</span></button>" in client.get(page).content.decode()
    with tenant_context(organization.pk):
        assert Watch.objects.count() == (2 if level else 0)


def test_the_button_keeps_the_focus_when_it_is_pressed(organization: Organization, sign_in: SignIn) -> None:
    made = department(organization)

    answer = sign_in("owner").post(f"/my/watch/organization.department/{made.pk}/", {"level": "follow"}, headers=SWAP)

    assert 'value="mute" data-focus' in answer.content.decode()
