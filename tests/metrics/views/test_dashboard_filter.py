"""A dashboard of a part of everything: every number under a filter is the one that the rows give, or a sentence."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from statistics import median
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from openpyxl import load_workbook

from metrics.choices import Aggregation, GrainCode, PanelKind
from metrics.models import Dashboard, DashboardPanel, Kpi, KpiTarget
from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.models import Organization
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member
from tests.factories.metrics import load, make_dataset, make_kpi
from tests.metrics.helpers import client_of, order, recompute, statements

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)
COUNTRIES = ["France", "Spain", "Italy", None]
KINDS: dict[str, dict[str, Any]] = {
    "sum": {"expression": "revenue"},
    "count": {"filter": "quantity > 0"},
    "average": {"expression": "price"},
    "minimum": {"expression": "price"},
    "maximum": {"expression": "price"},
    "last": {"expression": "price"},
    "distinct": {"subject": "customer"},
    "repeat": {"subject": "customer", "occasion": "invoice"},
    "median": {"expression": "price"},
}
Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


class Desk:
    """Orders of March in four countries by nine customers in three units; a KPI of every kind, and a ratio of two."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        with tenant_context(organization.pk):
            self.member = make_member("owner")
            owner = self.owner = actor_of(self.member)
            self.sales = create_department(owner, organization, name="Sales", code="S")
            self.north = create_department(owner, organization, name="North", code="N", parent=self.sales)
            self.works = create_department(owner, organization, name="Works", code="W")
            self.dataset = make_dataset(owner, organization)
            self.rows = [
                order(
                    i,
                    (date(2026, 3, 1) + timedelta(days=i % 10)).isoformat(),
                    (i * 37) % 101,
                    COUNTRIES[(i // 10) % 4],
                    customer=f"C{(i // 10) * 5 % 9}",
                    invoice=f"I{i // 10 % 7}",
                    unit=["S", "N", "W", None][(i // 20) % 4],
                )
                for i in range(1, 361)
            ]
            ways = [("country",), ("customer",), ("unit",)]
            self.kpis: dict[str, Kpi] = {
                kind: make_kpi(
                    owner,
                    organization,
                    key=f"k-{kind}",
                    dataset=self.dataset,
                    aggregation=Aggregation(kind),
                    breakdowns=ways,
                    grain=GrainCode.MONTH,
                    **facts,
                )
                for kind, facts in KINDS.items()
            }
            self.kpis["ratio"] = make_kpi(
                owner, organization, key="ratio", formula="`k-sum` / `k-distinct`", grain=GrainCode.MONTH
            )
            load(self.dataset, self.rows)
            recompute(self.dataset)
            self.columns = {column.key: column for column in self.dataset.columns.all()}
        self.client = client_of(self.member)

    def dashboard(self, *panels: PanelSpec) -> Dashboard:
        with tenant_context(self.organization.pk):
            return create_dashboard(self.owner, self.organization, name="Desk", panels=panels)

    def board(self, *kinds: str) -> Dashboard:
        return self.dashboard(*(PanelSpec(self.kpis[kind], PanelKind.BAR) for kind in kinds))

    def view(self, dashboard: Dashboard, **query: Any) -> Any:
        asked = {"range": "this-month", "grain": "day"} | query
        answer = self.client.get(reverse("metrics:dashboard-detail", args=[dashboard.pk]), asked)
        assert answer.status_code == 200
        return answer

    def numbers(self, dashboard: Dashboard, **query: Any) -> list[Decimal | None]:
        return [panel.figure.tile.value for panel in self.view(dashboard, **query).context["view"].panels]

    def left(self, day: str = "2026-03-10", **wanted: list[str | None]) -> Rows:
        """The rows of a day that a filter leaves, without looking at the product."""
        found = [row for row in self.rows if row["at"].date().isoformat() == day]
        return [row for row in found if all(row[key] in values for key, values in wanted.items())]

    def in_sql(self, condition: str, what: str = "sum(m1 * m2)") -> Decimal | None:
        """What plain SQL over the rows of 10 March gives."""
        slots = {key: column.slot for key, column in self.columns.items()}
        texts = {
            f"[{key}]": f"(SELECT value FROM metrics_dimensionvalue WHERE column_id = {column.pk} AND code = {slots[key]})"
            for key, column in self.columns.items()
        }
        for name, sql in texts.items():
            condition, what = condition.replace(name, sql), what.replace(name, sql)
        with tenant_context(self.organization.pk), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {what} FROM metrics_observation WHERE dataset_id = %s"
                f" AND observed_at >= '2026-03-10' AND observed_at < '2026-03-11' AND {condition}",
                [self.dataset.pk],
            )
            (value,) = cursor.fetchone()
        return value


@pytest.fixture
def desk(organization: Organization) -> Desk:
    return Desk(organization)


def plain(kind: str, rows: Rows) -> Decimal | None:
    """A KPI of these rows, in Python."""
    prices = [row["price"] * row["quantity"] if kind == "sum" else row["price"] for row in rows]
    customers = {row["customer"] for row in rows}
    if kind == "ratio":
        return plain("sum", rows) / len(customers)  # type: ignore[operator]
    if kind == "repeat":
        invoices = [len({row["invoice"] for row in rows if row["customer"] == one}) for one in customers]
        return Decimal(sum(1 for count in invoices if count >= 2))
    made = {
        "sum": sum(prices, Decimal(0)),
        "count": len(rows),
        "average": sum(prices, Decimal(0)) / len(rows),
        "minimum": min(prices),
        "maximum": max(prices),
        "last": sum(prices, Decimal(0)),  # all of a day stand at one instant
        "distinct": len(customers),
        "median": median(prices),
    }
    return Decimal(made[kind])


FILTERS: list[tuple[dict[str, Any], dict[str, list[str | None]]]] = [
    ({"only.country": "France"}, {"country": ["France"]}),
    ({"only.country": ["France", "Spain"]}, {"country": ["France", "Spain"]}),
    (
        {"only.country": ["France", "Spain"], "only.customer": ["C0", "C1", "C3", "C5", "C7"]},
        {"country": ["France", "Spain"], "customer": ["C0", "C1", "C3", "C5", "C7"]},
    ),
    ({"department": "S"}, {"unit": ["S", "N"]}),
    ({"department": ["S", "W"]}, {"unit": ["S", "N", "W"]}),
    ({"department": "S", "only.country": ["France", "Italy"]}, {"unit": ["S", "N"], "country": ["France", "Italy"]}),
]


@pytest.mark.parametrize(("query", "wanted"), FILTERS)
def test_m13_numbers_under_a_filter_are_those_of_the_rows(
    desk: Desk, query: dict[str, Any], wanted: dict[str, list[str | None]]
) -> None:
    kinds = [*KINDS, "ratio"]
    rows = desk.left(**wanted)
    assert 0 < len(rows) < len(desk.left())

    # What stands further down comes later
    found = [value for half in (kinds[:5], kinds[5:]) for value in desk.numbers(desk.board(*half), **query)]

    expected = [plain(kind, rows) for kind in kinds]
    assert [round(value, 20) for value in found if value is not None] == [
        round(one, 20) for one in expected if one is not None
    ]


def test_m13_a_filter_over_two_properties_is_the_sum_that_sql_gives(desk: Desk) -> None:
    condition = "[country] IN ('France', 'Spain') AND [customer] IN ('C0', 'C5')"
    board = desk.board("sum", "distinct", "count")

    found = desk.numbers(board, **{"only.country": ["France", "Spain"], "only.customer": ["C0", "C5"]})

    assert found == [
        desk.in_sql(condition),
        desk.in_sql(condition, "count(DISTINCT [customer])"),
        desk.in_sql(condition, "count(*)"),
    ]
    assert found[0]


def test_m13_a_value_that_nobody_has_counts_nothing(desk: Desk) -> None:
    assert desk.numbers(desk.board("sum", "distinct"), **{"only.country": ["Atlantis", "Utopia"]}) == [0, 0]


def test_m13_a_value_that_nobody_has_is_said(desk: Desk) -> None:
    view = desk.view(desk.board("sum"), **{"only.country": ["France", "Atlantis"], "only.nothing": "x"})

    assert view.context["unknown"] == [("country", "Atlantis")]
    assert "No row has “Atlantis” as country" in view.content.decode()
    assert "No row has" not in desk.view(desk.board("sum"), **{"only.country": "France"}).content.decode()


def test_m13_parts_under_a_filter_that_no_rollup_holds(desk: Desk) -> None:
    board = desk.dashboard(PanelSpec(desk.kpis["sum"], PanelKind.BREAKDOWN, desk.columns["country"]))

    (panel,) = desk.view(board, **{"only.customer": ["C0", "C5"]}).context["view"].panels

    rows = desk.left(customer=["C0", "C5"])
    sums: dict[Any, Decimal] = {}
    for row in rows:
        sums[row["country"]] = sums.get(row["country"], Decimal(0)) + row["price"]
    assert json.loads(panel.figure.payload)["data"][0]["x"] == sorted(map(float, sums.values()), reverse=True)


def test_m13_one_property_after_another_is_said_in_the_address(desk: Desk) -> None:
    board = desk.board("sum")
    page = reverse("metrics:dashboard-detail", args=[board.pk])

    first = desk.client.get(page, {"range": "this-month", "property": "country", "value": " France "})
    second = desk.client.get(first["Location"] + "&property=country&value=Spain")
    third = desk.client.get(second["Location"] + "&property=:department&value=north")

    assert first["Location"] == f"{page}?range=this-month&only.country=France"
    assert third["Location"] == f"{page}?range=this-month&only.country=France&only.country=Spain&department=N"
    view = desk.client.get(third["Location"])
    assert [(chip.name, chip.text) for chip in view.context["chips"]] == [
        ("country", "France"),
        ("country", "Spain"),
        ("Department", "North"),
    ]
    assert view.context["chips"][0].query == "range=this-month&only.country=Spain&department=N"
    assert view.context["chips"][2].query == "range=this-month&only.country=France&only.country=Spain"
    assert view.context["unfiltered"] == "range=this-month"
    html = view.content.decode()
    assert 'name="only.country" value="Spain" form="range-form"' in html
    assert "Clear all" in html


def test_m13_what_a_filter_does_not_reach_says_so_and_shows_no_number(desk: Desk) -> None:
    with tenant_context(desk.organization.pk):
        facts = {"dataset": desk.dataset, "aggregation": "count", "grain": GrainCode.MONTH}
        plain_kpi = make_kpi(desk.owner, desk.organization, name="Plain", **facts)
        own = make_kpi(desk.owner, desk.organization, name="Own", department=desk.north, **facts)
        recompute(desk.dataset)
    board = desk.dashboard(PanelSpec(plain_kpi, PanelKind.BAR), PanelSpec(own, PanelKind.BAR))

    by_country = desk.view(board, **{"only.country": "France"}).context["view"].panels
    in_sales = desk.view(board, department="S").context["view"].panels
    in_works = desk.view(board, department="W").context["view"].panels

    assert [panel.figure.tile for panel in by_country] == [None, None]
    assert by_country[0].figure.notice == "“Plain” is not kept by country, so this filter does not reach it."
    assert in_sales[0].figure.notice == "“Plain” is not kept by department, so this filter does not reach it."
    assert in_sales[1].figure.tile.value == len(desk.left())
    assert in_sales[1].figure.reach == "This KPI belongs to Sales as a whole."
    assert in_works[1].figure.notice == "“Own” belongs to North, so this filter does not reach it."


def test_m13_a_department_is_judged_by_its_own_target(desk: Desk) -> None:
    with tenant_context(desk.organization.pk):
        for department, value in ((None, 9_000), (desk.sales, 10)):
            KpiTarget.objects.create(
                kpi=desk.kpis["sum"],
                department=department,
                grain=GrainCode.DAY,
                starts_on=date(2026, 1, 1),
                value=value,
            )
    board = desk.board("sum")

    whole, sales, part = (
        desk.view(board, **query).context["view"].panels[0].figure.tile
        for query in ({}, {"department": "S"}, {"department": "S", "only.country": "France"})
    )

    assert (whole.target, whole.status.level) == (9_000, "bad")
    assert (sales.target, sales.status.level) == (10, "good")
    assert part.target is None


@pytest.mark.parametrize(("query", "wanted"), FILTERS)
def test_m14_rows_behind_a_filtered_number_make_it_again(
    desk: Desk, query: dict[str, Any], wanted: dict[str, list[str | None]]
) -> None:
    kinds = ["sum", "distinct", "median"]
    panels = desk.view(desk.board(*kinds), **query).context["view"].panels

    for kind, panel in zip(kinds, panels, strict=True):
        number = desk.client.get(panel.rows_url).context["number"]
        assert number.recomputed.value == panel.figure.tile.value == number.value == plain(kind, desk.left(**wanted))
        assert number.recomputed.count == len(desk.left(**wanted))


def test_m14_operands_of_a_filtered_ratio_are_filtered_too(desk: Desk) -> None:
    (panel,) = desk.view(desk.board("ratio"), **{"only.country": ["France", "Spain"]}).context["view"].panels

    number = desk.client.get(panel.rows_url).context["number"]

    assert number.value == panel.figure.tile.value
    rows = desk.left(country=["France", "Spain"])
    values = [desk.client.get(one.url).context["number"].recomputed.value for one in number.operands]
    assert sorted(values) == sorted([plain("sum", rows), plain("distinct", rows)])


@pytest.mark.parametrize("text", ["5.x", "x", "1.2.", "9" * 12, "1." * 5000, "--1"])
def test_m14_a_broken_address_of_rows_is_a_404(desk: Desk, text: str) -> None:
    address = reverse("metrics:kpi-rows", args=[desk.kpis["sum"].pk])

    assert desk.client.get(address, {"grain": "day", "start": "2026-03-10", "where": text}).status_code == 404


@pytest.mark.parametrize("count", [1, 8])
def test_m13_a_filtered_board_costs_eight_statements_for_any_number_of_panels(desk: Desk, count: int) -> None:
    panels = [PanelSpec(desk.kpis[kind], PanelKind.BREAKDOWN, desk.columns["country"]) for kind in list(KINDS)[:count]]
    board = desk.dashboard(*panels)
    desk.view(board)

    with statements(8):
        desk.view(board, **{"only.customer": ["C0", "C1"], "department": "S"})


def test_m13_files_and_paper_say_the_filter_and_hold_its_numbers(desk: Desk) -> None:
    board = desk.board("sum")
    with tenant_context(desk.organization.pk):
        panel = DashboardPanel.objects.get(dashboard=board)
    asked = {"range": "this-month", "grain": "day", "only.country": ["France", "Spain"], "department": "S"}
    address = reverse("metrics:panel-data", args=[board.pk, panel.pk])
    expected = plain("sum", desk.left(country=["France", "Spain"], unit=["S", "N"]))

    csv = b"".join(desk.client.get(address, asked | {"export": "csv"}).streaming_content).decode()
    book = load_workbook(BytesIO(b"".join(desk.client.get(address, asked | {"export": "xlsx"}).streaming_content)))
    pdf = desk.client.get(reverse("metrics:dashboard-pdf", args=[board.pk]), asked)
    wall = desk.client.get(reverse("metrics:dashboard-wall", args=[board.pk]), asked)

    assert "country: France, Spain" in csv
    assert "Department: Sales" in csv
    assert str(expected) in csv
    cells = [str(cell) for sheet in book for row in sheet.values for cell in row]
    assert any("country: France, Spain" in cell for cell in cells)
    assert pdf.status_code == 200
    assert "only.country=France&only.country=Spain" in wall.context["screens"][0]["url"]
    assert "country: France, Spain; Department: Sales" in desk.view(board, **asked).content.decode()


def test_m13_a_filtered_board_as_known_then_is_of_the_rows_of_then(desk: Desk) -> None:
    board = desk.board("sum", "distinct")
    query = {"only.country": ["France", "Spain"], "only.customer": ["C0", "C5"]}
    before = desk.numbers(board, **query)

    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        with tenant_context(desk.organization.pk):
            load(desk.dataset, [order(999, "2026-03-10", 5000, "Spain", customer="C0")])
            recompute(desk.dataset)
        custom = {"range": "custom", "first_on": "2026-03-01", "last_on": "2026-03-10"}
        now = desk.numbers(board, **(query | custom))
        then = desk.numbers(board, **(query | custom | {"known": "2026-03-11"}))

    assert now[0] == (before[0] or 0) + 5000
    assert then == before


def test_o4_a_department_that_is_not_open_to_the_reader_filters_to_nothing(desk: Desk) -> None:
    with tenant_context(desk.organization.pk):
        staff = client_of(make_member("staff", department=desk.works))
        own = make_kpi(
            desk.owner, desk.organization, name="Works", department=desk.works, dataset=desk.dataset,
            aggregation="count", breakdowns=[("unit",)], grain=GrainCode.MONTH,
        )  # fmt: skip
        recompute(desk.dataset)
    board = desk.dashboard(PanelSpec(own, PanelKind.BAR))
    asked = {"range": "this-month", "grain": "day", "department": "N"}

    view = staff.get(reverse("metrics:dashboard-detail", args=[board.pk]), asked)

    assert view.status_code == 200
    assert [(chip.name, chip.text) for chip in view.context["chips"]] in (
        [("Department", "N")],
        [("Department", "North")],
    )
