"""The sample's rows: the same every time, nothing from the future, and the troubles it promises."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ops_platform.sample import season, trouble
from ops_platform.sample.generation import tables
from ops_platform.sample.rows import Rows, local_day
from ops_platform.sample.texts import BOTH, CHINESE, ENGLISH

AS_OF = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def sample() -> dict[str, Rows]:
    return {key: make() for key, make in tables(AS_OF, ENGLISH)}


def lines(sample: dict[str, Rows], key: str) -> list[dict[str, Any]]:
    """The rows as dicts, with `at` and its local `day` and `hour`."""
    rows = sample[key]
    columns = rows.numbers | rows.texts
    found = []
    for place, at in enumerate(rows.instants()):
        local = at + timedelta(hours=8)
        row = {name: values[place] for name, values in columns.items()}
        found.append(row | {"at": at, "day": local.date(), "hour": local.hour})
    return found


def test_o8_the_same_day_and_seed_make_the_same_rows() -> None:
    first = {key: make() for key, make in tables(AS_OF, ENGLISH, months=2)}
    second = {key: make() for key, make in tables(AS_OF, ENGLISH, months=2)}
    other = dict(tables(AS_OF, ENGLISH, months=2, seed=1))["orders"]()

    assert [(rows.keys, rows.numbers, rows.texts, rows.seconds.tolist()) for rows in first.values()] == [
        (rows.keys, rows.numbers, rows.texts, rows.seconds.tolist()) for rows in second.values()
    ]
    assert other.numbers != first["orders"].numbers


def test_o8_eighteen_months_end_at_the_given_instant(sample: dict[str, Rows]) -> None:
    assert 150_000 <= len(sample["orders"]) <= 250_000
    for key, rows in sample.items():
        assert len(set(rows.keys)) == len(rows)
        assert all(len(values) == len(rows) for values in (rows.numbers | rows.texts).values())
        assert local_day(rows.instants()[0]) >= date(2025, 5, 1)
        assert rows.instants() == sorted(rows.instants())
        assert rows.instants()[-1] <= AS_OF
        assert (AS_OF - rows.instants()[-1] < timedelta(days=1)) == (key not in {"inspections", "survey"})


def test_demand_dips_at_chinese_new_year_and_peaks_on_the_eleventh_of_november() -> None:
    days = [date(2026, 2, 17), date(2026, 3, 17), date(2025, 11, 11), date(2025, 10, 28)]
    new_year, usual, festival, before = season.demand(days)

    assert new_year < usual / 2
    assert festival > 3 * before


def test_outage_leaves_no_online_order_and_hardly_a_visit(sample: dict[str, Rows]) -> None:
    day, _ = trouble.OUTAGE.days(TODAY)
    usual = day - timedelta(days=7)
    orders = Counter(
        row["day"]
        for row in lines(sample, "orders")
        if row["channel"] == "Online" and row["hour"] in trouble.OUTAGE_HOURS and not row["quantity"].startswith("-")
    )
    visits: Counter[date] = Counter()
    for row in lines(sample, "web_sessions"):
        visits[row["day"]] += int(row["sessions"]) if row["hour"] in trouble.OUTAGE_HOURS else 0

    assert orders[day] == 0
    assert orders[usual] > 0
    assert visits[day] * 20 < visits[usual]


def test_supplier_failure_shows_in_returns_and_deliveries_of_the_south(sample: dict[str, Rows]) -> None:
    first, last = trouble.SUPPLIER.days(TODAY)
    late: Counter[tuple[str, bool]] = Counter()
    every: Counter[tuple[str, bool]] = Counter()
    for row in lines(sample, "deliveries"):
        key = (row["region"], first + timedelta(days=4) <= row["day"] <= last)
        every[key] += 1
        late[key] += int(row["late"])
    shares = {key: late[key] / every[key] for key in every}
    returned = Counter(
        row["region"] for row in lines(sample, "orders") if row["return_reason"] == "Defect" and row["day"] >= first
    )

    assert shares["South", True] > 0.3
    assert max(shares["South", False], shares["East", True]) < 0.1
    assert returned.most_common(1)[0][0] == "South"


def test_price_error_sells_the_pot_at_a_tenth(sample: dict[str, Rows]) -> None:
    first, last = trouble.PRICING.days(TODAY)
    pots = [r for r in lines(sample, "orders") if r["product"] == "K-301 Cast-iron pot" and r["channel"] == "Online"]
    sold = [r for r in pots if not r["quantity"].startswith("-")]
    wrong = {Decimal(row["unit_price"]) for row in sold if first <= row["day"] <= last}
    right = {Decimal(row["unit_price"]) for row in sold if not first <= row["day"] <= last}

    assert (wrong, right) == ({Decimal("28.70")}, {Decimal("287.00")})


def test_stock_out_empties_one_place_and_stops_its_sales(sample: dict[str, Rows]) -> None:
    first, last = trouble.STOCK_OUT.days(TODAY)
    empty = {
        row["day"] for row in lines(sample, "stock") if row["product"] == "F-101 Oak chair" and row["on_hand"] == "0"
    }
    sold = [
        row
        for row in lines(sample, "orders")
        if row["product"] == "F-101 Oak chair"
        and row["region"] == "East"
        and first <= row["day"] <= last
        and not row["quantity"].startswith("-")
    ]

    assert empty >= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    assert sold == []


def test_complaints_come_in_a_wave_that_wears_everybody_out(sample: dict[str, Rows]) -> None:
    first, last = trouble.COMPLAINTS.days(TODAY)
    rows = lines(sample, "tickets")
    wave = [row for row in rows if first <= row["day"] <= last]
    calm = [row for row in rows if row["day"] < first]

    def mean(found: list[dict[str, Any]], key: str) -> float:
        values = [float(row[key]) for row in found if row[key] is not None]
        return sum(values) / len(values)

    assert mean(wave, "satisfaction") < mean(calm, "satisfaction") - 0.5
    assert mean(wave, "first_response") > 1.5 * mean(calm, "first_response")


def test_m6_inspections_fall_silent(sample: dict[str, Rows]) -> None:
    assert lines(sample, "inspections")[-1]["day"] == TODAY - timedelta(days=19)


def test_purchases_of_the_web_shop_are_the_online_orders(sample: dict[str, Rows]) -> None:
    day = date(2026, 3, 10)
    orders = {
        row["order_no"]
        for row in lines(sample, "orders")
        if row["day"] == day and row["channel"] == "Online" and not row["quantity"].startswith("-")
    }
    purchases = sum(int(row["purchases"]) for row in lines(sample, "web_sessions") if row["day"] == day)

    assert purchases == len(orders)


@pytest.mark.parametrize(
    ("language", "region"), [(ENGLISH, "South"), (CHINESE, "华南"), (BOTH, "South 华南")], ids=["en", "zh", "both"]
)
def test_plain_text_values_are_in_the_asked_language(language: str, region: str) -> None:
    rows = dict(tables(AS_OF, language, months=0))["orders"]()

    assert region in set(rows.texts["region"])
