"""How much of a file we are willing to read."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds set by the caller. Bytes are counted after decompression; text lengths in characters."""

    max_bytes: int = 512 * MIB
    max_rows: int = 2_000_000
    max_columns: int = 2_000
    max_line: int = 4 * MIB  # bytes without a line end; guards against files that are one endless line
    max_text: int = 20_000
    zip_entries: int = 1_000
    zip_bytes: int = 200 * MIB
    zip_ratio: int = 100
    max_cells: int = 20_000_000  # of a workbook sheet's bounding box, which calamine allocates densely


DEFAULT_LIMITS = Limits()
