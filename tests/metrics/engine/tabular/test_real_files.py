"""Real business files against figures computed from them by others."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from metrics.engine.tabular import detect, guess_mapping, read_rows, row_digests
from tests.metrics.engine.tabular.helpers import read_all


def test_m5_superstore_is_windows_1252_month_first_and_sums_to_its_reference(shared_data: Path) -> None:
    path = shared_data / "business" / "superstore_orders.csv"
    reference = json.loads((shared_data / "business/reference/superstore_orders.json").read_text(encoding="utf-8"))
    preview = detect(path)

    result = read_all(path, guess_mapping(preview))

    assert (preview.encoding, preview.delimiter) == ("cp1252", ",")
    order_date = next(column for column in preview.columns if column.name == "Order Date")
    assert (order_date.date_order, order_date.ambiguous) == ("mdy", False)
    assert (len(result.numbers), result.refusals) == (reference["rows"], [])
    days = result.columns["order_date"]
    assert (f"{min(days):%F}", f"{max(days):%F}") == (reference["first"], reference["last"])
    sales = list(map(Decimal, result.columns["sales"]))
    assert sum(sales) == Decimal(str(reference["Sales"]["sum"]))
    by_month: Counter[str] = Counter()
    for day, value in zip(days, sales, strict=True):
        by_month[f"{day:%Y-%m}"] += value
    assert {month: float(total) for month, total in by_month.items()} == reference["Sales"]["by_month"]


def test_m5_superstore_roles_are_guessed_from_the_names(shared_data: Path) -> None:
    mapping = guess_mapping(detect(shared_data / "business" / "superstore_orders.csv"))

    roles = {plan.name: plan.role for plan in mapping.columns}
    assert roles["Order Date"] == "instant"
    assert roles["Row ID"] == "key"
    assert {"Sales", "Profit", "Quantity ordered new", "Discount"} <= {n for n, r in roles.items() if r == "measure"}
    assert {"Customer ID", "Region", "Ship Date", "Postal Code"} <= {n for n, r in roles.items() if r == "dimension"}


def test_m5_web_sessions_has_semicolons_and_its_published_counts(shared_data: Path) -> None:
    path = shared_data / "business" / "web_sessions.csv"
    preview = detect(path)

    result = read_all(path, guess_mapping(preview))

    assert (preview.delimiter, preview.line_end, len(preview.names)) == (";", "CRLF", 18)
    assert (len(result.numbers), result.refusals) == (12_330, [])
    assert result.columns["revenue"].count(True) == 1_908
    assert set(result.columns["revenue"]) == {True, False}


def test_m5_web_referrers_has_old_mac_line_ends_and_thousands_commas(shared_data: Path) -> None:
    path = shared_data / "business" / "web_referrers.csv"
    preview = detect(path)

    result = read_all(path, guess_mapping(preview))

    assert (preview.line_end, preview.raw_names) == ("CR", ("#", "Referrer", "Referrals"))
    assert (len(result.numbers), result.refusals) == (39_627, [])
    with path.open(newline="", encoding="utf-8") as file:
        visits = [int(row[2].replace(",", "")) for row in list(csv.reader(file))[1:] if row]
    assert list(map(int, result.columns["referrals"])) == visits


def test_m5_online_retail_is_read_whole_with_nothing_refused(shared_data: Path) -> None:
    path = shared_data / "crm" / "online_retail.csv.gz"
    preview = detect(path)
    mapping = guess_mapping(preview)

    rows, refused, revenue, customers, digests = 0, 0, Decimal(), set(), Counter()
    first, last = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    for chunk in read_rows(path, mapping, ZoneInfo("UTC")):
        rows += len(chunk)
        refused += len(chunk.refusals)
        columns = chunk.columns
        pairs = zip(columns["quantity"], columns["unitprice"], strict=True)
        revenue += sum(Decimal(quantity) * Decimal(price) for quantity, price in pairs)
        customers.update(columns["customerid"])
        first, last = min(first, *columns["invoicedate"]), max(last, *columns["invoicedate"])
        digests.update(row_digests(chunk))

    assert preview.kind == "csv.gz"
    assert {plan.name: plan.role for plan in mapping.columns} == {
        "InvoiceNo": "dimension",
        "StockCode": "dimension",
        "Description": "dimension",
        "Quantity": "measure",
        "InvoiceDate": "instant",
        "UnitPrice": "measure",
        "CustomerID": "dimension",
        "Country": "dimension",
    }
    assert (rows, refused) == (541_909, 0)
    assert (first, last) == (datetime(2010, 12, 1, 8, 26, tzinfo=UTC), datetime(2011, 12, 9, 12, 50, tzinfo=UTC))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        records = list(csv.reader(file))[1:]
    assert revenue == sum(Decimal(record[3]) * Decimal(record[5]) for record in records)
    assert customers - {None} == {record[6] for record in records} - {""}
    assert len(digests) == len({tuple(record) for record in records})
