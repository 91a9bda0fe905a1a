"""Hostile and broken files end in a TabularError or in refused rows, never in another exception."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.engine.tabular import Limits, Mapping, TabularError, detect, guess_mapping, row_digests
from metrics.engine.tabular.chunk import Chunk
from tests.metrics.engine.tabular.helpers import Read, read_all, read_text, text_file, xlsx_file

CELL_XML = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    "</sheetData></worksheet>"
)


def attempt(data: bytes) -> tuple[Read | None, str]:
    """What reading gives, or the code of its refusal. Any other exception fails the test."""
    file = io.BytesIO(data)
    try:
        return read_all(file, guess_mapping(detect(file))), ""
    except TabularError as refused:
        return None, refused.code


@pytest.mark.parametrize(
    "data", [b"", b"\n\n\n", b" ", b",,,\n,,,\n", b"\xef\xbb\xbf", b"\xff\xfe", gzip.compress(b"", mtime=0)]
)
def test_m5_an_empty_file_says_so(data: bytes) -> None:
    assert attempt(data) == (None, "empty_file")


def test_m5_only_a_header_is_a_table_without_rows() -> None:
    file = text_file("date,amount\n")

    preview = detect(file)
    result = read_all(file, guess_mapping(preview)) if any(c.values for c in preview.columns) else Read()

    assert preview.raw_names == ("date", "amount")
    assert (result.numbers, result.refusals) == ([], [])


def test_m5_a_cell_beyond_all_measure_refuses_its_row() -> None:
    result, code = attempt(b"name,amount\na,1\n" + b"x" * (1 << 20) + b",2\nb,3\n")

    assert code == ""
    assert result is not None
    assert [(r.row, r.code) for r in result.refusals] == [(3, "cell_too_long")]
    assert (result.columns["amount"], result.numbers) == (["1", "3"], [2, 4])


def test_m5_an_endless_line_is_refused_before_it_fills_the_memory() -> None:
    assert attempt(b"a,b\n" + b"x," * (3 << 20)) == (None, "line_too_long")


def test_m5_an_unbalanced_quote_refuses_what_it_swallows() -> None:
    result = read_text('name,amount\na,1\nb,2\n"c,3\nd,4\n')

    assert [(r.row, r.code, r.params) for r in result.refusals] == [(4, "unbalanced_quote", {"lines": 2})]
    assert result.columns == {"name": ["a", "b"], "amount": ["1", "2"]}


def test_m5_a_row_with_more_cells_than_the_header_is_refused() -> None:
    result = read_text("name,amount\na,1\nb,2,oops\nc,3,,\nd\ne,5\n")

    assert [(r.row, r.code) for r in result.refusals] == [(3, "too_many_cells")]
    assert result.columns == {"name": ["a", "c", "d", "e"], "amount": ["1", "3", None, "5"]}


def test_m5_far_down_a_varied_column_the_same_cells_are_refused_and_missing() -> None:
    rows = [f"customer {i},{i}" for i in range(25_000)]
    rows[21_000], rows[24_500] = " NULL ,1", "b\x00d,2"

    result = read_text("name,amount\n" + "\n".join(rows) + "\n")

    assert [(r.row, r.code) for r in result.refusals] == [(24_502, "nul_character")]
    assert result.columns["name"][20_999:21_002] == ["customer 20999", None, "customer 21001"]
    assert len(result.numbers) == 24_999


def test_m5_blank_lines_are_skipped_and_keep_the_count() -> None:
    result = read_text("name,amount\n\na,1\n  \n,\nb,2\n\n")

    assert (result.numbers, result.read) == ([3, 6], 2)


def test_m5_more_rows_than_allowed_are_refused() -> None:
    file = text_file("name,amount\n" + "a,1\n" * 101)
    mapping = guess_mapping(detect(file))

    assert len(read_all(file, mapping, limits=Limits(max_rows=101)).numbers) == 101
    with pytest.raises(TabularError, match="too_many_rows"):
        read_all(file, mapping, limits=Limits(max_rows=100))


def test_m5_more_bytes_than_allowed_are_refused_also_when_compressed() -> None:
    bomb = io.BytesIO(gzip.compress(b"a,b\n" + b"1,2\n" * 500_000))

    with pytest.raises(TabularError) as refused:
        detect(bomb, Limits(max_bytes=1_000_000))

    assert (refused.value.code, refused.value.params) == ("file_too_large", {"limit": 1_000_000})


def test_m5_a_cut_off_gzip_is_refused() -> None:
    assert attempt(gzip.compress(b"a,b\n" + bytes(range(48, 58)) * 1000)[:-20]) == (None, "gzip_broken")


def test_m5_a_zip_that_is_no_workbook_is_refused() -> None:
    assert attempt(zipped({"a.txt": b"hello"})) == (None, "wrong_kind")


def test_m5_a_workbook_with_cells_far_apart_is_refused_before_it_is_opened() -> None:
    file = xlsx_file([["a", "b"], [1, 2]])
    members = {info.filename: zipfile.ZipFile(file).read(info) for info in zipfile.ZipFile(file).infolist()}
    members["xl/worksheets/sheet1.xml"] = CELL_XML.encode()

    assert attempt(zipped(members)) == (None, "sheet_too_large")


def test_m5_a_zip_bomb_is_refused_by_its_directory() -> None:
    big = zipped({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": bytes(3 << 20)})
    many = zipped({"xl/workbook.xml": b"<a/>", **{f"x{i}": b"" for i in range(1001)}})

    assert attempt(big) == (None, "zip_ratio")
    assert attempt(many) == (None, "zip_too_many_entries")
    with pytest.raises(TabularError, match="zip_too_large"):
        detect(io.BytesIO(big), Limits(zip_bytes=1 << 20))


def test_m5_a_zip_directory_that_lies_is_caught_while_inflating() -> None:
    honest = zipped({"xl/workbook.xml": b"<a/>", "xl/x.bin": bytes(3 << 20)})
    lie = honest.replace((3 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little"))

    with pytest.raises(TabularError, match="zip_too_large"):
        detect(io.BytesIO(lie), Limits(zip_bytes=1 << 20))


@pytest.mark.parametrize("cut", [30, 200, 1000, 3000])
def test_m5_a_cut_off_workbook_is_refused(shared_data: Path, cut: int) -> None:
    for name in ("messy/dates_1904_system.xlsx", "messy/restaurant_dishes_zh.xls"):
        result, code = attempt((shared_data / name).read_bytes()[:cut])
        assert (result, code) == (None, "workbook_broken")


def test_m5_a_sheet_that_is_not_there_is_named() -> None:
    with pytest.raises(TabularError) as refused:
        detect(xlsx_file([["a", "b"], [1, 2]]), sheet="Budget")

    assert (refused.value.code, refused.value.params) == ("no_such_sheet", {"sheet": "Budget", "sheets": ["Sheet"]})


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_m5_any_bytes_are_read_or_refused(data: bytes) -> None:
    attempt(data)


@settings(max_examples=300)
@given(st.text(st.sampled_from('ab12,;\t|"\r\n .-/:$%()年月\x00é'), max_size=300))
def test_m5_any_text_is_read_or_refused(text: str) -> None:
    result, _ = attempt(text.encode())

    if result is not None:
        assert result.read == len(result.numbers) + len({r.row for r in result.refusals}) or "1" in text


@settings(max_examples=100)
@given(st.binary(max_size=60), st.integers(0, 4000), st.booleans())
def test_m5_any_damage_to_a_workbook_is_read_or_refused(damage: bytes, place: int, old: bool) -> None:
    file = xlsx_file([["date", "amount"], ["2024-01-01", 1], ["2024-01-02", 2]])
    data = bytearray(file.getvalue())
    data[place : place + len(damage)] = damage

    attempt(bytes(data))


def test_m5_digests_tell_rows_apart_by_their_raw_cells() -> None:
    first = row_digests(Chunk(raw=[["a", "1"], ["a", "1"], ["a1", ""], ["", "a1"], ["\udcff", "\x00"]]))
    again = row_digests(Chunk(raw=[["a", "1"]]))

    assert first[0] == first[1] == again[0] == "2f70d784e1e330ab8dc9f39e"
    assert len(set(first)) == 4
    assert {len(digest) for digest in first} == {24}


def test_m5_a_mapping_for_more_columns_than_the_file_has_refuses_cleanly() -> None:
    mapping = guess_mapping(detect(text_file("a,b,c\n1,2,3\n4,5,6\n")))

    result = read_all(text_file("a,b\n1,2\n"), mapping)

    assert result.columns == {"a": ["1"], "b": ["2"], "c": [None]}
    assert isinstance(mapping, Mapping)


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()
