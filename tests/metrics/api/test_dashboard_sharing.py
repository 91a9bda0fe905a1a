"""Sharing dashboards and keeping them at hand, by the API."""

from __future__ import annotations

from typing import Any

import pytest

from organization.models import Department, Member, Role
from organization.services.departments import create_department
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_member, make_organization
from tests.metrics.api.conftest import Caller, Company

VIEW, EDIT = "metrics.dashboard.view", "metrics.dashboard.edit"
PEOPLE = [
    "organization.member.view",
    "organization.role.view",
    "organization.role.edit",
    "organization.department.view",
]


@pytest.fixture
def caller(company: Company) -> Caller:
    return company.caller("owner", [VIEW, EDIT, *PEOPLE])


def board(caller: Caller) -> str:
    made = caller.post("dashboards/", {"name": "Board", "default_period": "last-30-days", "is_private": False})
    assert made.status_code == 201, made.json()
    return f"dashboards/{made.json()['id']}/"


def test_m13_a_dashboard_is_shared_with_one_of_three_and_closed_again(company: Company, caller: Caller) -> None:
    address = board(caller)
    with tenant_transaction(company.organization.pk):
        owner = actor_of(make_member("owner"))
        place = create_department(owner, company.organization, name="Shop", code="S").pk
        role = Role.objects.get(key="staff").pk

    shares = [caller.post(f"{address}shares/", facts) for facts in ({"department": place}, {"role": role})]
    wider = caller.post(f"{address}shares/", {"role": role, "may_edit": True})
    both = caller.post(f"{address}shares/", {"role": role, "department": place})
    gone = caller.call("delete", f"{address}shares/{shares[0].json()['id']}/")

    assert [share.status_code for share in shares] == [201, 201]
    assert wider.json() == shares[1].json() | {"may_edit": True}
    assert both.status_code == 400
    assert gone.status_code == 204
    assert caller.get(f"{address}shares/").json()["results"] == [wider.json()]


def test_o4_nobody_of_another_organization_is_shared_with(company: Company, caller: Caller) -> None:
    address = board(caller)
    stranger = make_organization()
    with tenant_transaction(stranger.pk):
        foreign: dict[str, Any] = {"member": Member.objects.get().pk, "role": Role.objects.get(key="staff").pk}

    answers = [caller.post(f"{address}shares/", {name: pk}) for name, pk in foreign.items()]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert caller.get(f"{address}shares/").json()["results"] == []
    with tenant_transaction(company.organization.pk):
        assert not Department.objects.exists()


def test_m13_pins_and_the_first_dashboard_are_the_callers_own(company: Company, caller: Caller) -> None:
    address = board(caller)

    pinned = caller.call("put", f"{address}pin/", {"is_pinned": True})
    first = caller.call("put", f"{address}first/", {"is_first": True})
    other = company.caller("owner", [VIEW]).get(f"{address}pin/")

    assert (pinned.json(), first.json()) == (
        {"is_pinned": True, "is_first": False},
        {"is_pinned": True, "is_first": True},
    )
    assert other.json() == {"is_pinned": False, "is_first": False}


def test_m13_roles_open_with_a_dashboard_and_foreign_ones_are_refused(company: Company, caller: Caller) -> None:
    address = board(caller)
    with tenant_transaction(company.organization.pk):
        roles = sorted(Role.objects.filter(key__in=["staff", "manager"]).values_list("pk", flat=True))
    stranger = make_organization()
    with tenant_transaction(stranger.pk):
        foreign = Role.objects.get(key="staff").pk

    set_ = caller.call("put", f"{address}first-roles/", {"roles": roles})
    refused = caller.call("put", f"{address}first-roles/", {"roles": [foreign]})
    reader = company.caller("admin", [VIEW]).get(f"{address}first-roles/")

    assert set_.json() == {"roles": roles}
    assert (refused.status_code, reader.status_code) == (404, 403)
    assert caller.get(f"{address}first-roles/").json() == {"roles": roles}


def test_m13_what_was_removed_comes_back(caller: Caller) -> None:
    address = board(caller)
    panel = caller.post(f"{address}panels/", {"kind": "text", "settings": {"text": "Hello"}}).json()
    inside = f"{address}panels/{panel['id']}/"

    twin = caller.post(f"{inside}copy/", None)
    caller.call("delete", inside)
    back = caller.post(f"{inside}restore/", None)
    caller.call("delete", address)
    restored = caller.post(f"{address}restore/", None)
    again = caller.post(f"{address}restore/", None)

    assert (twin.status_code, back.status_code, restored.status_code, again.status_code) == (201, 200, 200, 404)
    order = [row["id"] for row in caller.get(f"{address}panels/").json()["results"]]
    assert order == [panel["id"], twin.json()["id"]]
