"""Saved views of lists: mine and the team's, tabs, the one that opens first."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from organization.models import AuditEntry, Organization, SavedView, ViewPlace
from organization.services.saved_views import MOST_VIEWS
from organization.tenancy import tenant_context
from tests.factories import make_member, make_organization

LIST = "/organization/members/"
FACTS = {"list_name": "organization:member-list", "query": "state=all&q=li&cursor=x&view=3&columns=name", "name": "Li"}


def saved(client: Client, **facts: str) -> str:
    answer = client.post("/views/new/", FACTS | facts)
    assert answer.status_code == 302
    return answer["Location"]


def tabs(client: Client, query: str = "view=all") -> list[str]:
    return [view.name for view, _url, _is_current in client.get(f"{LIST}?{query}").context["tabs"]]


def views(organization: Organization) -> dict[str, SavedView]:
    with tenant_context(organization.pk):
        return {view.name: view for view in SavedView.objects.all()}


def test_o7_a_view_keeps_filters_order_and_columns_and_is_a_tab_of_its_list(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("staff")

    url = saved(client)

    view = views(organization)["Li"]
    assert url == f"{LIST}?columns=name&q=li&state=all&view={view.pk}"
    page = client.get(url).context
    assert [(one.name, current) for one, _url, current in page["tabs"]] == [("Li", True)]
    assert (page["is_view_changed"], page["may_change_view"]) == (False, True)
    assert client.get(f"{LIST}?q=wang&view={view.pk}").context["is_view_changed"] is True


def test_o7_a_view_is_its_makers_alone_until_it_is_shared(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    manager, staff = sign_in("manager"), sign_in("staff")
    saved(manager, name="Mine")
    saved(manager, name="Ours", is_shared="on")

    assert [view.name for view, *_ in staff.get(LIST).context["views"]] == ["Ours"]
    assert sorted(tabs(manager)) == ["Mine", "Ours"]
    mine, ours = (views(organization)[name] for name in ("Mine", "Ours"))
    for path in ("change", "place", "remove"):
        assert staff.post(f"/views/{mine.pk}/{path}/", {"name": "X"}).status_code == 404
    assert staff.post(f"/views/{ours.pk}/change/", {"name": "X"}).status_code == 403
    assert staff.post(f"/views/{ours.pk}/remove/").status_code == 403
    assert views(organization).keys() == {"Mine", "Ours"}


def test_o7_sharing_takes_the_right_to_share(organization: Organization, sign_in: Callable[..., Client]) -> None:
    staff = sign_in("staff")

    assert staff.post("/views/new/", FACTS | {"is_shared": "on"}).status_code == 403
    assert views(organization) == {}
    saved(staff)
    pk = views(organization)["Li"].pk
    assert staff.post(f"/views/{pk}/change/", {"name": "Li", "is_shared": "on"}).status_code == 403
    assert views(organization)["Li"].is_shared is False


def test_o7_the_view_opened_first_stands_on_the_bare_address(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("staff")
    first, second = saved(client, name="First", query="q=a"), saved(client, name="Second", query="q=b")

    for name, url in (("First", first), ("Second", second)):
        client.post(f"/views/{views(organization)[name].pk}/place/", {"is_default": "1"})
        answer = client.get(LIST)
        assert (answer.status_code, answer["Location"]) == (302, url)
    assert client.get(f"{LIST}?view=all").status_code == 200
    assert client.get(LIST, headers={"HX-Request": "true"}).status_code == 200
    client.post(f"/views/{views(organization)['Second'].pk}/place/", {"is_default": "0"})
    assert client.get(LIST).status_code == 200


def test_o7_a_tab_is_taken_off_and_put_back(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client = sign_in("staff")
    saved(client)
    pk = views(organization)["Li"].pk

    client.post(f"/views/{pk}/place/", {"is_pinned": "0"})
    assert tabs(client) == []
    assert tabs(client, f"view={pk}") == ["Li"]
    client.post(f"/views/{pk}/place/", {"is_pinned": "1"})
    assert tabs(client) == ["Li"]


def test_o7_a_view_is_renamed_and_overwritten(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client = sign_in("staff")
    saved(client)
    pk = views(organization)["Li"].pk

    client.post(f"/views/{pk}/change/", {"name": "李"})
    client.post(f"/views/{pk}/change/", {"query": "state=inactive&view=7"})

    assert views(organization)["李"].query == "state=inactive"


def test_o7_removing_a_view_is_taken_back(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client, other = sign_in("staff"), sign_in("staff")
    saved(client)
    pk = views(organization)["Li"].pk

    page = client.post(f"/views/{pk}/remove/", follow=True).content.decode()
    found = re.search(r'data-undo="([^"]+)"', page)
    assert found is not None
    assert tabs(client) == []
    assert other.post(found[1]).status_code == 404
    assert client.post(found[1]).status_code == 204

    assert tabs(client) == ["Li"]
    with tenant_context(organization.pk):
        entries = AuditEntry.objects.filter(object_type="organization.savedview").order_by("pk")
        verbs = list(entries.values_list("verb", flat=True))
    assert verbs == [f"organization.view.{verb}" for verb in ("saved", "removed", "restored")]


@pytest.mark.parametrize("note", ["nonsense", "a:b:c", "x" * 2000])
def test_a_made_up_note_takes_nothing_back(sign_in: Callable[..., Client], note: str) -> None:
    assert sign_in("owner").post(f"/undo/{note}/").status_code == 404


@pytest.mark.parametrize("name", ["nonsense", "home", "organization:member-detail", "organization:search", ""])
def test_only_lists_have_views(organization: Organization, sign_in: Callable[..., Client], name: str) -> None:
    assert sign_in("owner").post("/views/new/", FACTS | {"list_name": name}).status_code in (302, 404)
    assert views(organization) == {}


def test_a_list_has_at_most_fifty_views(organization: Organization, sign_in: Callable[..., Client]) -> None:
    with tenant_context(organization.pk):
        member = make_member("staff")
        for number in range(MOST_VIEWS):
            SavedView.objects.create(list_name="organization:member-list", name=str(number), owner=member)

    page = sign_in(member=member).post("/views/new/", FACTS, follow=True).content.decode()

    assert "This list has many views already." in page
    assert len(views(organization)) == MOST_VIEWS


def test_o4_views_of_another_organization_are_not_there(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    other = make_organization()
    with tenant_context(other.pk):
        view = SavedView.objects.create(
            list_name="organization:member-list", name="Theirs", owner=make_member("owner"), is_shared=True
        )
        ViewPlace.objects.create(member=view.owner, view=view, is_default=True)
    client = sign_in("owner")

    assert client.get(LIST).context["views"] == []
    assert client.post(f"/views/{view.pk}/remove/").status_code == 404


def test_columns_are_chosen_in_the_address_and_the_first_always_stays(sign_in: Callable[..., Client]) -> None:
    client = sign_in("owner")

    def heads(query: str) -> list[str]:
        return [head.label for head in client.get(f"{LIST}?{query}").context["table"].heads]

    assert heads("columns=email&columns=nonsense") == ["Name", "E-mail"]
    assert heads("columns=state&columns=position") == ["Name", "Position", "State"]
    assert heads("columns=nonsense") == heads("")
