"""Lists of the API: the rows, filters, orders and columns of the page, by cursor, in constant statements."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from organization.models import AuditEntry, Department, Member, Organization, User
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_member
from tests.factories.metrics import make_dataset, make_kpi
from tests.metrics.api.conftest import Caller
from tests.organization.api.conftest import MakeCaller


def fill(organization: Organization, names: list[str]) -> None:
    with tenant_transaction(organization.pk):
        for name in names:
            make_member(None, name=name, name_pinyin=name.lower())


def walk(caller: Caller, path: str, **query: Any) -> list[dict[str, Any]]:
    found, cursor = [], ""
    while True:
        page = caller.get(path, cursor=cursor, **query).json()
        found += page["results"]
        cursor = page["next"]
        if cursor is None:
            return found


def test_o8_a_list_is_walked_by_cursor_in_the_order_of_the_page(organization: Organization, caller: Caller) -> None:
    fill(organization, ["Zoe", "Adam", "Mia", "Ben", "Lea"])

    first = caller.get("members/", size=3)

    names = [row["name"] for row in walk(caller, "members/", size=3)]
    assert names == sorted(names, key=str.lower)
    assert len(names) == 8  # five, the founder, the token's maker and its member
    assert first.json()["next"]
    address = first["Link"].removeprefix("<").removesuffix('>; rel="next"')
    assert caller.get(address.partition("/api/v1/")[2]).json()["results"][0]["name"] == names[3]
    assert "Link" not in caller.get("members/")


def test_o8_filters_and_orders_are_those_of_the_page(organization: Organization, caller: Caller) -> None:
    fill(organization, ["Zoe", "Adam"])
    with tenant_transaction(organization.pk):
        Member.objects.filter(name="Adam").update(is_active=False)

    assert [row["name"] for row in caller.get("members/", q="zo").json()["results"]] == ["Zoe"]
    assert [row["name"] for row in caller.get("members/", state="inactive").json()["results"]] == ["Adam"]
    backwards = [row["name"] for row in walk(caller, "members/", sort="-name")]
    assert backwards == sorted(backwards, key=str.lower, reverse=True)


def test_o8_fields_choose_the_members_of_rows_and_shown_is_what_the_page_shows(
    organization: Organization, caller: Caller
) -> None:
    fill(organization, ["Zoe"])

    (row,) = caller.get("members/", q="Zoe", fields="name,shown").json()["results"]

    shown = row["shown"]
    assert row == {"name": "Zoe", "shown": shown}
    assert (shown["name"], shown["position"], shown["state"]) == ("Zoe", "", "good")
    assert set(shown) == {"name", "position", "department", "email", "joined", "away", "state"}
    assert caller.get("members/", fields="id").json()["results"][0].keys() == {"id"}


def test_o4_the_trail_says_in_words_what_its_page_says(organization: Organization, caller: Caller) -> None:
    created = caller.post("departments/", {"name": "Sales", "code": "S"}).json()

    (row,) = caller.get("audit-entries/", verb="created", object_id=created["id"], fields="verb,shown").json()[
        "results"
    ]

    assert row["verb"] == "organization.department.created"
    assert row["shown"]["what"] == "created"
    assert "Sales" in row["shown"]["object"]


def test_o4_the_exported_file_has_the_columns_of_the_page_and_is_noted(
    organization: Organization, caller: Caller
) -> None:
    fill(organization, ["Zoe"])

    answer = caller.get("members/", q="Zoe", export="csv")

    lines = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert lines[-2:] == [
        ["Name", "Position", "Department", "E-mail", "Joined on", "Away", "State"],
        ["Zoe", "", "", *lines[-1][3:]],
    ]
    with tenant_transaction(organization.pk):
        assert AuditEntry.objects.filter(verb="organization.member.exported").exists()


@pytest.mark.parametrize(
    "query",
    [
        {"size": "0"}, {"size": "201"}, {"size": "x"}, {"sort": "colour"}, {"fields": "password"}, {"fields": ""},
        {"cursor": "forged"}, {"state": "odd"}, {"department": "99999"}, {"colour": "red"}, {"export": "pdf"},
    ],
)  # fmt: skip
def test_o8_a_query_that_makes_no_sense_is_a_problem(caller: Caller, query: dict[str, str]) -> None:
    answer = caller.get("members/", **query)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_o4_a_narrow_right_narrows_lists_filters_and_files(organization: Organization, make_caller: MakeCaller) -> None:
    with tenant_transaction(organization.pk):
        home = Department.objects.create(name="Home", code="H", path="/0/")
        make_member(None, name="Near", department=home)
        make_member(None, name="Far")
    caller = make_caller("staff")
    with tenant_transaction(organization.pk):
        Member.objects.filter(role_assignments__role__key="staff").update(department=home)

    assert {row["name"] for row in caller.get("members/", q="ar").json()["results"]} == {"Near"}
    assert b"Far" not in b"".join(caller.get("members/", q="ar", export="csv"))
    assert caller.get("audit-entries/").status_code == 403


LISTS = {
    "members/": 4, "departments/": 4, "roles/": 4, "calendars/": 4, "kpis/": 4, "datasets/": 5, "dashboards/": 4,
    "imports/": 4, "sources/": 4, "audit-entries/": 4, "tokens/": 4,
}  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_m5_a_list_takes_the_same_statements_for_any_number_of_rows_and_counts_nothing(
    organization: Organization, caller: Caller, path: str
) -> None:
    def grow(count: int) -> None:
        with tenant_transaction(organization.pk):
            owner = make_actor("owner")
            dataset = make_dataset(owner, organization, key=f"d{count}")
            for number in range(count):
                make_member(None)
                make_kpi(owner, organization, key=f"k{count}-{number}", aggregation="count", dataset=dataset)
                Department.objects.create(name="D", code=f"{count}-{number}", path=f"/{count}{number}/")

    grow(1)
    caller.get(path)
    few = statements(caller, path)
    grow(10)
    many = statements(caller, path)

    assert len(few) == len(many) <= LISTS[path]
    assert not any("COUNT(*)" in statement for statement in many)


def statements(caller: Caller, path: str) -> list[str]:
    with transaction.atomic(), CaptureQueriesContext(connection) as seen:
        assert caller.get(path).status_code == 200
    scopes = ("SAVEPOINT", "RELEASE", "SELECT set_config")
    return [query["sql"] for query in seen.captured_queries if not query["sql"].startswith(scopes)]


def test_m5_people_of_other_organizations_are_in_no_list(organization: Organization, caller: Caller) -> None:
    User.objects.create_user("stranger@example.com", name="Stranger")

    assert caller.get("members/", q="Stranger").json()["results"] == []
