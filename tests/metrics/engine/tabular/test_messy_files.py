"""Every messy file of the shared data against what `expected.json` says a correct import holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from metrics.engine.tabular import ColumnPlan, Mapping, Note, Preview, Refusal, detect, guess_mapping, read_rows

CSV_FILES = [
    "avian_influenza_footer.csv",
    "child_mortality_duplicate_headers.csv",
    "emissions_title_rows.csv",
    "government_contracts.csv",
    "health_spending_uk.csv",
    "hotel_occupancy_brussels.csv",
    "mental_health_inpatients_utf16.csv",
    "restaurant_order_lines_bom.csv",
    "restaurant_orders_gbk.csv",
    "store_openings_two_digit_years.csv",
    "temperature_anomalies_cr.csv",
]
SHEETS = [
    ("deaths_notes_around_table.xlsx", "arts"),
    ("deaths_notes_around_table.xlsx", "other"),
    ("food_insecurity_merged_headers.xlsx", "IPC"),
    ("restaurant_dishes_zh.xls", "Sheet1"),
    ("savings_bonds_title_rows.xlsx", "data"),
]


@dataclass
class Read:
    columns: dict[str, list[Any]]
    numbers: list[int]
    refusals: list[Refusal]
    notes: list[Note]
    read: int


def read_all(path: Path, mapping: Mapping) -> Read:
    result = Read({}, [], [], [], 0)
    for chunk in read_rows(path, mapping, ZoneInfo("UTC")):
        assert all(len(values) == len(chunk) for values in chunk.columns.values())
        assert len(chunk.raw) == len(chunk)
        for key, values in chunk.columns.items():
            result.columns.setdefault(key, []).extend(values)
        result.numbers += chunk.numbers
        result.refusals += chunk.refusals
        result.notes += chunk.notes
        result.read += chunk.read
    return result


def flat(preview: Preview) -> Mapping:
    """The guess, with every column of a wide table read as it stands and no row refused for a missing instant."""
    mapping = guess_mapping(preview)
    known = {plan.source: replace(plan, required=False) for plan in mapping.columns}
    for column in preview.columns:
        plain = ColumnPlan(column.source, column.name, f"w{column.source}", column.name, "measure", "number")
        known.setdefault(column.source, plain)
    plans = [
        replace(plan, role="dimension" if plan.role == "ignore" else plan.role, type=preview.columns[i].type)
        if plan.role in ("ignore", "dimension") and preview.columns[i].values
        else plan
        for i, plan in enumerate(known[column.source] for column in preview.columns)
    ]
    return replace(mapping, columns=tuple(plans), unpivot=None)


def values_of(result: Read, mapping: Mapping, preview: Preview, raw_name: str) -> list[Any]:
    source = preview.raw_names.index(raw_name)
    return result.columns[next(plan.key for plan in mapping.columns if plan.source == source)]


@pytest.fixture
def expected(shared_data: Path) -> dict[str, Any]:
    return json.loads((shared_data / "messy" / "expected.json").read_text(encoding="utf-8"))


def test_m5_every_messy_file_is_named_here(expected: dict[str, Any]) -> None:
    assert set(expected) == {*CSV_FILES, *(name for name, _ in SHEETS), "dates_1904_system.xlsx"}


@pytest.mark.parametrize("name", CSV_FILES)
def test_m5_messy_csv_is_recognised(shared_data: Path, expected: dict[str, Any], name: str) -> None:
    facts = expected[name]

    preview = detect(shared_data / "messy" / name)

    # ASCII is UTF-8; the next file of the same kind may hold an accent.
    assert preview.encoding == {"ascii": "utf-8"}.get(facts["encoding"], facts["encoding"])
    assert preview.delimiter == facts["delimiter"]
    assert preview.line_end == facts["line_end"]
    assert preview.header_rows == (facts["header_record"],)
    assert len(preview.names) == len(set(preview.names)) == facts["columns"]
    assert list(preview.raw_names[: len(facts["column_names"])]) == facts["column_names"]
    repeated = {n for n in preview.raw_names if preview.raw_names.count(n) > 1}
    assert repeated == set(facts["duplicate_names"])
    renamed = [note for note in preview.notes if note.code == "duplicate_name"]
    assert len(renamed) == sum(preview.raw_names.count(n) - 1 for n in repeated)


@pytest.mark.parametrize("name", CSV_FILES)
def test_m5_messy_csv_holds_the_expected_rows_numbers_and_dates(
    shared_data: Path, expected: dict[str, Any], name: str
) -> None:
    facts = expected[name]
    path = shared_data / "messy" / name
    preview = detect(path)
    mapping = flat(preview)

    result = read_all(path, mapping)

    assert result.read == facts["rows"]
    assert len(result.numbers) + len({refusal.row for refusal in result.refusals}) == facts["rows"]
    for column, about in facts.items():
        if not isinstance(about, dict):
            continue
        if "numbers" in about:
            # Every row counts here, so the only refused cells (dates) must not take their numbers with them.
            numbers_only = replace(mapping, columns=tuple(p for p in mapping.columns if p.type not in DATED))
            values = values_of(read_all(path, numbers_only), mapping, preview, column)
            numbers = [Decimal(value) for value in values if value is not None]
            assert len(numbers) == about["numbers"]
            assert values.count(None) == about["missing"]
            assert float(sum(numbers)) == pytest.approx(about["sum"], abs=5e-5)
            assert (float(min(numbers)), float(max(numbers))) == (about["min"], about["max"])
        else:
            dates = [as_datetime(value) for value in values_of(result, mapping, preview, column) if value is not None]
            source = preview.raw_names.index(column)
            refused = [r for r in result.refusals if r.column == preview.names[source]]
            others = {r.row for r in result.refusals} - {r.row for r in refused}
            assert len(refused) == about["unreadable"]
            assert len(dates) == about["dates"] - len(others)
            assert str(min(dates)) == about["first"]
            assert str(max(dates)) == about["last"]


DATED = ("date", "datetime")


def as_datetime(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return datetime.combine(value, datetime.min.time())


@pytest.mark.parametrize(("name", "sheet"), SHEETS)
def test_m5_messy_workbook_holds_the_expected_table(
    shared_data: Path, expected: dict[str, Any], name: str, sheet: str
) -> None:
    path, facts = shared_data / "messy" / name, expected[name][sheet]

    preview = detect(path, sheet=sheet)
    sums: dict[str, Decimal] = {}
    rows, notes, first = set(), [], []
    for table in range(len(preview.tables)):
        part = detect(path, sheet=sheet, table=table)
        mapping = flat(part)
        result = read_all(path, mapping)
        assert result.refusals == []
        rows |= set(result.numbers)
        notes += result.notes
        first += [cell for number, cells in part.sample[:1] for cell in cells] if table == 0 else []
        for plan in mapping.columns:
            if plan.type == "number":
                numbers = [Decimal(value) for value in result.columns[plan.key] if value is not None]
                sums[part.raw_names[plan.source][:60]] = sum(numbers, Decimal())

    assert [info.name for info in preview.sheets] == expected[name]["sheets"]
    info = next(info for info in preview.sheets if info.name == sheet)
    assert (info.rows, info.columns) == (facts["used_rows"], facts["used_columns"])
    assert list(preview.raw_names) == facts["header"]
    # Where the table has notes below it, expected.json counts those of one file as rows; here they are notes.
    footers = {note.row for note in notes if note.code == "footer_skipped"}
    counted = len(rows) + (len(footers) if name.startswith("food") else 0)
    assert counted == facts["data_rows"]
    assert [loose(cell) for cell in first[: len(facts["first_row"])]] == [loose(cell) for cell in facts["first_row"]]
    for column, total in facts["number_sums"].items():
        assert float(sums[column]) == pytest.approx(total, abs=6e-5), column


def loose(cell: str) -> str:
    """Cells as text differ in how numbers and truth are written, not in what they say."""
    try:
        return f"{float(cell):.12g}"
    except ValueError:
        return cell.lower()


def test_m5_merged_ranges_are_seen(shared_data: Path, expected: dict[str, Any]) -> None:
    from metrics.engine.tabular.limits import DEFAULT_LIMITS
    from metrics.engine.tabular.workbook_source import open_workbook

    for name, sheet in SHEETS:
        with open_workbook(shared_data / "messy" / name, DEFAULT_LIMITS) as workbook:
            assert len(workbook.merged(sheet)) == expected[name][sheet]["merged_ranges"]


def test_m5_dates_counted_from_1904_are_read(shared_data: Path, expected: dict[str, Any]) -> None:
    path, facts = shared_data / "messy" / "dates_1904_system.xlsx", expected["dates_1904_system.xlsx"]
    preview = detect(path)

    result = read_all(path, guess_mapping(preview))

    assert (preview.epoch_1904, preview.header_rows) == (True, ())
    assert [note.code for note in preview.notes].count("no_header") == 1
    assert [info.name for info in preview.sheets] == facts["sheets"]
    columns = [[loose(str(value)[:10]) for value in column] for column in result.columns.values()]
    assert [list(row) for row in zip(*columns, strict=True)] == [
        [loose(cell) for cell in row] for row in facts["Sheet1"]["cells"]
    ]


def test_m5_day_numbers_of_a_1904_workbook_mean_the_same_dates(shared_data: Path, expected: dict[str, Any]) -> None:
    path = shared_data / "messy" / "dates_1904_system.xlsx"
    mapping = replace(guess_mapping(detect(path)), skip_rows=4)
    serial = replace(mapping.columns[0], role="dimension", type="date")

    result = read_all(path, replace(mapping, columns=(serial,)))

    assert result.columns == {"column_1": [date(1934, 6, 3)]}


def test_m5_impossible_dates_are_refused_with_line_column_value_and_rule(shared_data: Path) -> None:
    path = shared_data / "messy" / "government_contracts.csv"
    mapping = guess_mapping(detect(path))
    award = next(plan for plan in mapping.columns if plan.name == "Date of Award")

    result = read_all(path, replace(mapping, columns=(award,)))

    bad = [refusal for refusal in result.refusals if refusal.code != "required"]
    assert len(bad) == 19
    assert {(refusal.column, refusal.code) for refusal in bad} == {("Date of Award", "date_impossible")}
    lines = path.read_text(encoding="utf-8").split("\n")
    assert all(refusal.value in lines[refusal.row - 1] for refusal in bad)
    assert len(result.refusals) - 19 == 6422 - 6356 - 19
    assert len(result.numbers) == 6356


def test_m5_footers_and_totals_are_noted_with_their_rows(shared_data: Path) -> None:
    path = shared_data / "messy" / "emissions_title_rows.csv"
    mapping = flat(detect(path))

    kept = read_all(path, mapping)
    skipped = read_all(path, replace(mapping, totals="skip"))

    assert [(note.code, note.row) for note in kept.notes] == [
        ("total_kept", kept.numbers[-1]),
        ("footer_skipped", kept.numbers[-1] + 2),
        ("footer_skipped", kept.numbers[-1] + 3),
    ]
    lines = path.read_bytes().decode().split("\n")
    assert lines[kept.numbers[-1] - 1].startswith("Total,")
    assert [note.code for note in skipped.notes] == ["total_skipped", "footer_skipped", "footer_skipped"]
    key = next(plan.key for plan in mapping.columns if plan.name == "2000")
    assert sum(map(Decimal, kept.columns[key])) == 2 * sum(map(Decimal, skipped.columns[key])) == 241044


def test_m5_line_numbers_count_line_breaks_inside_cells(shared_data: Path) -> None:
    path = shared_data / "messy" / "restaurant_order_lines_bom.csv"
    mapping = guess_mapping(detect(path))

    result = read_all(path, mapping)

    lines = path.read_bytes().decode("utf-8-sig").split("\r\n")
    ids = result.columns["detail_id"]
    assert all(lines[n - 1].startswith(f"{i},") for n, i in zip(result.numbers, ids, strict=True))


def test_m5_one_comma_too_many_is_no_column(shared_data: Path) -> None:
    preview = detect(shared_data / "messy" / "avian_influenza_footer.csv")

    assert [note.params for note in preview.notes if note.code == "extra_empty_columns"] == [{"columns": 1}]


def test_m5_tables_side_by_side_are_read_one_by_one(shared_data: Path) -> None:
    path = shared_data / "messy" / "savings_bonds_title_rows.xlsx"

    preview = detect(path, sheet="data", table=1)

    assert preview.tables == ((0, 3), (5, 10))
    assert [column.name for column in preview.columns] == [
        "ReportDate",
        "Series (2)",
        "Bonds Out",
        "tranMonth",
        "FY",
        "Bonds Issued",
    ]


def test_m5_two_digit_years_agree_with_the_year_column(shared_data: Path) -> None:
    path = shared_data / "messy" / "store_openings_two_digit_years.csv"
    preview = detect(path)

    result = read_all(path, guess_mapping(preview))

    assert [str(value.year) for value in result.columns["opendate"]] == result.columns["year"]
    assert next(c for c in preview.columns if c.name == "OPENDATE").ambiguous is False


def test_m5_wide_months_become_rows_with_the_year_of_their_line(shared_data: Path) -> None:
    path = shared_data / "messy" / "temperature_anomalies_cr.csv"
    preview = detect(path)

    result = read_all(path, guess_mapping(preview))

    assert preview.shape == "wide"
    pairs = dict(zip(result.columns["period"], result.columns["value"], strict=True))
    records = [line.split(",")[1:13] for line in path.read_text(encoding="ascii").splitlines()[4:]]
    stars = sum(cell.startswith("*") for record in records for cell in record)
    assert len(records) == 133
    assert len(pairs) == len(result.numbers) == 133 * 12 - stars == 1589
    january = [value for instant, value in pairs.items() if instant.month == 1]
    assert sum(map(Decimal, january)) == -331
    assert min(pairs) == datetime(1880, 1, 1, tzinfo=UTC)
    assert max(pairs) == datetime(2012, 5, 1, tzinfo=UTC)


def test_m5_wide_years_become_rows_and_empty_cells_none(shared_data: Path) -> None:
    path = shared_data / "messy" / "child_mortality_duplicate_headers.csv"

    result = read_all(path, guess_mapping(detect(path)))

    of_1990 = [
        Decimal(value)
        for instant, value in zip(result.columns["period"], result.columns["value"], strict=True)
        if instant == datetime(1990, 1, 1, tzinfo=UTC)
    ]
    assert (len(of_1990), sum(of_1990)) == (194, Decimal("13798.7"))
    assert None not in result.columns["value"]
