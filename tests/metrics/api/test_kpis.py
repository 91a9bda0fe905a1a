"""GET /api/v1/kpis/ and /datasets/: exact values, whole periods, only what the caller may see."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import transaction

from organization.models import Department
from organization.services.departments import create_department
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_actor, make_member
from tests.factories.metrics import make_kpi
from tests.metrics.api.conftest import RIGHTS, Company

SEE_TREE = "organization.department.view"


@pytest.fixture
def filled(company: Company) -> Company:
    with tenant_transaction(company.organization.pk):
        create_department(make_actor("owner"), company.organization, name="Sales", code="S")
    writer = company.caller()
    lines = [
        ("1", "2025-03-01T10:00", 1, "0.10", "FR", "S"),
        ("2", "2025-03-02T23:30", 2, "0.20", "CN", None),
        ("3", "2025-04-01T00:00", 3, "1000000000000.01", None, "S"),
    ]
    rows = [
        {"at": at, "key": key, "values": {"quantity": quantity, "price": price, "country": country, "unit": unit}}
        for key, at, quantity, price, country, unit in lines
    ]
    assert writer.send("orders", *rows).status_code == 201
    company.recompute()
    return company


@time_machine.travel("2025-04-03T12:00:00+08:00", tick=False)
def test_m2_a_series_has_exact_values_offsets_versions_and_partial_flags(filled: Company) -> None:
    answer = filled.caller().get("kpis/revenue/series/", grain="month", **{"from": "2025-02-15", "to": "2025-04-03"})

    assert answer.status_code == 200
    assert answer.json() == {
        "kpi": "revenue",
        "grain": "month",
        "timezone": "Asia/Shanghai",
        "unit": "money",
        "last_at": "2025-04-01T00:00:00+08:00",
        "points": [
            point("2025-02-01", "2025-03-01", None, None),
            point("2025-03-01", "2025-04-01", "0.50", 2),
            point("2025-04-01", "2025-05-01", "3000000000000.03", 1, is_partial=True),
        ],
    }


def point(start: str, end: str, value: str | None, rows: int | None, *, is_partial: bool = False) -> dict[str, Any]:
    return {
        "start": f"{start}T00:00:00+08:00",
        "end": f"{end}T00:00:00+08:00",
        "value": value,
        "rows": rows,
        "version": 1,
        "is_partial": is_partial,
    }


@time_machine.travel("2025-04-03T12:00:00+08:00", tick=False)
def test_m2_parts_and_comparison_stand_beside_the_whole(filled: Company) -> None:
    caller = filled.caller(codenames=["metrics.kpi.view", "organization.department.view"])

    answer = caller.get(
        "kpis/revenue/series/",
        grain="month",
        breakdown="country",
        comparison="previous",
        to="2025-04-30",
        **{"from": "2025-04-01"},
    ).json()

    (whole,) = answer["points"]
    assert (whole["value"], whole["compared"], whole["compared_start"]) == (
        "3000000000000.03", "0.50", "2025-03-01T00:00:00+08:00",
    )  # fmt: skip
    assert [(part["slice"], part["points"][0]["value"], part["points"][0]["compared"]) for part in answer["parts"]] == [
        ({"country": None}, "3000000000000.03", None),
        ({"country": "CN"}, None, "0.40"),
        ({"country": "FR"}, None, "0.10"),
    ]
    tree = caller.get(
        "kpis/revenue/series/", grain="quarter", breakdown="department:unit", to="2025-03-31", **{"from": "2025-03-31"}
    ).json()
    assert [(part["slice"], part["points"][0]["value"]) for part in tree["parts"]] == [({"department": "S"}, "0.10")]
    basket = caller.get("kpis/basket/series/", grain="month", to="2025-03-31", **{"from": "2025-03-01"}).json()
    assert basket["points"] == [point("2025-03-01", "2025-04-01", "0.25", None)]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"grain": "hour"}, 422),
        ({"grain": "minute"}, 400),
        ({"from": "2025-02-30"}, 400),
        ({"from": "0001-01-01"}, 400),
        ({"to": "9999-12-31"}, 400),
        ({"from": "2025-03-02", "to": "2025-03-01"}, 422),
        ({"from": "1800-01-01"}, 422),
        ({"breakdown": "colour"}, 422),
        ({"breakdown": "country", "from": "2024-01-01"}, 422),
        ({"comparison": "always"}, 400),
        ({"colour": "red"}, 400),
        ({"breakdown": "a\0b"}, 400),
    ],
)
def test_m2_a_question_that_cannot_be_answered_is_a_problem(
    filled: Company, parameters: dict[str, str], status: int
) -> None:
    answer = filled.caller().get("kpis/revenue/series/", **parameters)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["title"]


def test_m1_a_kpi_tells_its_definition(filled: Company) -> None:
    answer = filled.caller().get("kpis/revenue/").json()

    assert (answer["key"], answer["grain"], answer["unit"], answer["department"]) == ("revenue", "day", "money", None)
    assert answer["breakdowns"] == ["country", "unit", "department:unit"]
    (version,) = answer["versions"]
    assert (version["number"], version["aggregation"], version["expression"], version["dataset"]) == (
        1, "sum", "revenue", "orders",
    )  # fmt: skip
    assert filled.caller().get("kpis/nothing/").status_code == 404


def test_m1_the_list_is_paged_by_cursor_and_filtered(company: Company, django_assert_num_queries: Any) -> None:
    caller = company.caller()
    with tenant_transaction(company.organization.pk):
        owner = make_actor("owner")
        for number in range(5):
            make_kpi(
                owner, company.organization, key=f"k{number}", aggregation="count", dataset=company.orders, unit="days"
            )

    seen, cursor, pages = [], "", 0
    while cursor is not None:
        page = caller.get("kpis/", size=3, unit="days", cursor=cursor).json()
        seen += [row["key"] for row in page["results"]]
        cursor, pages = page["next"], pages + 1
    assert (seen, pages) == ([f"k{number}" for number in range(5)], 2)
    assert [row["key"] for row in caller.get("kpis/", unit="money", active="true", grain="day").json()["results"]] == [
        "revenue"
    ]
    for bad in ({"cursor": "made up"}, {"size": "0"}, {"size": "201"}, {"unit": "stones"}, {"page": "2"}):
        assert caller.get("kpis/", **bad).status_code == 400
    with django_assert_num_queries(FIXED):
        caller.get("kpis/", size=1)
    with django_assert_num_queries(FIXED):
        caller.get("kpis/", size=100)


FIXED = 4  # savepoint, token with its member and grants, KPIs, release


def test_m1_a_dataset_names_its_columns(company: Company, django_assert_num_queries: Any) -> None:
    caller = company.caller()
    caller.get("datasets/")  # notes that the token was used
    with django_assert_num_queries(FIXED + 1):
        answer = caller.get("datasets/").json()

    assert [row["key"] for row in answer["results"]] == ["orders", "visits"]
    columns = {column["key"]: column for column in answer["results"][0]["columns"]}
    assert columns["revenue"]["expression"] == "quantity * price"
    assert columns["at"]["role"] == "instant"


def test_o4_lists_show_what_the_scope_of_the_right_reaches_and_nothing_of_others(
    company: Company, make_company: Any
) -> None:
    make_company()
    with tenant_transaction(company.organization.pk):
        owner = make_actor("owner")
        sales = create_department(owner, company.organization, name="Sales", code="S")
        north = create_department(owner, company.organization, name="North", code="N", parent=sales)
        make_kpi(
            owner, company.organization, key="of-north", aggregation="count", dataset=company.orders, department=north
        )
        make_kpi(
            owner, company.organization, key="of-sales", aggregation="count", dataset=company.orders, department=sales
        )
        staff = make_member("staff", department=north)
        assert actor_of(staff).holds("metrics.kpi.view")
    caller = _caller_for(company, staff)

    assert [row["key"] for row in caller.get("kpis/").json()["results"]] == ["of-north"]
    assert caller.get("kpis/of-sales/").status_code == caller.get("kpis/of-sales/series/").status_code == 404
    assert caller.get("kpis/of-north/series/").status_code == 200
    assert [
        row["key"]
        for row in company.caller(codenames=[*RIGHTS, SEE_TREE]).get("kpis/", department=sales.pk).json()["results"]
    ] == ["of-sales"]


def _caller_for(company: Company, member: Any) -> Any:
    from datetime import timedelta

    from django.utils import timezone

    from organization.services.tokens import create_token
    from tests.metrics.api.conftest import Caller

    with tenant_transaction(company.organization.pk), transaction.atomic():
        assert Department.objects.count() == 2
        _row, text = create_token(
            make_actor("owner"), company.organization, name="Staff", member=member,
            codenames=["metrics.kpi.view"], expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    return Caller(text)
