"""The one form in which every kind of file reaches the rest of the engine: blocks of records, every cell a text."""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import Refusal

Record = list[str]
MergedRange = tuple[int, int, int, int]  # first row, first column, last row, last column; 0-based, inclusive


@dataclass(slots=True)
class Block:
    """Consecutive records and the line or sheet row (1-based) at which each begins; `broken` could not be parsed."""

    records: list[Record]
    numbers: list[int] | range
    broken: list[Refusal] = field(default_factory=list)


def is_blank(record: Record) -> bool:
    """No cell holds more than white space."""
    return not any(cell.strip() for cell in record)


def filled(record: Record) -> int:
    """How many cells hold more than white space."""
    return sum(1 for cell in record if cell.strip())


def filled_width(record: Record) -> int:
    """Position after the last cell that holds something."""
    for index in range(len(record) - 1, -1, -1):
        if record[index].strip():
            return index + 1
    return 0


def is_sparse(record: Record, width: int) -> bool:
    """Few enough cells for a note below a table of `width` columns; a one-column table has no notes."""
    return width > 1 and filled(record) <= max(1, width // 3)
