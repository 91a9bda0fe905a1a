"""The rows of a list as CSV, XLSX and JSON: the same columns, filters and order as on the screen.

A text that a spreadsheet would run as a formula is kept a text: with a leading apostrophe in CSV, by its type in XLSX.
Numbers stay numbers in every form. Money and ratios are exported bare; their unit stands in the column's head.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ops_platform.web.columns import NUMERIC, Column
from ops_platform.web.status import Status

# What starts a formula, in half and full width; tab, return and NUL are skipped by spreadsheets before they look.
FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")
# Before a formula some spreadsheets skip blanks and marks that nobody sees.
UNSEEN = " \u00a0\u200b\u200e\u200f\u2060\u3000\ufeff"
XLSX_DIGITS = 15
XLSX_LONGEST_TEXT = 32_767
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class About:
    """What stands above the rows, so that a file explains itself: title, filters in words, time and zone."""

    title: str
    made_at: datetime
    zone: ZoneInfo
    filters: Sequence[tuple[str, str]] = ()

    def lines(self) -> list[tuple[str, str]]:
        """Pairs of name and text."""
        made = self.made_at.astimezone(self.zone)
        return [
            (_("List"), str(self.title)),
            (_("Made"), f"{made:%Y-%m-%d %H:%M:%S} ({self.zone.key}, UTC{made:%z})"),
            *((str(name), str(text)) for name, text in self.filters),
        ]


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.lstrip(UNSEEN).startswith(FORMULA_STARTS) else text


def csv_lines(columns: Sequence[Column], rows: Iterable[Any], about: About | None = None) -> Iterator[str]:
    """CSV line by line, for a streaming answer. Begins with a byte order mark: Excel takes it for UTF-8 only then."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def taken(cells: Iterable[str]) -> str:
        writer.writerow(cells)
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    yield BYTE_ORDER_MARK
    if about:
        for name, text in about.lines():
            yield taken((harmless(name), harmless(text)))
        yield taken(())
    yield taken(harmless(head(column)) for column in columns)
    for row in rows:
        yield taken(_csv_text(plain(column, row, about)) for column in columns)


def write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Any], about: About | None = None) -> None:
    """An XLSX file of one sheet, row by row in flat memory; dates are dates, instants stand in the zone of `about`."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    above = about.lines() if about else []
    start = len(above) + 2 if above else 1
    sheet.freeze_panes = f"A{start + 1}"
    for position, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = 32 if column.is_wide else 18

    def cell(value: Any, *, is_bold: bool = False) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet)
        if isinstance(value, str):
            made.value = _printable(value)[:XLSX_LONGEST_TEXT]
            # openpyxl takes "=1+1" for a formula; said to be a string, it is one.
            made.data_type = "s"
        else:
            made.value = value
        if is_bold:
            made.font = Font(bold=True)
        return made

    for name, text in above:
        sheet.append([cell(name), cell(text)])
    if above:
        sheet.append([])
    sheet.append([cell(head(column), is_bold=True) for column in columns])
    for row in rows:
        sheet.append([cell(_xlsx_value(plain(column, row, about))) for column in columns])
    book.save(file)


def json_rows(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Dicts by column key that `json` can write: Decimal as text, instants in ISO with offset, status as level."""
    for row in rows:
        yield {column.key: _json_value(column.of(row)) for column in columns}


def head(column: Column) -> str:
    """The column's label, with the unit where all rows share it."""
    unit = column.unit if column.unit is not None and not callable(column.unit) else None
    if column.kind in NUMERIC and unit is not None and unit.kind != "percent" and unit.symbol:
        return f"{column.label} ({unit.symbol})"
    return str(column.label)


def plain(column: Column, row: Any, about: About | None) -> Any:
    """The value as a spreadsheet takes it: number, date, text, or an instant in the zone of `about` without offset."""
    value = column.of(row)
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(about.zone if about else ZoneInfo("UTC")).replace(tzinfo=None, microsecond=0)
    if value is None or isinstance(value, bool | int | float | Decimal | datetime | date):
        return value
    return str(value)


def _csv_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float | date):
        return str(value)
    return harmless(value)


def _xlsx_value(value: Any) -> Any:
    """A spreadsheet's number has 15 digits; a longer exact one goes out as text, whole."""
    if isinstance(value, Decimal):
        digits = value.normalize().as_tuple().digits if value.is_finite() else ()
        return value if value.is_finite() and len(digits) <= XLSX_DIGITS else f"{value:f}"
    if isinstance(value, int) and len(str(abs(value))) > XLSX_DIGITS:
        return str(value)
    return value


def _printable(text: str) -> str:
    """Without the control characters that XML cannot carry."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")


def _json_value(value: Any) -> Any:
    if isinstance(value, Status):
        return value.level
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float) else str(value)
