"""The rows behind a number make exactly this number: every aggregation, whole and sliced."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from metrics.models import Dataset, DimensionValue, Kpi
from metrics.queries.rows_behind import Cut, RowsBehind, decoded, row_columns, rows_behind
from metrics.queries.series import Ask, Reader, Slice, Split, Window
from ops_platform.web.formats import Unit
from organization.access import Actor
from organization.engine.periods import Grain, Period, periods
from organization.models import Organization
from organization.services.departments import create_department
from tests.factories.metrics import at, load, make_dataset, make_kpi
from tests.metrics.services.test_rollups import CASES, END, START, random_rows, recompute

pytestmark = pytest.mark.django_db
MORE_CASES = CASES | {
    "first": ({"aggregation": "first", "expression": "revenue"}, None),
    "last": ({"aggregation": "last", "expression": "revenue"}, None),
    "filtered": (
        {"aggregation": "sum", "expression": "revenue", "filter": 'quantity > 0 and country = "France"'},
        None,
    ),
}


def behind(kpi: Kpi, dataset: Dataset, period: Period, cut: Cut | None = None) -> RowsBehind:
    version = kpi.versions.select_related("dataset").get()
    return rows_behind(version, list(dataset.columns.all()), period, cut)


@pytest.mark.parametrize("case", MORE_CASES)
def test_m14_rows_behind_every_month_make_the_number(scope: Organization, owner: Actor, case: str) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, breakdowns=[("country",)], **MORE_CASES[case][0])
    load(dataset, random_rows(3))
    recompute(dataset)
    window = Window(tuple(periods(Grain.MONTH, START, END, scope.period_rule)))
    reader = Reader([kpi.pk])
    ask = Ask(kpi.pk, window)
    reader.load([ask])
    found = reader.series(ask)

    assert len(window.periods) == 5
    for period, value, count in zip(window.periods, found.values, found.counts, strict=True):
        made = behind(kpi, dataset, period).recomputed()

        assert (made.value, made.count) == (value, count)


@pytest.mark.parametrize("case", MORE_CASES)
def test_m14_rows_behind_every_slice_make_the_part(scope: Organization, owner: Actor, case: str) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, breakdowns=[("country",)], **MORE_CASES[case][0])
    load(dataset, random_rows(4))
    recompute(dataset)
    country = dataset.columns.get(key="country")
    period = periods(Grain.MONTH, at("2025-02-01"), at("2025-02-02"), scope.period_rule)[0]
    reader = Reader([kpi.pk])
    ask = Ask(kpi.pk, Window((period,)), split=Split(country.pk))
    reader.load([ask])
    parts = reader.parts(ask)

    assert parts
    for part in parts:
        made = behind(kpi, dataset, period, Cut(((country.pk, part.key1),))).recomputed()
        assert (made.value, made.count) == (part.value, part.count)
    if case in ("sum", "count"):
        assert sum(part.value for part in parts) == behind(kpi, dataset, period).recomputed().value


def test_m14_rows_behind_a_pair_make_the_part(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(
        owner, scope, dataset=dataset, aggregation="sum", expression="revenue", breakdowns=[("country", "customer")]
    )
    load(dataset, random_rows(5))
    recompute(dataset)
    country, customer = dataset.columns.get(key="country"), dataset.columns.get(key="customer")
    period = periods(Grain.MONTH, at("2025-02-01"), at("2025-02-02"), scope.period_rule)[0]
    france = DimensionValue.objects.get(column=country, value="France").code
    anna = DimensionValue.objects.get(column=customer, value="anna").code
    reader = Reader([kpi.pk])
    by_customer = Ask(kpi.pk, Window((period,)), Slice(country.pk, france), Split(customer.pk))
    by_country = Ask(kpi.pk, Window((period,)), Slice(customer.pk, anna), Split(country.pk))
    both = Ask(kpi.pk, Window((period,)), split=Split(country.pk, second_id=customer.pk))
    reader.load([by_customer, by_country, both])

    anna_in_france = behind(kpi, dataset, period, Cut(((country.pk, france), (customer.pk, anna)))).recomputed()
    assert anna_in_france.count
    assert {p.key1: p.value for p in reader.parts(by_customer) or []}[anna] == anna_in_france.value
    assert {p.key1: p.value for p in reader.parts(by_country) or []}[france] == anna_in_france.value
    assert {(p.key1, p.key2): p.value for p in reader.parts(both) or []}[france, anna] == anna_in_france.value


def test_m14_rows_behind_a_department_are_those_of_its_subtree(scope: Organization, owner: Actor) -> None:
    whole = create_department(owner, scope, name="All", code="ALL")
    shop = create_department(owner, scope, name="Shop", code="SHOP", parent=whole)
    create_department(owner, scope, name="Other", code="OTHER")
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, aggregation="sum", expression="quantity", breakdowns=[("unit",)])
    units = ["ALL", "SHOP", "OTHER", None, "NOWHERE"]
    load(dataset, [{"id": i, "at": at("2025-03-01"), "quantity": 10**i, "unit": unit} for i, unit in enumerate(units)])
    recompute(dataset)
    unit = dataset.columns.get(key="unit")
    period = periods(Grain.DAY, at("2025-03-01"), at("2025-03-01") + timedelta(hours=1), scope.period_rule)[0]
    reader = Reader([kpi.pk])
    ask = Ask(kpi.pk, Window((period,)), split=Split(unit.pk, by_department=True))
    reader.load([ask])

    tree = {part.key1: part.value for part in reader.parts(ask) or []}
    assert tree[whole.pk] == Decimal(11)
    assert tree[shop.pk] == Decimal(10)
    for department_id, value in tree.items():
        made = behind(kpi, dataset, period, Cut(department_column=unit.pk, department_id=department_id)).recomputed()
        assert made.value == value


def test_m14_rows_show_every_column_decoded(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, aggregation="sum", expression="revenue")
    row = {"id": "r1", "at": at("2025-03-01"), "quantity": 3, "price": Decimal("2.50"), "country": "中国", "unit": "X"}
    load(dataset, [row])
    period = periods(Grain.DAY, at("2025-03-01"), at("2025-03-01", "13:00+00:00"), scope.period_rule)[0]
    found = behind(kpi, dataset, period)
    columns = row_columns(found, lambda _code: Unit())

    (shown,) = decoded(found.rows, found.columns)

    assert {column.key: column.text(shown) for column in columns} == {
        "observed_at": "2025-03-01 12:00",
        "quantity": "3",
        "price": "2.50",
        "customer": "",
        "country": "中国",
        "invoice": "",
        "unit": "X",
        "revenue": "7.50",
        "row_key": "r1",
    }
