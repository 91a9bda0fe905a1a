"""Defining KPIs, targets and measures by forms, with the check while one writes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from metrics.models import Dataset, DatasetColumn, Kpi, KpiBreakdown, KpiTarget, KpiVersion
from organization.access import Actor
from organization.models import Organization
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member
from tests.factories.metrics import make_kpi
from tests.metrics.helpers import client_of, make_shop, order

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)
IDENTITY = {
    "name": "Net revenue",
    "key": "net",
    "direction": "higher",
    "unit": "money",
    "decimals": "2",
    "grain": "2",
    "due_hours": "24",
}


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner_actor(organization: Organization) -> Actor:
    with tenant_context(organization.pk):
        return actor_of(make_member("owner"))


@pytest.fixture
def dataset(organization: Organization, owner_actor: Actor) -> Dataset:
    rows = [order(1, "2026-03-10", 40), order(2, "2026-03-10", 2), order(3, "2026-03-11", 7)]
    with tenant_context(organization.pk):
        return make_shop(owner_actor, organization, rows, key="revenue-kpi")[0]


@pytest.fixture
def client_(organization: Organization, dataset: Dataset) -> Client:
    with tenant_context(organization.pk):
        return client_of(make_member("owner"))


def definition(counted: Dataset, **values: Any) -> dict[str, Any]:
    return {"kind": "aggregate", "dataset": counted.pk, "aggregation": "sum", "expression": "revenue"} | values


def test_m1_kpi_is_defined_with_its_breakdowns(client_: Client, dataset: Dataset, organization: Organization) -> None:
    facts = {"breakdowns": ["country"], "pair1_first": "country", "pair1_second": "customer", "filter": "quantity > 0"}
    answer = client_.post(reverse("metrics:kpi-new"), IDENTITY | definition(dataset, **facts))

    with tenant_context(organization.pk):
        kpi = Kpi.objects.get(key="net")
        version = KpiVersion.objects.get(kpi=kpi)
        pairs = KpiBreakdown.objects.filter(version=version).values_list("first__key", "second__key")
        assert (version.expression, version.filter) == ("revenue", "quantity > 0")
        assert sorted(pairs, key=str) == sorted([("country", None), ("country", "customer")], key=str)
    assert answer["Location"] == reverse("metrics:kpi-detail", args=[kpi.pk])


def test_m1_fault_in_an_expression_is_pointed_at(client_: Client, dataset: Dataset, organization: Organization) -> None:
    facts = IDENTITY | definition(dataset, expression="revenue + revenu")
    answer = client_.post(reverse("metrics:kpi-new"), facts)

    assert answer.status_code == 422
    assert answer.context["form"].pointer.caret == " " * 10 + "^" * 6
    assert "<mark>revenu</mark>" in answer.content.decode()
    with tenant_context(organization.pk):
        assert not Kpi.objects.filter(key="net").exists()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "10 Mar 2026: 42"),
        ({"unit": "money", "decimals": "1"}, "10 Mar 2026: $42.0"),
        ({"filter": "revenue > 10"}, "10 Mar 2026: 40"),
        ({"expression": "revenu"}, "At character 1"),
        ({"expression": ""}, "Say of which number."),
        ({"dataset": ""}, "Choose the dataset"),
        ({"kind": "formula", "formula": "`revenue-kpi` * 2"}, "10 Mar 2026: 84"),
        ({"kind": "formula", "formula": "1 / 0"}, "A formula names at least one other KPI."),
        ({"grain": "4"}, "Feb 2026: 0"),
    ],
)
def test_m1_check_says_what_the_definition_would_give(
    client_: Client, dataset: Dataset, facts: dict[str, str], said: str
) -> None:
    answer = client_.post(reverse("metrics:kpi-check"), {"grain": "2"} | definition(dataset, **facts))

    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_check_writes_nothing(client_: Client, dataset: Dataset, organization: Organization) -> None:
    with tenant_context(organization.pk):
        before = (Kpi.objects.count(), KpiVersion.objects.count())

    client_.post(reverse("metrics:kpi-check"), {"grain": "2"} | definition(dataset))

    with tenant_context(organization.pk):
        assert (Kpi.objects.count(), KpiVersion.objects.count()) == before


def test_fields_follow_the_aggregation(client_: Client, dataset: Dataset) -> None:
    url = f"{reverse('metrics:kpi-check')}?part=fields"
    repeat = client_.post(url, definition(dataset, aggregation="repeat")).context["form"].fields
    formula = client_.post(url, {"kind": "formula"}).context["form"].fields

    assert {"subject", "occasion", "at_least", "breakdowns"} <= set(repeat)
    assert not {"expression", "percentile", "formula"} & set(repeat)
    assert set(formula) == {"kind", "formula"}


def test_without_a_script_other_choices_show_other_fields(client_: Client, dataset: Dataset) -> None:
    answer = client_.post(reverse("metrics:kpi-new"), definition(dataset, aggregation="distinct", reload="1"))

    assert answer.status_code == 200
    assert "subject" in answer.context["form"].fields
    assert not answer.context["form"].errors


@pytest.mark.parametrize(("since", "expected"), [("day", date(2026, 4, 1)), ("all", None)])
def test_m1_recomputing_history_is_a_choice(
    client_: Client, dataset: Dataset, organization: Organization, since: str, expected: date | None
) -> None:
    with tenant_context(organization.pk):
        kpi = Kpi.objects.get(key="revenue-kpi")
    facts = {"version": "1", "since": since, "effective_on": "2026-04-01", "why": "Returns count now"}
    url = reverse("metrics:kpi-redefine", args=[kpi.pk])

    assert client_.get(url).context["form"].initial["breakdowns"] == ["country"]
    assert client_.post(url, definition(dataset) | facts).status_code == 302
    with tenant_context(organization.pk):
        newest = KpiVersion.objects.get(kpi=kpi, number=2)
        assert (newest.effective_on, newest.why) == (expected, "Returns count now")


def test_m1_a_definition_that_somebody_changed_is_shown_before_it_is_replaced(
    client_: Client, dataset: Dataset, organization: Organization
) -> None:
    with tenant_context(organization.pk):
        kpi = Kpi.objects.get(key="revenue-kpi")
    url = reverse("metrics:kpi-redefine", args=[kpi.pk])
    seen = {"version": client_.get(url).context["form"]["version"].value(), "since": "all"}
    theirs = definition(dataset, expression="revenue * 2") | seen | {"why": "Theirs"}
    mine = definition(dataset, expression="revenue * 3") | seen | {"why": "Mine"}
    assert client_.post(url, theirs).status_code == 302

    refused = client_.post(url, mine)

    form = refused.context["form"]
    assert (refused.status_code, form["expression"].value()) == (422, "revenue * 3")
    assert [value for _label, value in refused.context["conflicts"]] == ["Theirs", "revenue * 2"]
    assert f'name="version" value="{form["version"].value()}"' in refused.content.decode()
    assert client_.post(url, mine | {"version": form["version"].value()}).status_code == 302
    with tenant_context(organization.pk):
        assert list(KpiVersion.objects.filter(kpi=kpi).order_by("number").values_list("why", flat=True)) == [
            *("", "Theirs", "Mine")
        ]


def test_m1_edit_of_a_kpi_that_somebody_changed_shows_both(client_: Client, organization: Organization) -> None:
    with tenant_context(organization.pk):
        kpi = Kpi.objects.get(key="revenue-kpi")
    url = reverse("metrics:kpi-edit", args=[kpi.pk])
    facts = IDENTITY | {"key": "revenue-kpi", "is_active": "on"}

    assert client_.post(url, facts | {"version": "1"}).status_code == 302
    refused = client_.post(url, facts | {"name": "Another", "version": "1"})

    assert refused.status_code == 422
    with tenant_context(organization.pk):
        assert Kpi.objects.get(pk=kpi.pk).name == "Net revenue"


def test_m3_grid_sets_targets_as_people_write_them(
    client_: Client, dataset: Dataset, owner_actor: Actor, organization: Organization
) -> None:
    with tenant_context(organization.pk):
        kpi = make_kpi(owner_actor, organization, dataset=dataset, aggregation="count", unit="percent", grain=4)
    url = reverse("metrics:kpi-targets", args=[kpi.pk])
    page = client_.get(url, {"year": "2026"})
    lines = page.context["lines"]
    facts = {"margin_kind": "relative", "warning_margin": "5", "value_2026-02-01": "97.5", "value_2026-06-01": ""}
    facts["version"] = page.context["form"]["version"].value()

    assert [line.label for line, _fields in lines][:2] == ["Jan 2026", "Feb 2026"]
    assert client_.post(f"{url}?year=2026", facts).status_code == 302
    with tenant_context(organization.pk):
        (stored,) = KpiTarget.objects.filter(kpi=kpi)
        assert (stored.starts_on, stored.value, stored.warning_margin) == (
            date(2026, 2, 1),
            Decimal("0.975"),
            Decimal("0.05"),
        )
    again = client_.get(url, {"year": "2026"}).context
    assert [line.in_force for line, _fields in again["lines"]][:3] == ["", "98%", "98%"]
    assert again["form"]["value_2026-02-01"].value() == Decimal("97.5")


def test_m3_a_grid_that_somebody_changed_takes_no_target_away(
    client_: Client, dataset: Dataset, owner_actor: Actor, organization: Organization
) -> None:
    with tenant_context(organization.pk):
        kpi = make_kpi(owner_actor, organization, dataset=dataset, aggregation="count", grain=4)
    url = f"{reverse('metrics:kpi-targets', args=[kpi.pk])}?year=2026"
    seen = {"margin_kind": "relative", "version": client_.get(url).context["form"]["version"].value()}
    assert client_.post(url, seen | {"value_2026-01-01": "10"}).status_code == 302

    refused = client_.post(url, seen | {"value_2026-02-01": "20"})

    form = refused.context["form"]
    assert (refused.status_code, form["value_2026-02-01"].value()) == (422, "20")
    assert "Somebody else changed this meanwhile." in form.non_field_errors()[0]
    assert [line.in_force for line, _fields in refused.context["lines"]][:2] == ["10", "10"]
    again = seen | {"version": form["version"].value(), "value_2026-01-01": "10", "value_2026-02-01": "20"}
    assert client_.post(url, again).status_code == 302
    with tenant_context(organization.pk):
        assert [row.value for row in KpiTarget.objects.filter(kpi=kpi).order_by("starts_on")] == [10, 20]


def test_derived_measure_is_added_and_a_fault_is_pointed_at(
    client_: Client, dataset: Dataset, organization: Organization
) -> None:
    url = reverse("metrics:dataset-derive", args=[dataset.pk])
    facts = {"name": "Margin", "key": "margin", "unit": "money", "expression": "revenue * 0.3"}

    assert client_.post(url, facts).status_code == 302
    taken = client_.post(url, facts)
    circular = client_.post(url, facts | {"key": "other", "expression": "other + 1"})
    wrong = client_.post(url, facts | {"key": "other", "expression": "中 + 1"})

    assert (taken.status_code, circular.status_code, wrong.status_code) == (422, 422, 422)
    assert wrong.context["pointer"].caret.startswith("^^")
    with tenant_context(organization.pk):
        assert DatasetColumn.objects.get(dataset=dataset, key="margin").expression == "revenue * 0.3"
        assert not DatasetColumn.objects.filter(key="other").exists()


def test_dataset_page_shows_columns_rows_and_kpis(client_: Client, dataset: Dataset) -> None:
    page = client_.get(reverse("metrics:dataset-detail", args=[dataset.pk])).context

    assert [row["row_key"] for row in page["table"].rows] == ["o3", "o2", "o1"]
    assert [kpi.key for kpi in page["page"].kpis] == ["revenue-kpi"]
    assert {column.key for column, _unit, _role in page["columns"]} >= {"quantity", "revenue", "country"}


@pytest.mark.parametrize("name", ["dataset", "kpi"])
@pytest.mark.parametrize("text", ["²", "٣", "9" * 30])
def test_m1_check_takes_no_odd_digit_for_an_id(client_: Client, dataset: Dataset, name: str, text: str) -> None:
    answer = client_.post(reverse("metrics:kpi-check"), definition(dataset) | {name: text})

    assert answer.status_code == 200


def test_m1_check_writes_no_more_decimals_than_a_kpi_may_have(client_: Client, dataset: Dataset) -> None:
    answer = client_.post(reverse("metrics:kpi-check"), definition(dataset, decimals="123456", unit="number"))

    assert "42" in answer.content.decode()
    assert "42.000" not in answer.content.decode()
