"""Where the table begins: title rows, header rows (one or several, with merged cells) and the column names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from .blocks import MergedRange, Record, filled, filled_width, is_blank
from .cells import look_of
from .errors import Note, TabularError
from .periods import period_run
from .values import FORBIDDEN

_SEARCH = 60  # rows among which a header may begin
_VALUE_LOOKS = ("number", "date", "boolean")


@dataclass(frozen=True, slots=True)
class Layout:
    """header_rows: 0-based records; first_data: record after them; names: as written, "" where a cell is empty."""

    header_rows: tuple[int, ...]
    first_data: int
    names: tuple[str, ...]


def find_layout(records: Sequence[Record], merged: Sequence[MergedRange] = ()) -> Layout:
    """Find the header above the first record that looks like the body of the table."""
    width = _body_width(records)
    if not width:
        return Layout((), 0, ())
    looks = _column_looks(records, width)
    header = _header_row(records, width, looks)
    if header is None:
        first = next(index for index, record in enumerate(records) if not is_blank(record))
        return Layout((), first, ("",) * width)
    rows = _with_rows_above(records, header, width, merged)
    names = _joined_names(records, rows, max(width, filled_width(records[header])), merged)
    return Layout(tuple(rows), header + 1, tuple(names))


def given_layout(records: Sequence[Record], rows: Sequence[int], merged: Sequence[MergedRange] = ()) -> Layout:
    """The layout where a person says which records are the header; none of them where the file has no names."""
    width = _body_width(records)
    if not rows:
        first = next((index for index, record in enumerate(records) if not is_blank(record)), 0)
        return Layout((), first, ("",) * width)
    if max(rows) + 1 >= len(records):
        raise TabularError("header_beyond", rows=len(records))
    header = sorted(set(rows))
    names = _joined_names(records, header, max(width, filled_width(records[header[-1]])), merged)
    return Layout(tuple(header), header[-1] + 1, tuple(names))


def _body_width(records: Sequence[Record]) -> int:
    """Width most rows reach; of rows that end early the widest common one wins."""
    widths = Counter(filled_width(record) for record in records if not is_blank(record))
    if not widths:
        return 0
    total = sum(widths.values())
    common = [width for width, count in widths.items() if count >= max(2, total * 0.05)]
    return max(common or [max(widths.items(), key=lambda pair: (pair[1], pair[0]))[0]])


def _column_looks(records: Sequence[Record], width: int) -> list[str]:
    """The value look of each column in the lower part of the sample, "" for columns of text."""
    solid = [record for record in records if filled(record) >= max(1, width // 3)]
    body = solid[len(solid) // 4 :] if len(solid) >= 8 else solid[1:]
    looks = []
    for column in range(width):
        counts = Counter(look_of(record[column]) for record in body[:300] if column < len(record))
        counts.subtract({"blank": counts["blank"], "missing": counts["missing"]})
        total = sum(counts.values())
        look, count = max(((look, counts[look]) for look in _VALUE_LOOKS), key=lambda pair: pair[1])
        looks.append(look if total and count >= 0.6 * total else "")
    return looks


def _header_row(records: Sequence[Record], width: int, looks: list[str]) -> int | None:
    """The lowest header row, or None where the table has no header."""
    enough = max(1, round(width * 0.6)) if width > 2 else width
    typed = [column for column, look in enumerate(looks) if look]
    candidate = None
    for index, record in enumerate(records[:_SEARCH]):
        if is_blank(record):
            continue
        if typed and _is_body(record, typed, looks, width):
            return candidate
        if _names_enough(record, enough) and not _is_sparse_in(record, typed):
            candidate = index
            if not typed or period_run([cell.strip() for cell in record]):
                return index
    return candidate


def _names_enough(record: Record, enough: int) -> bool:
    # One empty name is common (an index column), so it does not count against short headers.
    return filled(record) >= enough or (len(record) > 2 and filled(record) >= enough - 1 and not record[0].strip())


def _is_sparse_in(record: Record, typed: list[int]) -> bool:
    """Whether the value columns hold mostly blanks or missing marks here: then it is a data row with gaps."""
    empty = sum(1 for column in typed if column >= len(record) or look_of(record[column]) in ("blank", "missing"))
    return len(typed) > 1 and empty > 0.7 * len(typed)


def _is_body(record: Record, typed: list[int], looks: list[str], width: int) -> bool:
    cells = [(look_of(record[column]), looks[column]) for column in typed if column < len(record)]
    valued = [(look, expected) for look, expected in cells if look not in ("blank", "missing")]
    alike = sum(1 for look, expected in valued if look == expected)
    if not alike or alike < 0.5 * len(valued) or _is_year_level(record, typed):
        return False
    names = [cell.strip() for cell in record[:width]]
    run = period_run(names)
    # 2000, 2001, 2002 ... are names of columns, though they are numbers.
    return not run or len(run) < 0.5 * alike


def _is_year_level(record: Record, typed: list[int]) -> bool:
    """Years in rising order with gaps between them: the upper of two header rows ("2023, , 2024, ")."""
    cells = [record[column].strip() for column in typed if column < len(record)]
    years = [cell for cell in cells if cell]
    return len(years) > 1 and years == sorted(set(years)) and len(years) < len(typed) and period_like(record)


def _with_rows_above(records: Sequence[Record], header: int, width: int, merged: Sequence[MergedRange]) -> list[int]:
    """Add rows above while the names so far are not complete and unique and the row above looks like a header too."""
    rows = [header]
    while rows[0] > 0:
        names = _joined_names(records, rows, width, merged)
        if len(set(names)) == len(names) and all(names):
            break
        above = rows[0] - 1
        spans = [m for m in merged if m[0] <= above <= m[2] and m[3] > m[1] and records[m[0]][m[1]].strip()]
        if filled(records[above]) < 2 and not spans:
            break
        if period_run(names) and not spans:
            break  # the names are there; what repeats are notes beside each period
        if any(look_of(cell) in ("number", "date") for cell in records[above]) and not period_like(records[above]):
            break
        rows.insert(0, above)
    return rows


def period_like(record: Record) -> bool:
    """Whether all filled cells that are no text are years: 2023, , 2024, above quarters."""
    return all(
        re.fullmatch(r"(18|19|20|21)\d\d", cell.strip()) for cell in record if look_of(cell) in ("number", "date")
    )


def _joined_names(records: Sequence[Record], rows: list[int], width: int, merged: Sequence[MergedRange]) -> list[str]:
    levels = []
    for row in rows:
        cells = [" ".join(cell.split()) for cell in records[row][:width]]
        cells += [""] * (width - len(cells))
        spans = [m for m in merged if m[0] <= row <= m[2]]
        for top, left, _, right in spans:
            text = " ".join(records[top][left].split()) if left < len(records[top]) else ""
            cells[left : right + 1] = [text] * (min(right, width - 1) - left + 1)
        if row != rows[-1] and not spans:
            _fill_right(cells)
        levels.append(cells)
    return [_joined(parts) for parts in zip(*levels, strict=True)]


def _fill_right(cells: list[str]) -> None:
    for index in range(1, len(cells)):
        cells[index] = cells[index] or cells[index - 1]


def _joined(parts: Sequence[str]) -> str:
    kept: list[str] = []
    for part in parts:
        if part and part not in kept[-1:]:
            kept.append(part)
    return " / ".join(kept)


def unique_names(names: Sequence[str]) -> tuple[list[str], list[Note]]:
    """Give every column a name of its own ("Type", "Type (2)", "Column 5"), and say which were changed.

    What cannot be stored, such as a damaged byte, is replaced.
    """
    names = [FORBIDDEN.sub("\ufffd", name) for name in names]
    taken = {name for name in names if name}
    counts: Counter[str] = Counter()
    result, notes = [], []
    for index, name in enumerate(names, start=1):
        counts[name] += 1
        if name and counts[name] == 1:
            result.append(name)
            continue
        base = name or f"Column {index}"
        fresh = next(text for text in _numbered(base, plain=not name) if text not in taken)
        taken.add(fresh)
        result.append(fresh)
        notes.append(Note("duplicate_name" if name else "unnamed_column", params={"column": index, "name": fresh}))
    return result, notes


def _numbered(base: str, *, plain: bool) -> Iterator[str]:
    if plain:
        yield base
    yield from (f"{base} ({number})" for number in count(2))


def side_by_side(names: Sequence[str], records: Sequence[Record]) -> list[tuple[int, int]]:
    """Column ranges (first, last, 0-based) of tables that stand beside each other, parted by empty columns."""
    used = [
        bool(name) or any(c < len(record) and record[c].strip() for record in records) for c, name in enumerate(names)
    ]
    ranges: list[tuple[int, int]] = []
    start = None
    for column, is_used in enumerate([*used, False]):
        if is_used and start is None:
            start = column
        elif not is_used and start is not None:
            ranges.append((start, column - 1))
            start = None
    return [(first, last) for first, last in ranges if last > first] if len(ranges) > 1 else ranges
