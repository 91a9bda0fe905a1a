"""Starter kits: recognised by column names in both languages, applied once, with exact numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from metrics.choices import ColumnRole, RowKey
from metrics.errors import BadDefinition, KitApplied, UnknownKit
from metrics.models import Dashboard, Dataset, DatasetColumn, Kpi
from metrics.queries.series import breakdown, series, window
from metrics.services import rollups
from metrics.services.datasets import ColumnSpec
from metrics.services.kits import apply_kit, suggest_kits
from organization.access import Actor
from organization.engine.periods import Grain, periods
from organization.errors import NotAllowed
from organization.models import AuditEntry, Organization
from tests.factories import make_actor
from tests.factories.metrics import at, load, make_dataset

pytestmark = pytest.mark.django_db

INSTANT, KEY = ColumnSpec("at", ColumnRole.INSTANT), ColumnSpec("id", ColumnRole.KEY)


def measure(name: str, key: str = "") -> ColumnSpec:
    return ColumnSpec(key or name.lower(), ColumnRole.MEASURE, name=name)


def dimension(name: str, key: str = "") -> ColumnSpec:
    return ColumnSpec(key or name.lower(), ColumnRole.DIMENSION, name=name)


ENGLISH = (
    INSTANT,
    KEY,
    measure("Quantity"),
    measure("UnitPrice", "unit_price"),
    dimension("InvoiceNo", "invoice_no"),
    dimension("CustomerID", "customer_id"),
    dimension("Country"),
)
CHINESE = (
    INSTANT,
    KEY,
    measure("数量", "shu_liang"),
    measure("实付金额", "shi_fu_jin_e"),
    dimension("订单编号", "ding_dan_bian_hao"),
    dimension("会员", "hui_yuan"),
    dimension("地区", "di_qu"),
)
# One cancellation by its number, one return by its quantity alone, one line without a customer
LINES = (
    ("1001", "anna", "France", 2, "10"),
    ("1001", "anna", "France", 1, "5"),
    ("1002", "anna", "France", 1, "20"),
    ("1003", "bo", "Spain", 4, "2.5"),
    ("1004", None, "Spain", 1, "45"),
    ("C1005", "bo", "Spain", -2, "2.5"),
    ("1006", "bo", "France", -1, "10"),
)
KEYS = {
    *("net_revenue", "gross_sales", "returned_value", "return_rate", "orders", "average_order_value"),
    *("active_customers", "repeat_customers", "repurchase_rate", "units_sold"),
}


@pytest.fixture
def retail(scope: Organization, owner: Actor) -> Dataset:
    dataset = make_dataset(owner, scope, ENGLISH)
    load(dataset, retail_rows())
    return dataset


def retail_rows() -> list[dict[str, Any]]:
    names = ("invoice_no", "customer_id", "country", "quantity", "unit_price")
    return [
        {"id": f"r{number}", "at": at("2025-03-04"), **dict(zip(names, line, strict=True))}
        for number, line in enumerate(LINES)
    ]


def values_of(scope: Organization, dataset: Dataset) -> dict[str, Decimal | None]:
    rollups.recompute_dataset(dataset.organization_id, dataset.pk)
    keys = dict(Kpi.objects.values_list("pk", "key"))
    march = periods(Grain.MONTH, at("2025-03-01"), at("2025-03-31"), scope.period_rule)
    return {keys[pk]: found.values[0] for pk, found in series(keys, window(march, "", scope.period_rule)).items()}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            ENGLISH,
            {
                "quantity": "quantity",
                "price": "unit_price",
                "order": "invoice_no",
                "customer": "customer_id",
                "place": "country",
            },
        ),
        (
            CHINESE,
            {
                "quantity": "shu_liang",
                "amount": "shi_fu_jin_e",
                "order": "ding_dan_bian_hao",
                "customer": "hui_yuan",
                "place": "di_qu",
            },
        ),
    ],
)
def test_orders_are_recognised_by_english_and_chinese_names(
    scope: Organization, owner: Actor, columns: tuple[ColumnSpec, ...], expected: dict[str, str]
) -> None:
    dataset = make_dataset(owner, scope, columns)

    (suggestion,) = suggest_kits(dataset)

    assert (suggestion.kit, suggestion.columns) == ("orders", expected)
    assert len(suggestion.kpis) == len(KEYS)


def test_dataset_without_an_order_number_gets_no_offer(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope, (INSTANT, KEY, measure("Temperature"), dimension("Sensor")))

    assert suggest_kits(dataset) == []


def test_orders_kit_computes_every_kpi_by_its_stated_definition(
    scope: Organization, owner: Actor, retail: Dataset
) -> None:
    (suggestion,) = suggest_kits(retail)

    apply_kit(owner, retail, kit="orders", columns=suggestion.columns)

    found = values_of(scope, retail)
    assert found == {
        "net_revenue": Decimal("85.0"),
        "gross_sales": Decimal("100.0"),
        "returned_value": Decimal("15.0"),
        "return_rate": Decimal("0.15"),
        "orders": 4,
        "average_order_value": Decimal(25),
        "active_customers": 2,
        "repeat_customers": 1,
        "repurchase_rate": Decimal("0.5"),
        "units_sold": 9,
    }


def test_orders_kit_splits_by_country_also_what_a_formula_computes(
    scope: Organization, owner: Actor, retail: Dataset
) -> None:
    (suggestion,) = suggest_kits(retail)

    apply_kit(owner, retail, kit="orders", columns=suggestion.columns)
    rollups.recompute_dataset(retail.organization_id, retail.pk)

    country = retail.columns.get(key="country")
    names = dict(country.values.values_list("code", "value"))
    rate = Kpi.objects.get(key="return_rate")
    (march,) = periods(Grain.MONTH, at("2025-03-01"), at("2025-03-31"), scope.period_rule)
    parts = breakdown([rate.pk], march, country.pk)[rate.pk]
    assert parts is not None
    assert {names[part.key1]: round(part.value or Decimal(0), 10) for part in parts} == {
        "France": round(Decimal(10) / 45, 10),
        "Spain": round(Decimal(5) / 55, 10),
    }


def test_orders_kit_makes_a_dashboard_of_eight_panels_in_both_languages(
    scope: Organization, owner: Actor, retail: Dataset
) -> None:
    (suggestion,) = suggest_kits(retail)

    dashboard = apply_kit(owner, retail, kit="orders", columns=suggestion.columns)

    panels = list(dashboard.panels.values_list("kpi__key", "kind", "column__key"))
    assert panels == [
        ("net_revenue", "line", None),
        ("orders", "bar", None),
        ("average_order_value", "line", None),
        ("return_rate", "line", None),
        ("active_customers", "bar", None),
        ("repurchase_rate", "line", None),
        ("net_revenue", "breakdown", "country"),
        ("returned_value", "breakdown", "country"),
    ]
    assert dashboard.name_zh == f"销售：{retail.name}"
    assert dashboard.default_period == "last-12-months"  # the rows are old
    assert set(Kpi.objects.values_list("name_zh", flat=True)) >= {"净销售额", "退货率", "复购率"}


def test_orders_kit_says_in_words_what_a_return_is(owner: Actor, scope: Organization, retail: Dataset) -> None:
    apply_kit(owner, retail, kit="orders", columns=suggest_kits(retail)[0].columns)

    sentence = "A return is a line with a negative quantity, or whose order number begins with C."
    said = {kpi.key for kpi in Kpi.objects.all() if sentence in kpi.description}
    assert said == KEYS - {"net_revenue"}


def test_letter_c_means_nothing_where_most_order_numbers_begin_with_it(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope, ENGLISH)
    rows = [row | {"invoice_no": f"C{number}"} for number, row in enumerate(retail_rows())]
    load(dataset, rows)

    apply_kit(owner, dataset, kit="orders", columns=suggest_kits(dataset)[0].columns)

    assert Kpi.objects.get(key="orders").versions.get().filter == "not (quantity < 0)"


def test_kit_uses_the_amount_where_the_file_has_one_and_derives_nothing(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope, CHINESE)

    apply_kit(owner, dataset, kit="orders", columns=suggest_kits(dataset)[0].columns)

    assert not DatasetColumn.objects.filter(dataset=dataset).exclude(expression="").exists()
    assert Kpi.objects.get(key="net_revenue").versions.get().expression == "shi_fu_jin_e"


def test_kit_applied_once_is_no_longer_offered_and_refused(scope: Organization, owner: Actor, retail: Dataset) -> None:
    columns = suggest_kits(retail)[0].columns
    apply_kit(owner, retail, kit="orders", columns=columns)
    count = Kpi.objects.count()

    assert suggest_kits(retail) == []
    with pytest.raises(KitApplied):
        apply_kit(owner, retail, kit="orders", columns=columns)
    assert (Kpi.objects.count(), Dashboard.objects.count()) == (count, 1)


def test_kit_on_a_second_dataset_gets_keys_of_its_own(scope: Organization, owner: Actor, retail: Dataset) -> None:
    apply_kit(owner, retail, kit="orders", columns=suggest_kits(retail)[0].columns)
    second = make_dataset(owner, scope, ENGLISH, key="shop-2")
    load(second, retail_rows())

    apply_kit(owner, second, kit="orders", columns=suggest_kits(second)[0].columns)

    found = values_of(scope, second)
    assert found["shop_2_return_rate"] == Decimal("0.15")
    assert Kpi.objects.get(key="shop_2_return_rate").versions.get().formula == (
        "shop_2_returned_value / shop_2_gross_sales"
    )


@pytest.mark.parametrize(
    ("kit", "columns", "error"),
    [
        ("nothing", {}, UnknownKit),
        ("orders", {"order": "invoice_no", "quantity": "quantity"}, BadDefinition),
        ("orders", {"order": "quantity", "amount": "unit_price"}, BadDefinition),
        ("orders", {"order": "somewhere", "amount": "unit_price"}, BadDefinition),
    ],
)
def test_kit_with_wrong_columns_is_refused_and_changes_nothing(
    owner: Actor, retail: Dataset, kit: str, columns: dict[str, str], error: type[Exception]
) -> None:
    before = AuditEntry.objects.count()

    with pytest.raises(error):
        apply_kit(owner, retail, kit=kit, columns=columns)

    assert (Kpi.objects.count(), Dashboard.objects.count(), AuditEntry.objects.count()) == (0, 0, before)


def test_kit_needs_the_right_to_define_kpis(retail: Dataset) -> None:
    with pytest.raises(NotAllowed):
        apply_kit(make_actor("auditor"), retail, kit="orders", columns={"order": "invoice_no", "amount": "unit_price"})

    assert not Kpi.objects.exists()


def test_sessions_and_tickets_are_recognised_and_computed(scope: Organization, owner: Actor) -> None:
    sessions = make_dataset(
        owner,
        scope,
        (INSTANT, measure("ProductRelated", "product_related"), dimension("Revenue"), dimension("VisitorType")),
        row_key=RowKey.CONTENT,
    )
    tickets = make_dataset(owner, scope, (INSTANT, KEY, dimension("Ticket"), measure("Hours"), measure("Satisfaction")))
    load(
        sessions,
        [
            {"id": str(number), "at": at("2025-03-04"), "product_related": pages, "revenue": bought}
            for number, (pages, bought) in enumerate([(1, "FALSE"), (3, "TRUE"), (5, "true"), (3, None)])
        ],
    )
    load(
        tickets,
        [
            {"id": str(number), "at": at("2025-03-04"), "ticket": str(number), "hours": hours, "satisfaction": mark}
            for number, (hours, mark) in enumerate([(1, 5), (2, 4), (9, 1), (4, None)])
        ],
    )

    for dataset in (sessions, tickets):
        (suggestion,) = suggest_kits(dataset)
        apply_kit(owner, dataset, kit=suggestion.kit, columns=suggestion.columns)
        rollups.recompute_dataset(dataset.organization_id, dataset.pk)

    found = values_of(scope, tickets)
    assert {key: found[key] for key in ("web_sessions", "web_conversion", "web_pages_per_session")} == {
        "web_sessions": 4,
        "web_conversion": Decimal("0.5"),
        "web_pages_per_session": 3,
    }
    assert (found["tickets_opened"], found["resolution_hours_median"], found["judgements"]) == (4, 3, 3)
    assert round(found["satisfied_share"] or 0, 6) == Decimal("0.666667")
