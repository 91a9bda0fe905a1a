"""Every messy file of the shared data through the real import: accepted right, or refused with row, column, reason."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from metrics.choices import BatchStatus
from metrics.errors import BadMapping
from metrics.models import Dataset, DimensionValue, ImportBatch, RollupMark
from metrics.services import imports
from organization.access import Actor
from organization.models import Organization
from tests.metrics.importing import all_rows, column_of, imported, ran, send, undone

pytestmark = pytest.mark.django_db

LONG = [
    "avian_influenza_footer.csv",
    "health_spending_uk.csv",
    "hotel_occupancy_brussels.csv",
    "mental_health_inpatients_utf16.csv",
    "restaurant_order_lines_bom.csv",
    "restaurant_orders_gbk.csv",
    "store_openings_two_digit_years.csv",
]
WIDE = {
    "child_mortality_duplicate_headers.csv": ("1990", "2005"),
    "emissions_title_rows.csv": ("2000", "2007"),
    "temperature_anomalies_cr.csv": ("Jan",),
}
SHEETS = [
    ("deaths_notes_around_table.xlsx", "arts"),
    ("deaths_notes_around_table.xlsx", "other"),
    ("food_insecurity_merged_headers.xlsx", "IPC"),
    ("restaurant_dishes_zh.xls", "Sheet1"),
    ("savings_bonds_title_rows.xlsx", "data"),
]
OTHERS = {"dates_1904_system.xlsx", "government_contracts.csv"}


@pytest.fixture
def messy(shared_data: Path) -> Path:
    return shared_data / "messy"


@pytest.fixture
def expected(messy: Path) -> dict[str, Any]:
    return json.loads((messy / "expected.json").read_text(encoding="utf-8"))


def sums(dataset: Dataset, batch: ImportBatch) -> dict[str, Decimal]:
    """What the stored values of each number column add up to, by the column's name in the file."""
    found = {}
    for column in batch.plan["mapping"]["columns"]:
        if column["role"] == "measure":
            values = column_of(dataset, column["key"])
            found[column["name"]] = sum((value for value in values if value is not None), Decimal())
    return found


def test_m5_every_messy_file_is_imported_here(expected: dict[str, Any]) -> None:
    assert {*LONG, *WIDE, *(name for name, _ in SHEETS), *OTHERS} == set(expected)


@pytest.mark.parametrize("name", LONG)
def test_m5_messy_file_is_stored_with_all_rows_and_exact_sums(
    scope: Organization, owner: Actor, messy: Path, expected: dict[str, Any], name: str
) -> None:
    facts = expected[name]
    wanted = {column: about for column, about in facts.items() if isinstance(about, dict) and "numbers" in about}

    def read_as_numbers(plan: dict[str, Any]) -> None:
        for column in plan["mapping"]["columns"]:
            if column["name"].strip() in wanted:
                column |= {"role": "measure", "type": "number"}

    batch = imported(owner, scope, messy / name, read_as_numbers)

    assert (batch.rows_read, batch.rows_created, batch.rows_refused) == (facts["rows"], facts["rows"], 0)
    assert len(all_rows(batch.dataset)) == batch.dataset.row_count == facts["rows"]
    stored = sums(batch.dataset, batch)
    for column, about in wanted.items():
        assert float(stored[column]) == pytest.approx(about["sum"], abs=5e-5)
    instant = next(c["name"] for c in batch.plan["mapping"]["columns"] if c["role"] == "instant")
    if instant in facts:
        moments = [row[1] for row in all_rows(batch.dataset)]
        assert [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in (min(moments), max(moments))] == [
            facts[instant]["first"],
            facts[instant]["last"],
        ]


@pytest.mark.parametrize("name", WIDE)
def test_m5_messy_wide_file_becomes_a_row_a_period(
    scope: Organization, owner: Actor, messy: Path, expected: dict[str, Any], name: str
) -> None:
    batch = imported(owner, scope, messy / name)

    assert (batch.rows_read, batch.rows_refused) == (expected[name]["rows"], 0)
    rows = all_rows(batch.dataset)
    values = column_of(batch.dataset, "value")
    for period in WIDE[name]:
        found = [
            value
            for row, value in zip(rows, values, strict=True)
            if (row[1].year == int(period) if period.isdigit() else row[1].month == 1)
        ]
        assert len(found) == expected[name][period]["numbers"]
        assert float(sum(found)) == pytest.approx(expected[name][period]["sum"])


@pytest.mark.parametrize(("name", "sheet"), SHEETS)
def test_m5_messy_workbook_is_stored_with_exact_sums(
    scope: Organization, owner: Actor, messy: Path, expected: dict[str, Any], name: str, sheet: str
) -> None:
    facts = expected[name][sheet]
    stored: dict[str, Decimal] = {}
    rows: set[int] = set()

    for table in range(1 + (name == "savings_bonds_title_rows.xlsx")):
        batch = send(owner, scope, messy / name)
        batch = imports.reread_file(owner, batch, dataset=None, sheet=sheet, table=table)
        imports.set_mapping(owner, batch, plan=batch.plan)
        assert ran(batch).status == BatchStatus.CHECKED
        imports.load_checked(owner, batch)
        batch = ran(batch)
        assert (batch.status, batch.rows_refused) == (BatchStatus.DONE, 0)
        stored |= sums(batch.dataset, batch)
        rows.add(batch.rows_created)

    footers = [note for note in batch.facts["notes"] if note["code"] == "footer_skipped"]
    assert max(rows) == facts["data_rows"] - (len(footers) if name.startswith("food") else 0)
    compared = {column: total for column, total in facts["number_sums"].items() if column in stored}
    assert compared
    for column, total in compared.items():
        assert float(stored[column]) == pytest.approx(total, abs=6e-5), column


def test_m5_columns_beyond_the_slots_are_left_out_and_named(scope: Organization, owner: Actor, messy: Path) -> None:
    batch = send(owner, scope, messy / "food_insecurity_merged_headers.xlsx")

    columns = batch.plan["mapping"]["columns"]
    (note,) = [note for note in batch.facts["preview_notes"] if note["code"] == "columns_left_out"]
    assert [column["role"] for column in columns].count("measure") == 16
    assert len(note["params"]["columns"]) == 15


def test_m5_sheet_without_a_date_is_refused_with_the_reason(scope: Organization, owner: Actor, messy: Path) -> None:
    batch = send(owner, scope, messy / "savings_bonds_title_rows.xlsx")

    with pytest.raises(BadMapping) as caught:
        imports.set_mapping(owner, batch, plan=batch.plan)

    assert caught.value.problems == [("columns", "One column must hold the date or time of a row.")]
    assert Dataset.objects.count() == DimensionValue.objects.count() == RollupMark.objects.count() == 0


def test_m5_dates_counted_from_1904_are_stored(scope: Organization, owner: Actor, messy: Path) -> None:
    batch = imported(owner, scope, messy / "dates_1904_system.xlsx")

    days = [date(1904, 1, 2), date(1904, 1, 12), date(1904, 4, 21), date(1907, 1, 16), date(1934, 6, 3)]
    assert [row[1] for row in all_rows(batch.dataset)] == [datetime(d.year, d.month, d.day, tzinfo=UTC) for d in days]
    assert column_of(batch.dataset, "column_1") == [1, 11, 111, 1111, 11111]
    assert column_of(batch.dataset, "column_3") == [day.isoformat() for day in days]


def test_m5_impossible_dates_come_back_with_row_column_and_reason(
    scope: Organization, owner: Actor, messy: Path, expected: dict[str, Any]
) -> None:
    name = "government_contracts.csv"

    def award_only(plan: dict[str, Any]) -> None:
        for column in plan["mapping"]["columns"]:
            if column["name"] not in ("Date of Award", "Total value of Contract"):
                column["role"] = "ignore"

    batch = imported(owner, scope, messy / name, award_only)

    facts = expected[name]
    dated = facts["Date of Award"]["dates"]
    assert (batch.rows_read, batch.rows_created, batch.rows_refused) == (facts["rows"], dated, facts["rows"] - dated)
    codes = [refusal["code"] for refusal in batch.facts["refusals"]]
    assert codes.count("date_impossible") == facts["Date of Award"]["unreadable"]
    assert {refusal["column"] for refusal in batch.facts["refusals"]} == {"Date of Award"}
    lines = (messy / name).read_text(encoding="utf-8").split("\n")
    assert all(refusal["value"] in lines[refusal["row"] - 1] for refusal in batch.facts["refusals"])
    with batch.refused_file.open("rb") as file:
        assert len(file.read().decode("utf-8-sig").splitlines()) == 1 + batch.rows_refused
    moments = [row[1] for row in all_rows(batch.dataset)]
    assert (min(moments).year, max(moments).year) == (1900, 2034)
    undone(owner, batch)
    assert all_rows(batch.dataset) == []
