"""XLSX and XLS: the zip directory is judged first, then calamine reads one sheet and every cell becomes a text."""

from __future__ import annotations

import copy
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

import python_calamine as calamine

from .blocks import Block, MergedRange
from .errors import TabularError
from .limits import Limits
from .streams import BLOCK, Source, open_binary

_CELL = re.compile(rb"""\br=["']([A-Z]{1,4})(\d{1,9})["']""")
_EPOCH_1904 = re.compile(rb"""\bdate1904\s*=\s*["'](1|true)["']""")
_RATIO_FROM = 1 << 20  # small members may be pure repetition without harm


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet of a workbook: its name, its used size, and whether the file hides it."""

    name: str
    rows: int
    columns: int
    hidden: bool


def check_zip(file: BinaryIO, limits: Limits) -> bool:
    """Refuse bombs and zips that are no workbook. Returns whether dates count from 1904.

    The directory is read first; because it may lie, every member is then inflated once against the same limit,
    and cell addresses are read on the way: calamine allocates the whole box between the outermost cells.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_directory(members, limits)
            names = {member.filename for member in members}
            if "xl/workbook.xml" not in names:
                raise TabularError("wrong_kind", kind="zip")
            total = 0
            for member in members:
                total += _inflate(archive, member, limits, total)
            return bool(_EPOCH_1904.search(archive.read("xl/workbook.xml")[:65536]))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError, OSError) as broken:
        raise TabularError("workbook_broken") from broken


def _check_directory(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.zip_entries:
        raise TabularError("zip_too_many_entries", entries=len(members), limit=limits.zip_entries)
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > limits.zip_bytes:
        raise TabularError("zip_too_large", bytes=size, limit=limits.zip_bytes)
    if size > _RATIO_FROM and size > limits.zip_ratio * max(1, packed):
        raise TabularError("zip_ratio", ratio=size // max(1, packed), limit=limits.zip_ratio)
    if any(member.flag_bits & 1 for member in members):
        raise TabularError("password")


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits, before: int) -> int:
    open_ended = copy.copy(member)
    open_ended.file_size = limits.zip_bytes + 2 * BLOCK  # past our own limit, which is then met first
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    size, tail, last_row, last_column = 0, b"", 0, 0
    with archive.open(open_ended) as stream:
        while data := stream.read(BLOCK):
            size += len(data)
            if before + size > limits.zip_bytes:
                raise TabularError("zip_too_large", bytes=before + size, limit=limits.zip_bytes)
            if is_sheet:
                for column, row in _CELL.findall(tail + data):
                    last_row = max(last_row, int(row))
                    last_column = max(last_column, _column_number(column))
                tail = data[-20:]
    if last_row * last_column > limits.max_cells:
        raise TabularError("sheet_too_large", rows=last_row, columns=last_column, limit=limits.max_cells)
    return size


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


class Workbook:
    """An open workbook: its sheets, and one sheet's records."""

    def __init__(self, inner: Any, *, epoch_1904: bool, limits: Limits) -> None:
        self._inner = inner
        self._limits = limits
        self.epoch_1904 = epoch_1904

    def sheets(self) -> list[SheetInfo]:
        """All work sheets in file order (charts and macro sheets are left out)."""
        found = []
        for info in self._inner.sheets_metadata:
            if info.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = _guarded(self._inner.get_sheet_by_name, info.name)
            hidden = info.visible != calamine.SheetVisibleEnum.Visible
            last_row, last_column = sheet.end or (-1, -1)
            found.append(SheetInfo(info.name, last_row + 1, last_column + 1, hidden))
        return found

    def best_sheet(self, sheets: list[SheetInfo]) -> str:
        """The largest visible sheet; hidden ones only if nothing else holds data."""
        if not any(sheet.rows for sheet in sheets):
            raise TabularError("empty_file")
        return max(sheets, key=lambda sheet: (sheet.rows > 0, not sheet.hidden, sheet.rows * sheet.columns)).name

    def merged(self, name: str) -> list[MergedRange]:
        """Merged ranges of a sheet."""
        ranges = self._sheet(name).merged_cell_ranges or []
        return [(first[0], first[1], last[0], last[1]) for first, last in ranges]

    def _sheet(self, name: str) -> Any:
        if name not in self._inner.sheet_names:
            raise TabularError("no_such_sheet", sheet=name, sheets=list(self._inner.sheet_names))
        return _guarded(self._inner.get_sheet_by_name, name)

    def blocks(self, name: str, decimal: str = ".", size: int = 10_000) -> Iterator[Block]:
        """Records of a sheet; number cells are written with `decimal`, dates and times in ISO form."""
        rows = _guarded(self._sheet(name).to_python, skip_empty_area=False)
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            rows[start : start + size] = [None] * len(part)  # let go of what has been handed on
            yield Block(
                [[cell if type(cell) is str else cell_text(cell, decimal) for cell in row] for row in part],
                range(start + 1, start + 1 + len(part)),
            )


@contextmanager
def open_workbook(source: Source, limits: Limits) -> Iterator[Workbook]:
    """Check and open an XLSX or XLS file. Raises TabularError for anything calamine cannot read."""
    with open_binary(source) as file:
        zipped = file.read(2) == b"PK"
        file.seek(0, 2)
        if file.tell() > limits.max_bytes:
            raise TabularError("file_too_large", limit=limits.max_bytes)
        file.seek(0)
        epoch_1904 = check_zip(file, limits) if zipped else False
        file.seek(0)
        yield Workbook(_guarded(calamine.load_workbook, file), epoch_1904=epoch_1904, limits=limits)


def _guarded(call: Any, *args: Any, **options: Any) -> Any:
    try:
        return call(*args, **options)
    except calamine.PasswordError as error:
        raise TabularError("password") from error
    except (calamine.CalamineError, ValueError, OSError, OverflowError) as error:
        raise TabularError("workbook_broken") from error
    except BaseException as error:
        # A Rust panic arrives as a class that is no Exception and is importable from nowhere.
        if type(error).__name__ != "PanicException":
            raise
        raise TabularError("workbook_broken") from error


def cell_text(cell: Any, decimal: str = ".") -> str:
    """A workbook cell as the text a CSV export would hold, without regional formats."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        text = plain_number(cell)
        return text.replace(".", decimal) if decimal != "." else text
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return "" if cell is None else str(cell)


def plain_number(value: float) -> str:
    """Digits without exponent; 15 significant ones, as Excel itself keeps and shows."""
    if value == int(value) if abs(value) < 1e15 else False:
        return str(int(value))
    text = f"{value:.15g}"
    return format(Decimal(text), "f") if "e" in text else text
