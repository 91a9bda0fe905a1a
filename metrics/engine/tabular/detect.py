"""Look at a file: its kind, encoding, delimiter, sheets, header and columns. Nothing is decided for the person here
that the preview does not show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO

from .blocks import Block, MergedRange, Record, filled_width, is_blank, is_sparse
from .csv_source import iterate, open_text, sniff_delimiter
from .dates import OrderEvidence, order_evidence
from .encodings import KNOWN, detect_encoding
from .errors import Note, TabularError
from .header import Layout, find_layout, given_layout, side_by_side, unique_names
from .kinds import HEAD, kind_of
from .limits import DEFAULT_LIMITS, Limits
from .numbers import decimal_votes
from .periods import period_run
from .profile import ColumnProfile, profile_column
from .streams import BLOCK, Source, open_binary, open_plain
from .workbook_source import SheetInfo, open_workbook

SAMPLE = 5_000  # records that are profiled
FAR = 200_000  # records among which an undecided day/month order is looked for
SNIFF = 1 << 18  # characters from which the delimiter is told


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file looks like.

    names: unique names of all columns; raw_names: as the file has them. header_rows and first_data are 0-based
    records. tables: column ranges of tables side by side, `table` the one that `columns` describes. sample: the first
    data records with their line or row numbers. wide: positions of columns whose names are periods.
    """

    kind: str
    encoding: str
    delimiter: str
    line_end: str
    sheets: tuple[SheetInfo, ...]
    sheet: str
    epoch_1904: bool
    header_rows: tuple[int, ...]
    first_data: int
    raw_names: tuple[str, ...]
    names: tuple[str, ...]
    decimal: str
    columns: tuple[ColumnProfile, ...]
    tables: tuple[tuple[int, int], ...]
    table: int
    wide: tuple[int, ...]
    sample: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[Note, ...]

    @property
    def shape(self) -> str:
        """`wide` where most value columns are periods, else `long`."""
        return "wide" if self.wide else "long"


def detect(
    source: Source,
    limits: Limits = DEFAULT_LIMITS,
    *,
    sheet: str = "",
    table: int = 0,
    encoding: str = "",
    delimiter: str = "",
    header_rows: tuple[int, ...] | None = None,
) -> Preview:
    """Look at `source` (a path or a seekable binary file). What is given by keyword is taken as settled.

    header_rows: 0-based records; () where there is no header, None to find it.

    Raises TabularError for what is no table or is beyond `limits`.
    """
    with open_binary(source) as file:
        kind = kind_of(file.read(HEAD))
    if kind in ("zip", "ole"):
        name = "xlsx" if kind == "zip" else "xls"
        return _detect_workbook(source, limits, kind=name, sheet=sheet, table=table, header_rows=header_rows)
    text = {"encoding": encoding, "delimiter": delimiter}
    return _detect_text(source, limits, kind == "gzip", table=table, header_rows=header_rows, **text)


def _detect_text(
    source: Source,
    limits: Limits,
    gzipped: bool,
    *,
    table: int,
    header_rows: tuple[int, ...] | None,
    encoding: str,
    delimiter: str,
) -> Preview:
    if not encoding:
        with open_plain(source, limits, gzipped=gzipped) as stream:
            head = stream.read(HEAD)
            if kind_of(head) != "csv":
                raise TabularError("wrong_kind", kind="archive")
            encoding = detect_encoding(_blocks_of(head, stream), head)
    elif encoding not in KNOWN:
        raise TabularError("unknown_encoding", encoding=encoding)
    with open_text(source, encoding, limits, gzipped=gzipped) as text:
        sample = text.read(SNIFF)
    delimiter = delimiter or sniff_delimiter(sample)
    with open_text(source, encoding, limits, gzipped=gzipped) as text:
        blocks = iterate(text, delimiter)
        preview = _look(blocks, (), limits, table, header_rows)
    kind = "csv.gz" if gzipped else "csv"
    return replace(preview, kind=kind, encoding=encoding, delimiter=delimiter, line_end=_line_end(sample))


def _blocks_of(head: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    yield head
    while block := stream.read(BLOCK):
        yield block


def _line_end(sample: str) -> str:
    both = sample.count("\r\n")
    ends = {"CRLF": both, "LF": sample.count("\n") - both, "CR": sample.count("\r") - both}
    return max(ends, key=lambda end: ends[end]) if any(ends.values()) else ""


def _detect_workbook(
    source: Source, limits: Limits, *, kind: str, sheet: str, table: int, header_rows: tuple[int, ...] | None
) -> Preview:
    with open_workbook(source, limits) as workbook:
        sheets = workbook.sheets()
        name = sheet or workbook.best_sheet(sheets)
        preview = _look(workbook.blocks(name), workbook.merged(name), limits, table, header_rows)
        notes = preview.notes
        others = [info.name for info in sheets if info.rows and info.name != name]
        if others:
            notes += (Note("other_sheets", params={"sheets": others}),)
        return replace(
            preview, kind=kind, sheet=name, sheets=tuple(sheets), epoch_1904=workbook.epoch_1904, notes=notes
        )


def _look(
    blocks: Iterator[Block],
    merged: Sequence[MergedRange],
    limits: Limits,
    table: int,
    header_rows: tuple[int, ...] | None,
) -> Preview:
    records, numbers = _first(blocks, SAMPLE)
    if all(map(is_blank, records)):
        raise TabularError("empty_file")
    if max(map(len, records)) > limits.max_columns:
        raise TabularError("too_many_columns", columns=max(map(len, records)), limit=limits.max_columns)
    is_found = header_rows is None
    layout = find_layout(records[:500], merged) if is_found else given_layout(records, header_rows or (), merged)
    names, notes = unique_names(layout.names)
    body = [record for record in records[layout.first_data :] if not is_blank(record)]
    if len(records) < SAMPLE:
        while len(body) > 1 and is_sparse(body[-1], len(names)):
            body.pop()  # notes below a short table would blur the types of its columns
    if layout.header_rows == ():
        notes.append(Note("no_header"))
    tables = _tables(layout, body)
    table = table if 0 <= table < len(tables) else 0
    if len(tables) > 1:
        notes.append(Note("tables_side_by_side", params={"tables": [[names[a], names[b]] for a, b in tables]}))
    first, last = tables[table]
    texts = [[record[c] if c < len(record) else "" for record in body] for c in range(first, last + 1)]
    decimal = _decimal(texts)
    columns = [profile_column(first + i, names[first + i], column, decimal) for i, column in enumerate(texts)]
    columns = _settle_orders(columns, blocks)
    notes += [
        Note("date_order_unclear", params={"column": c.name, "order": c.date_order}) for c in columns if c.ambiguous
    ]
    extra = max((len(record) for record in body), default=0) - len(names)
    if extra > 0 and max(map(filled_width, body)) <= len(names):
        notes.append(Note("extra_empty_columns", params={"columns": extra}))
    start = layout.first_data
    return Preview(
        kind="",
        encoding="",
        delimiter="",
        line_end="",
        sheets=(),
        sheet="",
        epoch_1904=False,
        header_rows=layout.header_rows,
        first_data=start,
        raw_names=layout.names,
        names=tuple(names),
        decimal=decimal,
        columns=tuple(columns),
        tables=tuple(tables),
        table=table,
        wide=_wide(layout.names, columns),
        sample=tuple((n, tuple(r)) for n, r in zip(numbers[start:], records[start:], strict=True))[:50],
        notes=tuple(notes),
    )


def _first(blocks: Iterable[Block], count: int) -> tuple[list[Record], list[int]]:
    records: list[Record] = []
    numbers: list[int] = []
    for block in blocks:
        records += block.records
        numbers += block.numbers
        if len(records) >= count:
            break
    if not records:
        raise TabularError("empty_file")
    return records, numbers


def _tables(layout: Layout, body: Sequence[Record]) -> list[tuple[int, int]]:
    """Tables side by side count as such only if they repeat a name or end at different rows."""
    whole = (0, len(layout.names) - 1)
    parts = side_by_side(layout.names, body)
    if len(parts) < 2:
        return [whole]
    names = Counter(name for a, b in parts for name in set(layout.names[a : b + 1]) if name)
    ends = {max((i for i, r in enumerate(body) if any(c.strip() for c in r[a : b + 1])), default=0) for a, b in parts}
    return parts if len(ends) > 1 or max(names.values(), default=0) > 1 else [whole]


def _decimal(columns: Sequence[Sequence[str]]) -> str:
    votes: Counter[str] = Counter()
    for texts in columns:
        votes += decimal_votes({text.strip() for text in texts[:2000] if len(text) < 40})
    return "," if votes[","] > votes["."] else "."


def _wide(names: Sequence[str], columns: Sequence[ColumnProfile]) -> tuple[int, ...]:
    run = set(period_run(names))
    found = [column for column in columns if column.source in run and column.numbers >= 0.5 * column.values]
    return tuple(column.source for column in found) if sum(column.values > 0 for column in found) >= 3 else ()


def _settle_orders(columns: list[ColumnProfile], rest: Iterable[Block]) -> list[ColumnProfile]:
    """Undecided day/month orders: read further, then borrow from a column of the same file that is decided."""
    open_ones = {column.source: set[str]() for column in columns if column.ambiguous}
    seen = 0
    if open_ones:
        for block in rest:
            for source, texts in open_ones.items():
                texts.update(record[source] for record in block.records if source < len(record))
            seen += len(block.records)
            if seen >= FAR or _all_decided(open_ones.values()):
                break
    settled = []
    for column in columns:
        found: OrderEvidence = order_evidence(open_ones.get(column.source, ())) if column.ambiguous else column.evidence
        if column.ambiguous and found.order:
            column = replace(column, date_order=found.order, ambiguous=False)
        settled.append(column)
    decided = Counter(c.date_order for c in settled if c.evidence.numeric and not c.ambiguous and c.type != "text")
    if decided:
        order = decided.most_common(1)[0][0]
        settled = [replace(c, date_order=order, ambiguous=False) if c.ambiguous else c for c in settled]
    return settled


def _all_decided(columns: Iterable[set[str]]) -> bool:
    return all(order_evidence(texts).order for texts in columns)
