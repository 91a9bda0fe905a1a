"""Small files made in memory, and reading them to the end."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import xlwt
from openpyxl import Workbook

from metrics.engine.tabular import DEFAULT_LIMITS, Limits, Mapping, Note, Refusal, detect, guess_mapping, read_rows


@dataclass
class Read:
    columns: dict[str, list[Any]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    refused: dict[int, list[str]] = field(default_factory=dict)
    raw: list[list[str]] = field(default_factory=list)
    read: int = 0
    shifted: int = 0


def read_all(source: Any, mapping: Mapping, tz: str = "UTC", limits: Limits = DEFAULT_LIMITS) -> Read:
    """All chunks joined."""
    result = Read()
    for chunk in read_rows(source, mapping, ZoneInfo(tz), limits):
        assert all(len(values) == len(chunk) == len(chunk.raw) for values in chunk.columns.values())
        for key, values in chunk.columns.items():
            result.columns.setdefault(key, []).extend(values)
        result.numbers += chunk.numbers
        result.refusals += chunk.refusals
        result.notes += chunk.notes
        result.refused |= chunk.refused
        result.raw += chunk.raw
        result.read += chunk.read
        result.shifted += chunk.shifted
    return result


def text_file(text: str, encoding: str = "utf-8") -> io.BytesIO:
    """A CSV file in memory."""
    return io.BytesIO(text.encode(encoding))


def read_text(text: str, encoding: str = "utf-8", tz: str = "UTC") -> Read:
    """Detect, guess and read a small CSV."""
    file = text_file(text, encoding)
    return read_all(file, guess_mapping(detect(file)), tz)


def xlsx_file(rows: list[list[Any]], merged: tuple[str, ...] = ()) -> io.BytesIO:
    """An XLSX file in memory with one sheet."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    file = io.BytesIO()
    book.save(file)
    return file


def xls_file(rows: list[list[Any]], *, dates_1904: bool = False) -> io.BytesIO:
    """An XLS file in memory with one sheet."""
    book = xlwt.Workbook()
    book.dates_1904 = dates_1904
    sheet = book.add_sheet("S")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    file = io.BytesIO()
    book.save(file)
    return file
