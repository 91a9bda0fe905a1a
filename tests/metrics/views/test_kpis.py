"""Pages of KPIs through the door: what each shows, to whom, and at what cost."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from metrics.models import Dataset, Kpi, KpiVersion
from organization.models import Department, Member, Organization
from organization.services.departments import create_department
from organization.services.roles import create_role, give_role, set_grants
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member
from tests.factories.metrics import make_kpi
from tests.metrics.helpers import client_of, make_shop, order, recompute, statements

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


class Shop:
    """An organization with a dataset of orders, an owner who is signed in, and KPIs."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        with tenant_context(organization.pk):
            self.member: Member = make_member("owner")
            self.owner = actor_of(self.member)
            rows = [
                order(i, (date(2026, 3, 11) - timedelta(days=i % 40)).isoformat(), i, ["France", "Spain", None][i % 3])
                for i in range(1, 121)
            ]
            self.dataset: Dataset
            self.kpi: Kpi
            self.dataset, self.kpi = make_shop(self.owner, organization, rows, name="Revenue", key="revenue")
        self.client: Client = client_of(self.member)

    def more_kpis(self, count: int, **values: Any) -> list[Kpi]:
        facts = {"dataset": self.dataset, "aggregation": "sum", "expression": "revenue"} | values
        with tenant_context(self.organization.pk):
            made = [make_kpi(self.owner, self.organization, **facts) for _ in range(count)]
            recompute(self.dataset)
        return made

    def department(self, code: str) -> Department:
        with tenant_context(self.organization.pk):
            return create_department(self.owner, self.organization, name=code, code=code)

    def client_as(self, role: str, department: Department | None = None) -> Client:
        with tenant_context(self.organization.pk):
            return client_of(make_member(role, department=department))

    def page(self, name: str, *args: Any, client: Client | None = None, **query: Any) -> Any:
        return (client or self.client).get(reverse(f"metrics:{name}", args=args), query_params=query)


@pytest.fixture
def shop(organization: Organization) -> Shop:
    return Shop(organization)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return (b"".join(answer) if answer.streaming else answer.content).decode()


@pytest.mark.parametrize("count", [1, 10, 50])
def test_list_costs_the_same_for_any_number_of_kpis(shop: Shop, count: int) -> None:
    shop.more_kpis(count - 1)
    text_of(shop.page("kpi-list"))

    with statements(9):
        text_of(shop.page("kpi-list"))


@pytest.mark.parametrize("rows", [1, 10])
def test_page_of_a_kpi_costs_the_same_for_any_number_of_parts(organization: Organization, rows: int) -> None:
    with tenant_context(organization.pk):
        member = make_member("owner")
        facts = [order(i, "2026-03-10", i, f"Country {i}") for i in range(rows)]
        kpi = make_shop(actor_of(member), organization, facts)[1]
    client = client_of(member)

    with statements(12):
        text_of(client.get(reverse("metrics:kpi-detail", args=[kpi.pk])))


@pytest.mark.parametrize("rows", [1, 10])
def test_rows_behind_cost_the_same_for_any_number(organization: Organization, rows: int) -> None:
    with tenant_context(organization.pk):
        member = make_member("owner")
        facts = [order(i, "2026-03-10", i, f"Country {i}") for i in range(rows)]
        kpi = make_shop(actor_of(member), organization, facts)[1]
    client = client_of(member)

    with statements(9):
        text_of(client.get(reverse("metrics:kpi-rows", args=[kpi.pk])))


def test_list_says_value_period_and_status(shop: Shop) -> None:
    page = text_of(shop.page("kpi-list"))

    # 10 March: rows 1, 41 and 81
    assert ">123<" in page
    assert "10 Mar 2026" in page
    assert "No target" in page
    assert 'class="spark"' in page


def test_list_filters_by_status_and_search(shop: Shop) -> None:
    shop.more_kpis(1, name="Twice", formula="revenue * 2", dataset=None, aggregation="", expression="")
    stale = shop.more_kpis(1, name="Old feed", filter="quantity > 5")[0]

    assert "Old feed" not in text_of(shop.page("kpi-list", q="twi"))
    assert "Twice" in text_of(shop.page("kpi-list", q="twi"))
    assert "Nothing matches" in text_of(shop.page("kpi-list", status="good"))
    assert stale.name in text_of(shop.page("kpi-list", status="neutral"))


def test_list_is_paged_by_key(shop: Shop) -> None:
    shop.more_kpis(60)
    first = shop.page("kpi-list", sort="-name")
    cursor = first.context["page"].next_cursor
    second = shop.page("kpi-list", sort="-name", cursor=cursor)

    shown = [row.kpi.pk for answer in (first, second) for row in answer.context["page"].rows]
    assert (len(shown), len(set(shown))) == (61, 61)
    assert second.context["page"].next_cursor == ""


def test_list_goes_out_as_csv_with_exact_numbers(shop: Shop) -> None:
    lines = list(csv.reader(text_of(shop.page("kpi-list", export="csv")).lstrip("\ufeff").splitlines()))

    assert lines[-1][:3] == ["Revenue", "123", "10 Mar 2026"]
    assert lines[-1][-2:] == [shop.kpi.reference, "2026-03-11"]


def test_list_goes_out_with_exactly_the_chosen_columns(shop: Shop) -> None:
    answer = shop.page("kpi-list", export="csv", columns=["reference", "value", "spark"])
    lines = list(csv.reader(text_of(answer).lstrip("\ufeff").splitlines()))

    assert lines[-2:] == [["KPI", "Value", "Reference"], ["Revenue", "123", shop.kpi.reference]]


def test_m14_number_leads_to_rows_that_make_it(shop: Shop) -> None:
    page = shop.page("kpi-detail", shop.kpi.pk)
    url = page.context["page"].rows_url
    rows = shop.client.get(url)

    number = rows.context["number"]
    assert escape(url) in page.content.decode()
    assert (number.value, number.recomputed.value, number.recomputed.count) == (Decimal(123), Decimal(123), 3)
    assert [row["row_key"] for row in rows.context["table"].rows] == ["o1", "o41", "o81"]


def test_m14_every_bar_leads_to_rows_that_make_it(shop: Shop) -> None:
    page = shop.page("kpi-detail", shop.kpi.pk).context["page"]

    bars = [bar for view in page.breakdowns for bar in view.bars]
    assert len(bars) >= 6
    for bar in bars:
        number = shop.client.get(bar.url).context["number"]
        assert (number.value, number.recomputed.value, number.recomputed.count) == (bar.value, bar.value, bar.count)


def test_m14_rows_go_out_as_csv_and_add_up(shop: Shop) -> None:
    answer = shop.page("kpi-rows", shop.kpi.pk, export="csv", grain="month", start="2026-03-01")
    lines = list(csv.reader(text_of(answer).lstrip("\ufeff").splitlines()))
    head = next(i for i, line in enumerate(lines) if "revenue" in line)
    place = lines[head].index("revenue")

    assert answer.streaming
    on_page = shop.page("kpi-rows", shop.kpi.pk, grain="month", start="2026-03-01").context["number"]
    assert sum(Decimal(line[place]) for line in lines[head + 1 :]) == on_page.value
    assert len(lines[head + 1 :]) == on_page.recomputed.count


def test_m14_formula_leads_to_its_operands_rows(shop: Shop) -> None:
    formula = shop.more_kpis(1, formula="revenue / 2", dataset=None, aggregation="", expression="")[0]

    number = shop.page("kpi-rows", formula.pk, grain="day", start="2026-03-10").context["number"]

    (operand,) = number.operands
    assert (number.value, operand.name, operand.value_text) == (Decimal("61.5"), "revenue", "123")
    assert shop.client.get(operand.url).context["number"].recomputed.value == Decimal(123)


def test_m14_staff_sees_the_number_and_not_its_rows(shop: Shop) -> None:
    sales = shop.department("SALES")
    kpi = shop.more_kpis(1, department=sales)[0]
    staff = shop.client_as("staff", sales)

    assert "/rows/" not in text_of(shop.page("kpi-detail", kpi.pk, client=staff))
    assert shop.page("kpi-rows", kpi.pk, client=staff).status_code == 403


def test_o4_kpi_of_another_department_is_nowhere(shop: Shop) -> None:
    sales, stock = shop.department("SALES"), shop.department("STOCK")
    shop.more_kpis(1, name="Of sales", department=sales)
    hidden = shop.more_kpis(1, name="Of stock", key="stock", department=stock)[0]
    formula = shop.more_kpis(
        1, formula="stock * 2", dataset=None, aggregation="", expression="", department=sales, name="Double"
    )[0]
    staff = shop.client_as("staff", sales)
    listed = shop.page("kpi-list", client=staff)

    assert {row.kpi.name for row in listed.context["page"].rows} == {"Of sales", "Double"}
    assert listed.context["page"].count == "2"
    assert "Of stock" not in text_of(shop.page("kpi-list", client=staff, export="csv"))
    for name in ("kpi-detail", "kpi-edit", "kpi-redefine"):
        assert shop.page(name, hidden.pk, client=staff).status_code in (403, 404)
    assert shop.page("kpi-detail", hidden.pk, client=staff).status_code == 404
    assert "Of stock" not in text_of(shop.page("kpi-detail", formula.pk, client=staff))


def test_o4_number_of_a_hidden_department_is_nowhere_for_formulas_either(shop: Shop) -> None:
    sales, stock = shop.department("SALES"), shop.department("STOCK")
    with tenant_context(shop.organization.pk):
        unit = shop.dataset.columns.get(key="unit").pk
        formula = make_kpi(shop.owner, shop.organization, formula="revenue * 2", department=sales)
        rights = ("organization.department.view", "metrics.kpi.view", "metrics.kpi.view_rows")
        role = create_role(shop.owner, shop.organization, name="Sales eyes")
        set_grants(shop.owner, role, grants=dict.fromkeys(rights, "department"))
        member = make_member(None, department=sales)
        give_role(member, role)
    seller = client_of(member)

    answers = [
        shop.page("kpi-rows", formula.pk, client=seller, tree=unit, department=pk) for pk in (sales.pk, stock.pk)
    ]

    assert [answer.status_code for answer in answers] == [200, 404]


@pytest.mark.parametrize(
    "query",
    [
        {"start": "2026-13-01", "grain": "day"},
        {"start": "2026-03-01", "grain": "decade"},
        {"column": "abc"},
        {"column": str(2**70)},
        {"column": "0", "key": "1"},
        {"tree": "0"},
    ],
)
def test_address_of_no_number_is_not_found(shop: Shop, query: dict[str, str]) -> None:
    assert shop.page("kpi-rows", shop.kpi.pk, **query).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"range": "nonsense", "grain": "eon", "compare": "x", "anchor": "y"},
        {"range": "custom"},
        {"range": "custom", "first_on": "2026-03-09", "last_on": "2026-03-01"},
        {"range": "custom", "first_on": "0001-01-01", "last_on": "9999-12-31"},
        {"range": "all", "grain": "hour"},
        {"range": "last-12-months", "compare": "year", "grain": "quarter"},
    ],
)
def test_page_bears_every_address(shop: Shop, query: dict[str, str]) -> None:
    assert "Revenue" in text_of(shop.page("kpi-detail", shop.kpi.pk, **query))


def test_swap_of_the_figures_brings_them_alone(shop: Shop) -> None:
    url = reverse("metrics:kpi-detail", args=[shop.kpi.pk])
    answer = shop.client.get(url, {"range": "last-7-days"}, headers={"HX-Request": "true"})

    assert answer.content.strip().startswith(b'<div class="stack" id="figures">')
    # htmx takes script elements out of what it swaps in; a figure in one would be lost
    assert b"<script" not in answer.content
    assert b"<template data-figure>{" in answer.content


def test_version_in_the_future_is_listed_and_not_yet_counted(shop: Shop) -> None:
    url = reverse("metrics:kpi-redefine", args=[shop.kpi.pk])
    facts = {"kind": "aggregate", "dataset": shop.dataset.pk, "aggregation": "sum", "expression": "revenue * 100"}
    answer = shop.client.post(
        url, facts | {"version": "1", "since": "day", "effective_on": "2027-01-01", "why": "Cents"}
    )

    assert answer.status_code == 302
    with tenant_context(shop.organization.pk):
        recompute(shop.dataset)
        assert list(KpiVersion.objects.filter(kpi=shop.kpi).values_list("number", "why")) == [(1, ""), (2, "Cents")]
    assert shop.page("kpi-detail", shop.kpi.pk).context["page"].headline.value == Decimal(123)
