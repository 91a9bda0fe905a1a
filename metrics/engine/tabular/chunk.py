"""What reading a file yields: typed columns, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from .blocks import Record
from .errors import Note, Refusal
from .values import FORBIDDEN


@dataclass(slots=True)
class Chunk:
    """Accepted rows column by column, and what became of the others.

    numbers: line or sheet row of each accepted row. columns: key to values in the same order: text of a plain number,
    date, aware UTC datetime, bool, text, or None. raw: the cells of each accepted row as the file has them (they may
    hold NUL or lone surrogates in columns that are not read). read: data rows seen, accepted or not. refused: raw
    cells of refused rows by their number. shifted: local times moved out of a clock change.
    """

    numbers: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    raw: list[Record] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    refused: dict[int, Record] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    read: int = 0
    shifted: int = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def __bool__(self) -> bool:
        """A chunk without accepted rows still carries refusals and notes."""
        return True


def row_digests(chunk: Chunk) -> list[str]:
    """A digest of each accepted row's raw cells (BLAKE2b, 12 bytes, hexadecimal). Equal rows have equal digests."""
    return [
        blake2b("\x1f".join(cells).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest() for cells in chunk.raw
    ]


def printable(text: str) -> str:
    """A text that can be stored and shown: what no database takes becomes U+FFFD, and 200 characters are enough."""
    return FORBIDDEN.sub("\ufffd", text[:200])
