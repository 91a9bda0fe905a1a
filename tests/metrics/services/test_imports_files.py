"""Hostile and broken files, and files read by another process."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from metrics.engine.tabular import Chunk, TabularError, guess_mapping
from metrics.errors import BadFile
from metrics.models import Dataset, ImportBatch
from metrics.queries.wording import FILE_KINDS, MAPPING_PROBLEMS, TABULAR, tabular_sentence
from metrics.services import import_files
from organization.access import Actor
from organization.models import Organization
from tests.metrics.importing import checked, send

ENGINE = Path(__file__).resolve().parents[3] / "metrics" / "engine" / "tabular"
WORKBOOK = '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'


def workbook(rows: list[list[object]]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            archive({"xl/workbook.xml": WORKBOOK.encode(), "xl/worksheets/sheet1.xml": b" " * 150_000_000}),
            "no real workbook does",
        ),
        (
            archive(
                {
                    "xl/workbook.xml": WORKBOOK.encode(),
                    "xl/worksheets/sheet1.xml": b'<c r="A1"/><c r="XFD1048576"/>',
                }
            ),
            "cells are allowed",
        ),
        (archive({f"xl/{number}": b"" for number in range(1001)}), "1001 parts"),
        (archive({"word/document.xml": b"<w/>"}), "an archive that holds no workbook"),
        (workbook([["Date"], ["2024-01-01"]])[:-200], "damaged"),
    ],
)
def test_m5_bombs_and_broken_workbooks_are_refused(
    scope: Organization, owner: Actor, content: bytes, sentence: str
) -> None:
    with pytest.raises(BadFile, match=sentence):
        send(owner, scope, content, name="orders.xlsx")

    assert ImportBatch.objects.count() == Dataset.objects.count() == 0


@pytest.mark.django_db
def test_m5_too_many_rows_and_bytes_are_refused(scope: Organization, owner: Actor, settings: object) -> None:
    text = "Date,N\n" + "2024-01-01,1\n" * 50
    settings.IMPORT_MAX_ROWS = 49
    batch = checked(owner, scope, text)
    settings.IMPORT_MAX_BYTES = len(text) - 1

    with pytest.raises(BadFile, match=f"larger than {len(text) - 1} bytes"):
        send(owner, scope, text)

    assert (batch.status, batch.error) == ("failed", "The file has more than 49 rows. Send it in parts.")
    assert Dataset.objects.count() == 0


def test_m5_workbook_is_read_by_another_process_with_the_same_result(tmp_path: Path) -> None:
    path = tmp_path / "stored-without-extension"
    path.write_bytes(workbook([["Date", "Shop", "N"], ["2024-01-01", "北", 1.5], ["2024-01-02", "", 2]]))

    preview = import_files.look_at(path)
    chunks = list(import_files.read_chunks(path, guess_mapping(preview), "Asia/Shanghai"))

    assert (preview.kind, preview.names) == ("xlsx", ("Date", "Shop", "N"))
    assert isinstance(chunks[0], Chunk)
    assert chunks[0].columns["shop"] == ["北", None]
    assert [instant.isoformat() for instant in chunks[0].columns["date"]] == [
        "2023-12-31T16:00:00+00:00",
        "2024-01-01T16:00:00+00:00",
    ]


def test_m5_reading_process_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook([["Date", "N"], *(["2024-01-01", number] for number in range(20_000))]))
    monkeypatch.setattr(import_files, "MEMORY_BYTES", 30 * 1024 * 1024)

    with pytest.raises(TabularError) as caught:
        import_files.look_at(path)

    assert caught.value.code == "too_costly"


def test_m5_every_code_of_the_engine_has_a_sentence() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in ENGINE.glob("*.py"))
    codes = set(re.findall(r'(?:TabularError|Bad|Note|MappingError)\(\s*"([a-z_0-9]+)"', source))
    codes |= {"undecodable", "nul_character", "duplicate_name", "unnamed_column", "total_kept", "total_skipped"}
    problems = set(re.findall(r'_check\(.*"([a-z_]+)"\)\n', source)) | set(re.findall(r'problem="([a-z_]+)"', source))
    kinds = set(re.findall(r'kind="([a-z]+)"', source)) | set(re.findall(r'b"[^"]*", "([a-z]+)"\)', source))

    assert codes - {"mapping_invalid", "wrong_kind"} <= set(TABULAR)
    assert len(codes) > 35
    assert problems <= set(MAPPING_PROBLEMS)
    assert kinds - {"xlsx", "xls", ""} <= set(FILE_KINDS)


def test_m5_sentences_name_their_facts() -> None:
    assert tabular_sentence("wrong_kind", {"kind": "html"}).startswith("This is a web page, not a table.")
    assert tabular_sentence("too_many_cells", {"cells": 5, "columns": 3}) == "The row has 5 cells, the header 3."
    assert tabular_sentence("tables_side_by_side", {"tables": [["A", "B"], ["C", "D"]]}) == (
        "Several tables stand side by side (A – B, C – D); one of them is read."
    )


@pytest.mark.parametrize("damage", [b"\xff", b"\xed\xa0\x80", b"\0"])
def test_m5_damaged_bytes_cost_their_row_and_not_the_file(scope: Organization, owner: Actor, damage: bytes) -> None:
    content = "日期,数量,城市{0}\n2024-01-01,1,北京市\n2024-01-02,2,上海{0}\n2024-01-03,3,广州市\n".encode()

    batch = checked(owner, scope, content.replace(b"{0}", damage), name="damaged.csv")

    mark = "\ufffd" * len(damage)
    assert batch.facts["names"] == ["日期", "数量", f"城市{mark}"]
    assert batch.facts["sample"][1] == [3, ["2024-01-02", "2", f"上海{mark}"]]
    assert (batch.status, batch.rows_read, batch.rows_refused) == ("checked", 3, 1)
