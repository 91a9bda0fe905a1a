"""Cells that are changed in their place, and actions on many rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client

from organization.models import Department, Member, Organization, RoleAssignment
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from organization.views import lists
from tests.factories import make_actor, make_member

LIST = "/organization/members/"


@pytest.fixture
def sales(organization: Organization) -> Department:
    with tenant_context(organization.pk):
        return create_department(make_actor("owner"), organization, name="Sales", code="S")


@pytest.fixture
def people(organization: Organization) -> list[Member]:
    with tenant_context(organization.pk):
        return [make_member(None, name=f"Worker {letter}") for letter in "ABC"]


def now(organization: Organization, member: Member) -> Member:
    with tenant_context(organization.pk):
        return Member.objects.select_related("department").get(pk=member.pk)


def cell(member: Member, field: str = "department") -> str:
    return f"{LIST}?edit={field}&row={member.pk}"


def undo_of(html: str) -> str:
    found = re.search(r'data-undo="([^"]+)"', html)
    assert found is not None
    return found[1]


def test_o7_a_cell_is_changed_where_it_stands_and_taken_back(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member], sales: Department
) -> None:
    client = sign_in("admin")
    [member, *_others] = people

    form = client.get(cell(member)).content.decode()
    answer = client.post(cell(member), {"value": sales.pk, "version": member.version})

    assert 'name="value"' in form
    assert f'name="version" value="{member.version}"' in form
    assert (answer.status_code, "Sales" in answer.content.decode()) == (200, True)
    assert now(organization, member).department == sales
    undo = json.loads(answer["HX-Trigger"])["ops:toast"]["undo"]
    assert client.post(undo).status_code == 204
    assert now(organization, member).department is None


def test_o7_a_conflict_shows_both_values_and_lets_the_person_decide(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member], sales: Department
) -> None:
    client = sign_in("admin")
    [member, *_others] = people
    with tenant_context(organization.pk):
        works = create_department(make_actor("owner"), organization, name="Works", code="W")
    client.post(cell(member), {"value": works.pk, "version": member.version})

    late = client.post(cell(member), {"value": sales.pk, "version": member.version})

    html = late.content.decode()
    assert late.status_code == 422
    assert "Somebody else set this to “Works” meanwhile." in html
    assert f'<option value="{sales.pk}" selected>' in html
    assert now(organization, member).department == works
    assert client.post(cell(member), {"value": sales.pk, "version": member.version + 1}).status_code == 200
    assert now(organization, member).department == sales


def test_o7_what_somebody_changed_since_is_not_taken_back(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member], sales: Department
) -> None:
    client = sign_in("admin")
    [member, *_others] = people
    first = client.post(cell(member), {"value": sales.pk, "version": member.version})
    client.post(cell(member, "joined"), {"value": "2026-01-05", "version": member.version + 1})

    answer = client.post(json.loads(first["HX-Trigger"])["ops:toast"]["undo"])

    assert answer.status_code == 409
    assert now(organization, member).department == sales


def test_o4_cells_offer_and_change_only_what_the_actor_may(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member], sales: Department
) -> None:
    client = sign_in("manager")
    [member, *_others] = people

    assert 'class="cell__edit"' not in client.get(LIST).content.decode()
    assert client.get(cell(member)).status_code == 403
    assert client.post(cell(member), {"value": sales.pk, "version": member.version}).status_code == 403
    assert now(organization, member).department is None


@pytest.mark.parametrize("query", ["edit=department", "edit=department&row=x", "edit=name&row=1", "edit=x&row=99999"])
def test_a_cell_that_is_not_there_is_a_404(sign_in: Callable[..., Client], query: str) -> None:
    assert sign_in("owner").get(f"{LIST}?{query}").status_code == 404


def test_a_bad_value_comes_back_with_its_error(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    [member, *_others] = people

    answer = sign_in("admin").post(cell(member, "joined"), {"value": "yesterday", "version": member.version})

    assert answer.status_code == 422
    assert "Enter a valid date." in answer.content.decode()
    assert now(organization, member).version == member.version


def test_o7_many_rows_change_after_a_step_that_says_how_many_and_all_are_taken_back(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member], sales: Department
) -> None:
    client = sign_in("admin")
    chosen = [member.pk for member in people[:2]]

    step = client.post(LIST, {"act": "department", "pick": chosen})
    assert (step.context["count"], step.context["names"]) == (2, ["Worker A", "Worker B"])
    assert "Change 2 rows" in step.content.decode()
    assert now(organization, people[0]).department is None
    done = client.post(LIST, {"act": "department", "pick": chosen, "sure": "1", "value": sales.pk}, follow=True)

    assert "2 rows are changed." in done.content.decode()
    assert [now(organization, member).department for member in people] == [sales, sales, None]
    assert client.post(undo_of(done.content.decode())).status_code == 204
    assert [now(organization, member).department for member in people] == [None, None, None]


def test_o7_all_that_match_are_meant_only_when_that_is_said(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    client = sign_in("admin")
    address = f"{LIST}?q=worker"

    step = client.post(address, {"act": "is_active-0", "everything": "1", "pick": [people[0].pk]})
    assert "All 3 rows that match" in step.content.decode()
    client.post(address, {"act": "is_active-0", "everything": "1", "sure": "1"})

    assert [now(organization, member).is_active for member in people] == [False, False, False]
    with tenant_context(organization.pk):
        assert Member.objects.filter(is_active=True, name__startswith="Person").count() == 2


def test_o7_rows_that_a_rule_refuses_stay_and_are_listed(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    with tenant_context(organization.pk):
        only_owner = Member.objects.get(role_assignments__role__key="owner")
    client = sign_in("admin")
    chosen = [only_owner.pk, people[0].pk]

    answer = client.post(LIST, {"act": "is_active-0", "pick": chosen, "sure": "1"})

    assert answer.context["outcome"].done == 1
    assert [(one.name, one.reason) for one in answer.context["outcome"].refused] == [
        (only_owner.name, "This is the last owner. Make somebody else owner first.")
    ]
    assert (now(organization, only_owner).is_active, now(organization, people[0]).is_active) == (True, False)


def test_o7_a_role_is_given_to_many(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    with tenant_context(organization.pk):
        role = RoleAssignment.objects.get(member=make_member("staff")).role

    facts = {"act": "role", "pick": [member.pk for member in people], "sure": "1", "role": role.pk}
    sign_in("admin").post(LIST, facts)

    with tenant_context(organization.pk):
        assert RoleAssignment.objects.filter(role=role, member__in=people).count() == 3


def test_o7_more_than_a_request_bears_is_refused_before_anything_changes(
    organization: Organization,
    sign_in: Callable[..., Client],
    people: list[Member],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists, "MOST_IN_BACKGROUND", 2)

    facts = {"act": "is_active-0", "everything": "1", "sure": "1"}
    answer = sign_in("admin").post(f"{LIST}?q=worker", facts)

    assert "More than 2 rows match." in answer.content.decode()
    assert all(now(organization, member).is_active for member in people)


def test_o4_who_may_not_act_sees_no_boxes_and_does_nothing(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    client = sign_in("manager")

    assert "data-pick" not in client.get(LIST).content.decode()
    facts = {"act": "is_active-0", "pick": [people[0].pk], "sure": "1"}
    assert client.post(LIST, facts).status_code == 404
    assert now(organization, people[0]).is_active is True


def test_nothing_picked_changes_nothing(sign_in: Callable[..., Client]) -> None:
    answer = sign_in("admin").post(LIST, {"act": "is_active-0", "pick": ["x", "9" * 30], "sure": "1"})

    assert "No row is selected." in answer.content.decode()
