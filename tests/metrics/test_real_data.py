"""Other people's real files, loaded as a user would, held against pandas and against published figures.

pandas counts in whole thousandths, so that no comparison rests on binary fractions.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.db import connection, transaction

from metrics.models import Dataset, DatasetColumn, DimensionValue, Kpi, RollupMark
from metrics.queries.series import Slice, breakdown, series, window
from metrics.services import rollups
from metrics.services.kits import apply_kit, suggest_kits
from organization.access import Actor
from organization.engine.periods import Grain, Period, periods
from organization.models import Organization
from organization.tenancy import tenant_context
from tests.conftest import SHARED_DATA
from tests.factories import make_actor, make_organization
from tests.factories.metrics import make_kpi
from tests.metrics.importing import imported

# One load serves all tests of a file: they stay on one worker
pytestmark = [
    pytest.mark.xdist_group("real-data"),
    pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no shared data at {SHARED_DATA}"),
]
RETAIL = SHARED_DATA / "crm" / "online_retail.csv.gz"
SUPERSTORE = SHARED_DATA / "business" / "superstore_orders.csv"
SESSIONS = SHARED_DATA / "business" / "web_sessions.csv"
GRAINS = {Grain.DAY: "D", Grain.WEEK: "W-SUN", Grain.MONTH: "M"}
THOUSAND = Decimal(1000)
PLACES = Decimal("1e-15")


@dataclass(frozen=True)
class Loaded:
    """A file in the store, with the starter kit's KPIs by key."""

    organization: Organization
    owner: Actor
    dataset: Dataset
    kpis: dict[str, Kpi]

    def column(self, key: str) -> DatasetColumn:
        return self.dataset.columns.get(key=key)

    def periods(self, grain: Grain) -> list[Period]:
        """All periods that the data lies in."""
        self.dataset.refresh_from_db()
        assert self.dataset.first_at is not None
        assert self.dataset.last_at is not None
        rule = self.organization.period_rule
        return periods(grain, self.dataset.first_at, self.dataset.last_at + pd.Timedelta(microseconds=1), rule)

    def values(self, key: str, grain: Grain, only: Slice | None = None) -> dict[str, Decimal | None]:
        """The KPI by the first day of each period."""
        found = self.periods(grain)
        pk = self.kpis[key].pk
        numbers = series([pk], window(found, "", self.organization.period_rule), only=only)[pk].values
        return {period.first_on.isoformat(): value for period, value in zip(found, numbers, strict=True)}

    def parts(self, key: str, period: Period, column: str) -> dict[str, Decimal | None]:
        """The KPI by the texts of a column in one period."""
        pk, dimension = self.kpis[key].pk, self.column(column)
        names = dict(dimension.values.values_list("code", "value"))
        return {names[part.key1]: part.value for part in breakdown([pk], period, dimension.pk)[pk] or []}


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Organization]:
    """An organization in one transaction that the whole module shares and that is rolled back at its end."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            organization = make_organization()
            with tenant_context(organization.pk):
                yield organization
            transaction.set_rollback(True)
        connection.close()


def loaded(company: Organization, content: Path | bytes, **facts: Any) -> Loaded:
    """Import a file and apply the kit that it suggests."""
    owner = make_actor("owner")
    batch = imported(owner, company, content, **facts)
    assert batch.rows_refused == 0
    dataset = Dataset.objects.get(pk=batch.dataset_id)
    (suggestion,) = suggest_kits(dataset)
    apply_kit(owner, dataset, kit=suggestion.kit, columns=suggestion.columns)
    return Loaded(company, owner, dataset, {})


def computed(found: Loaded) -> Loaded:
    """With all rollups made, and the KPIs by key without the dataset's prefix."""
    assert rollups.recompute_dataset(found.organization.pk, found.dataset.pk)
    counted = Kpi.objects.filter(versions__dataset=found.dataset)
    formulas = Kpi.objects.filter(versions__operands__kpi__in=counted)
    prefix = f"{found.dataset.key.replace('-', '_')}_"
    for kpi in [*counted, *formulas]:
        found.kpis[kpi.key.removeprefix(prefix)] = kpi
    return found


@pytest.fixture(scope="module")
def retail(company: Organization) -> Loaded:
    return computed(loaded(company, RETAIL))


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """The retail file by pandas alone: amounts in thousandths, returns marked, the start of each period."""
    frame = pd.read_csv(
        RETAIL,
        dtype={"InvoiceNo": str, "CustomerID": str, "UnitPrice": str},
        usecols=lambda name: name != "Description",
    )
    thousandths = (frame["UnitPrice"].astype(float) * 1000).round()
    assert (thousandths / 1000 - frame["UnitPrice"].astype(float)).abs().max() < 1e-9
    frame["amount"] = frame["Quantity"] * thousandths.astype("int64")
    frame["returned"] = (frame["Quantity"] < 0) | frame["InvoiceNo"].str.startswith("C")
    at = pd.to_datetime(frame["InvoiceDate"])
    for grain, code in GRAINS.items():
        frame[grain] = at.dt.to_period(code).dt.start_time.dt.strftime("%Y-%m-%d")
    return frame


def expected(lines: pd.DataFrame, keys: list[Any]) -> dict[str, dict[Any, Decimal]]:
    """What the KPIs must be, by the given columns of the frame."""
    sold, back = lines[~lines["returned"]], lines[lines["returned"]]

    def money(frame: pd.DataFrame, sign: int = 1) -> dict[Any, Decimal]:
        return {
            key: sign * Decimal(int(value)) / THOUSAND for key, value in frame.groupby(keys)["amount"].sum().items()
        }

    def different(column: str) -> dict[Any, Decimal]:
        return {key: Decimal(value) for key, value in sold.groupby(keys)[column].nunique().items()}

    occasions = sold.groupby([*keys, "CustomerID"])["InvoiceNo"].nunique()
    repeated = occasions[occasions >= 2].groupby(level=list(range(len(keys)))).size()
    return {
        "net_revenue": money(lines),
        "gross_sales": money(sold),
        "returned_value": money(back, -1),
        "orders": different("InvoiceNo"),
        "active_customers": different("CustomerID"),
        "repeat_customers": {key: Decimal(int(value)) for key, value in repeated.items()},
        "units_sold": {key: Decimal(int(value)) for key, value in sold.groupby(keys)["Quantity"].sum().items()},
    }


COUNTED = (
    *("net_revenue", "gross_sales", "returned_value", "orders", "active_customers", "repeat_customers", "units_sold"),
)


def filled(values: dict[Any, Decimal | None]) -> dict[Any, Decimal]:
    """Without the periods in which nothing happened: none and nothing counted say the same."""
    return {key: value for key, value in values.items() if value}


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("key", COUNTED)
def test_retail_kpi_of_every_period_equals_pandas(retail: Loaded, lines: pd.DataFrame, key: str, grain: Grain) -> None:
    assert filled(retail.values(key, grain)) == filled(dict(expected(lines, [grain])[key]))


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("key", ["net_revenue", "orders", "active_customers", "returned_value"])
def test_retail_kpi_of_every_country_and_period_equals_pandas(
    retail: Loaded, lines: pd.DataFrame, key: str, grain: Grain
) -> None:
    column = retail.column("country")
    found = {
        (country, start): value
        for code, country in column.values.values_list("code", "value")
        for start, value in retail.values(key, grain, Slice(column.pk, code)).items()
    }

    assert filled(found) == filled(dict(expected(lines, ["Country", grain])[key]))


@pytest.mark.parametrize("grain", GRAINS)
def test_retail_return_rate_is_a_ratio_of_sums(retail: Loaded, lines: pd.DataFrame, grain: Grain) -> None:
    sums = expected(lines, [grain])
    wanted = {
        start: (sums["returned_value"].get(start, Decimal(0)) / gross).quantize(PLACES)
        for start, gross in sums["gross_sales"].items()
        if gross
    }

    found = {
        start: value.quantize(PLACES)
        for start, value in retail.values("return_rate", grain).items()
        if value is not None
    }

    assert found == wanted


def test_retail_figures_are_the_known_ones(retail: Loaded) -> None:
    total = sum(filled(retail.values("net_revenue", Grain.MONTH)).values(), Decimal(0))
    different = {
        key: DimensionValue.objects.filter(column=retail.column(key)).count()
        for key in ("invoiceno", "customerid", "stockcode", "country")
    }

    assert retail.dataset.row_count == 541_909
    assert total.quantize(Decimal("0.01")) == Decimal("9747747.93")
    assert different == {"invoiceno": 25_900, "customerid": 4_372, "stockcode": 4_070, "country": 38}


def test_m5_retail_sent_again_changes_nothing(retail: Loaded) -> None:
    before = retail.values("net_revenue", Grain.DAY)

    batch = imported(retail.owner, retail.organization, RETAIL, dataset=retail.dataset)

    assert (batch.rows_created, batch.rows_updated, batch.rows_unchanged) == (0, 0, 541_909)
    assert not RollupMark.objects.filter(dataset_id=retail.dataset.pk).exists()
    retail.dataset.refresh_from_db()
    assert retail.dataset.row_count == 541_909
    assert retail.values("net_revenue", Grain.DAY) == before


# --- Superstore: the computed reference beside the file ----------------------------------------------------------------


@pytest.fixture(scope="module")
def superstore(company: Organization) -> Loaded:
    found = loaded(company, SUPERSTORE)
    splits = [("region",), ("product_category",), ("customer_segment",)]
    same = {"dataset": found.dataset, "breakdowns": splits}
    make_kpi(found.owner, company, key="sales", aggregation="sum", expression="sales", **same)
    make_kpi(found.owner, company, key="profit", aggregation="sum", expression="profit", **same)
    make_kpi(found.owner, company, key="profit_ratio", formula="profit / sales")
    make_kpi(
        found.owner, company, key="customers", aggregation="distinct", subject="customer_id", dataset=found.dataset
    )
    make_kpi(found.owner, company, key="numbers", aggregation="distinct", subject="order_id", dataset=found.dataset)
    return computed(found)


@pytest.fixture(scope="module")
def reference() -> Any:
    """The totals beside the file, read as exact numbers."""
    text = (SHARED_DATA / "business" / "reference" / "superstore_orders.json").read_text()
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def rounded(values: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    """To the four places that the reference keeps."""
    return {key: (value or Decimal(0)).quantize(Decimal("1e-4")) for key, value in values.items()}


NAMES = {
    Grain.YEAR: ("by_year", lambda start: start[:4]),
    Grain.QUARTER: ("by_quarter", lambda start: f"{start[:4]}Q{(int(start[5:7]) + 2) // 3}"),
    Grain.MONTH: ("by_month", lambda start: start[:7]),
}


@pytest.mark.parametrize("grain", NAMES)
@pytest.mark.parametrize("measure", ["Sales", "Profit"])
def test_superstore_sums_of_every_period_are_the_reference(
    superstore: Loaded, reference: Any, measure: str, grain: Grain
) -> None:
    part, name = NAMES[grain]

    found = {name(start): value for start, value in superstore.values(measure.lower(), grain).items()}

    assert rounded(found) == reference[measure][part]


@pytest.mark.parametrize("measure", ["Sales", "Profit"])
def test_superstore_weeks_are_the_reference(superstore: Loaded, reference: Any, measure: str) -> None:
    weeks = superstore.values(measure.lower(), Grain.WEEK)
    wanted = reference[measure]["by_week_first3_last3"]

    assert rounded({start: weeks[start] for start in wanted}) == wanted
    assert len(filled(weeks)) == reference[measure]["weeks"] == 210


@pytest.mark.parametrize("measure", ["Sales", "Profit"])
@pytest.mark.parametrize("column", ["Region", "Product Category", "Customer Segment"])
def test_superstore_parts_add_up_to_the_reference(
    superstore: Loaded, reference: Any, measure: str, column: str
) -> None:
    sums: dict[str, Decimal] = {}
    for year in superstore.periods(Grain.YEAR):
        for name, value in superstore.parts(measure.lower(), year, column.lower().replace(" ", "_")).items():
            sums[name] = sums.get(name, Decimal(0)) + (value or Decimal(0))

    assert rounded(sums) == reference[measure][f"by_{column}"]


def test_superstore_profit_ratio_is_a_ratio_of_sums(superstore: Loaded, reference: Any) -> None:
    years = superstore.values("profit_ratio", Grain.YEAR)
    sums = {key: sum(filled(superstore.values(key, Grain.YEAR)).values(), Decimal(0)) for key in ("sales", "profit")}

    assert rounded(sums) == {"sales": Decimal("8951931.32"), "profit": reference["Profit"]["sum"]}
    assert (sums["profit"] / sums["sales"]).quantize(Decimal("1e-4")) == Decimal("0.1466")
    assert rounded({start[:4]: value for start, value in years.items()}) == reference["ratio margin"]["by_year"]


@pytest.mark.parametrize(("kpi", "column"), [("customers", "customer_id"), ("numbers", "order_id")])
def test_superstore_distinct_counts_are_the_reference_and_do_not_add_up(
    superstore: Loaded, reference: Any, kpi: str, column: str
) -> None:
    wanted = reference[f"distinct {'Customer' if kpi == 'customers' else 'Order'} ID"]

    years = {start[:4]: value for start, value in superstore.values(kpi, Grain.YEAR).items()}
    months = superstore.values(kpi, Grain.MONTH).values()

    assert years == wanted["by_year"]
    assert sum(value for value in months if value) == wanted["wrong_sum_of_months"]
    assert DimensionValue.objects.filter(column=superstore.column(column)).count() == wanted["all"]


# --- Web sessions: published totals -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    """The sessions by pandas. The file knows only months; each session is dated to the first of its month."""
    frame = pd.read_csv(SESSIONS, sep=";")
    frame.insert(0, "Date", pd.to_datetime("2018 " + frame["Month"].str[:3], format="%Y %b").dt.strftime("%Y-%m-%d"))
    return frame


@pytest.fixture(scope="module")
def sessions(company: Organization, visits: pd.DataFrame) -> Loaded:
    buffer = io.StringIO()
    visits.to_csv(buffer, sep=";", index=False)
    return computed(loaded(company, buffer.getvalue().encode(), name="sessions.csv"))


def test_sessions_and_purchases_are_the_published_ones(sessions: Loaded) -> None:
    totals = {key: sum(filled(sessions.values(key, Grain.YEAR)).values()) for key in ("web_sessions", "web_purchases")}

    assert totals == {"web_sessions": 12_330, "web_purchases": 1_908}


def test_sessions_conversion_of_every_month_equals_pandas(sessions: Loaded, visits: pd.DataFrame) -> None:
    found = visits.groupby("Date")["Revenue"].agg(["sum", "size"])
    wanted = {
        start: (Decimal(int(row["sum"])) / Decimal(int(row["size"]))).quantize(PLACES)
        for start, row in found.iterrows()
    }

    months = sessions.values("web_conversion", Grain.MONTH)

    assert {start: value.quantize(PLACES) for start, value in months.items() if value is not None} == wanted
