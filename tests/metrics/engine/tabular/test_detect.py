"""Kind, encoding, delimiter, header and shape of a file."""

from __future__ import annotations

import gzip
import io

import pytest

from metrics.engine.tabular import TabularError, detect, guess_mapping
from metrics.engine.tabular.csv_source import sniff_delimiter
from tests.metrics.engine.tabular.helpers import read_all, read_text, text_file, xls_file, xlsx_file

CHINESE = "日期,客户,金额\n" + "".join(f"2024-01-{d:02},上海贸易有限公司,{d}00\n" for d in range(1, 29))


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
    ],
)
def test_m5_a_chinese_file_is_read_in_every_encoding(codec: str, named: str) -> None:
    file = text_file(CHINESE, codec)

    preview = detect(file)
    result = read_all(file, guess_mapping(preview))

    assert preview.encoding == named
    assert preview.raw_names == ("日期", "客户", "金额")
    assert set(result.columns["ke_hu"]) == {"上海贸易有限公司"}
    assert len(result.numbers) == 28


def test_m5_an_accent_in_the_last_line_still_tells_windows_1252() -> None:
    rows = "".join(f"shop {i},{i}\n" for i in range(50_000))

    preview = detect(text_file(f"name,amount\n{rows}Café Zoë,3\n", "cp1252"))

    assert preview.encoding == "cp1252"


def test_m5_french_and_german_text_is_not_taken_for_chinese() -> None:
    text = "Straße;Größe\nMünchner Straße;5\nÉlysée;6\nÀ côté;7\n"

    preview = detect(text_file(text, "cp1252"))

    assert (preview.encoding, preview.raw_names) == ("cp1252", ("Straße", "Größe"))


def test_m5_a_damaged_byte_refuses_its_row_and_not_the_file() -> None:
    data = bytearray("name,amount\nCafé,1\nZoë,2\nÜber,3\nGrün,4\nRené,5\nIrène,6\n".encode())
    data[data.index("Über".encode())] = 0xFF
    file = io.BytesIO(bytes(data))

    result = read_all(file, guess_mapping(detect(file)))

    assert [(r.row, r.column, r.code) for r in result.refusals] == [(4, "name", "undecodable")]
    assert result.columns["amount"] == ["1", "2", "4", "5", "6"]
    assert all(ord(char) < 0xD800 or ord(char) > 0xDFFF for cell in result.refused[4] for char in cell)


def test_m5_a_nul_byte_refuses_its_row() -> None:
    result = read_text("name,amount\na,1\nb\x00c,2\nd,3\n")

    assert [(r.row, r.column, r.value, r.code) for r in result.refusals] == [(3, "name", "b\ufffdc", "nul_character")]
    assert result.columns == {"name": ["a", "d"], "amount": ["1", "3"]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_m5_delimiters_and_line_ends_are_told_apart(delimiter: str, end: str) -> None:
    lines = [["day", "text", "amount"], ["2024-01-01", '"a, b; c"', "1"], ["2024-01-02", '"x\ny | z"', "2"]]
    file = text_file(end.join(delimiter.join(line) for line in lines) + end)

    preview = detect(file)
    result = read_all(file, guess_mapping(preview))

    assert preview.delimiter == delimiter
    assert preview.line_end == {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[end]
    assert result.columns["text"] == ["a, b; c", "x\ny | z"]
    assert result.numbers == [2, 3]


def test_m5_a_decimal_comma_is_no_delimiter() -> None:
    assert sniff_delimiter("name;a;b\nx;1,5;2,5\ny;3,5;4,5\n") == ";"


def test_m5_an_excel_separator_line_is_obeyed() -> None:
    assert sniff_delimiter("sep=;\na;b\n1;2\n") == ";"


def test_m5_one_column_is_a_table() -> None:
    result = read_text("amount\n1\n2\n")

    assert result.columns == {"amount": ["1", "2"]}


def test_m5_header_names_are_made_unique_and_reported() -> None:
    preview = detect(text_file("a,b,,a,a (2),\n1,2,3,4,5,6\n7,8,9,1,2,3\n"))

    assert preview.names == ("a", "b", "Column 3", "a (3)", "a (2)", "Column 6")
    assert sorted((n.code, n.params["column"]) for n in preview.notes) == [
        ("duplicate_name", 4),
        ("unnamed_column", 3),
        ("unnamed_column", 6),
    ]


def test_m5_a_file_without_header_keeps_its_first_row() -> None:
    file = text_file("2024-01-01,5\n2024-01-02,6\n2024-01-03,7\n")

    preview = detect(file)
    result = read_all(file, guess_mapping(preview))

    assert preview.header_rows == ()
    assert [note.code for note in preview.notes].count("no_header") == 1
    assert result.columns["column_2"] == ["5", "6", "7"]


def test_m5_two_header_rows_of_a_csv_are_joined() -> None:
    preview = detect(text_file("Shop,2023,,2024,\n,Q1,Q2,Q1,Q2\nBerlin,1,2,3,4\nParis,5,6,7,8\n"))

    assert preview.header_rows == (0, 1)
    assert preview.raw_names == ("Shop", "2023 / Q1", "2023 / Q2", "2024 / Q1", "2024 / Q2")


def test_m5_merged_header_cells_of_a_workbook_are_joined() -> None:
    rows = [["Shop", "Sales", None, "Cost", None], [None, "net", "gross", "net", "gross"], ["A", 1, 2, 3, 4]]
    rows += [["B", 5, 6, 7, 8], ["C", 9, 1, 2, 3]]

    preview = detect(xlsx_file(rows, merged=("A1:A2", "B1:C1", "D1:E1")))

    assert preview.raw_names == ("Shop", "Sales / net", "Sales / gross", "Cost / net", "Cost / gross")


@pytest.mark.parametrize(
    "names", ["1990,1991,1992", "Jan,Feb,Mar", "2024-01,2024-02,2024-03", "1月,2月,3月", "Q1,Q2,Q3"]
)
def test_m5_periods_across_the_header_make_a_wide_table(names: str) -> None:
    preview = detect(text_file(f"shop,{names}\nA,1,2,3\nB,4,5,6\nC,7,8,9\n"))

    assert (preview.shape, preview.wide, preview.header_rows) == ("wide", (1, 2, 3), (0,))


def test_m5_a_gzip_of_csv_is_the_same_table() -> None:
    file = io.BytesIO(gzip.compress(CHINESE.encode("gbk")))

    preview = detect(file)

    assert (preview.kind, preview.encoding) == ("csv.gz", "gb18030")
    assert len(read_all(file, guess_mapping(preview)).numbers) == 28


def test_m5_old_excel_is_read_like_new_excel() -> None:
    rows = [["日期", "金额"], ["2024-01-01", 1.5], ["2024-01-02", 2.25]]

    for file, kind in ((xls_file(rows), "xls"), (xlsx_file(rows), "xlsx")):
        preview = detect(file)
        result = read_all(file, guess_mapping(preview))
        assert preview.kind == kind
        assert result.columns["jin_e"] == ["1.5", "2.25"]
        assert result.numbers == [2, 3]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "image"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image"),
        (b"  <!DOCTYPE html><html></html>", "html"),
        (b"<table><tr><td>1</td></tr></table>", "html"),
        ("\ufeff<html></html>".encode(), "html"),
        ("<html></html>".encode("utf-16"), "html"),
        (b"<?xml version='1.0'?><a/>", "xml"),
        (b'{"a": 1}', "json"),
        (b'[{"a": 1}]', "json"),
        (gzip.compress(b"%PDF-1.7 ...", mtime=0), "pdf"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "archive"),
        (bytes(range(256)) * 40, "binary"),
    ],
)
def test_m5_what_is_no_table_is_refused_by_its_kind(data: bytes, kind: str) -> None:
    with pytest.raises(TabularError) as refused:
        detect(io.BytesIO(data))

    assert (refused.value.code, refused.value.params) == ("wrong_kind", {"kind": kind})
