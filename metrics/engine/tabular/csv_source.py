"""CSV-like text: which delimiter, and the records in blocks with their physical lines."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, islice

from .blocks import Block, Record, filled_width, is_blank
from .encodings import ESCAPE
from .errors import Refusal
from .limits import Limits
from .streams import Source, open_plain

DELIMITERS = (",", ";", "\t", "|")
BLOCK_RECORDS = 10_000
BLOCK_CELLS = 250_000

_END = "\ue000end\ue000"  # a last line of our own: if it lands inside a cell, a quote was never closed
_BREAK = re.compile(r"\r\n|\r|\n")
_NUMBERISH = re.compile(r"[-+(]?[$€£¥]?[\d.,\s]+%?\)?")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?")


@contextmanager
def open_text(source: Source, encoding: str, limits: Limits, *, gzipped: bool) -> Iterator[io.TextIOWrapper]:
    """Decoded text with its line ends untouched; undecodable bytes come out as lone surrogates."""
    with open_plain(source, limits, gzipped=gzipped) as stream:
        yield io.TextIOWrapper(stream, encoding=encoding, errors=ESCAPE, newline="")


def iterate(text: Iterable[str], delimiter: str, columns: int = 8) -> Iterator[Block]:
    """Parse lines into blocks of records. A record that cannot be parsed is refused and parsing goes on after it."""
    reader = csv.reader(chain(text, (_END,)), delimiter=delimiter)
    size = max(100, min(BLOCK_RECORDS, BLOCK_CELLS // max(1, columns)))
    while True:
        start = reader.line_num
        records: list[Record] = []
        failure = ""
        try:
            records.extend(islice(reader, size))
        except csv.Error as error:  # the records before it are kept: extend has already appended them
            failure = str(error)
        if not records and not failure:
            return
        block = Block(records, _physical_lines(records, start, reader.line_num if not failure else None))
        if failure:
            line = start + 1 + sum(map(_lines_of, records))
            block.broken.append(Refusal(line, "", "", "cell_too_long", {"lines": reader.line_num - line + 1}))
        elif records[-1] and records[-1][-1].endswith(_END):
            _drop_end(block)
        yield block


def _drop_end(block: Block) -> None:
    last, line = block.records.pop(), block.numbers[-1]
    block.numbers = block.numbers[:-1]
    if last != [_END]:
        value = last[-1].removesuffix(_END)
        lines = len(_BREAK.findall("\n".join(last)))
        block.broken.append(Refusal(line, "", value[:200], "unbalanced_quote", {"lines": max(1, lines)}))


def _lines_of(record: Record) -> int:
    return 1 + sum(len(_BREAK.findall(cell)) for cell in record if "\n" in cell or "\r" in cell)


def _physical_lines(records: list[Record], start: int, end: int | None) -> list[int] | range:
    """First line of each record; a plain range where no cell holds a line break, which costs nothing."""
    if end is not None and end - start == len(records):
        return range(start + 1, end + 1)
    numbers, line = [], start + 1
    for record in records:
        numbers.append(line)
        line += _lines_of(record)
    return numbers


def sniff_delimiter(sample: str) -> str:
    """The delimiter that cuts the sample into the most regular and widest records; a comma if none does."""
    marked = _SEPARATOR_LINE.match(sample)
    if marked:
        return marked[1]
    scored = [(_regularity(sample, delimiter), delimiter) for delimiter in DELIMITERS if delimiter in sample]
    best, delimiter = max(scored, key=lambda pair: pair[0], default=(0.0, ","))
    return delimiter if best > 0 else ","


def _regularity(sample: str, delimiter: str) -> float:
    records = [record for record in sample_records(sample, delimiter) if not is_blank(record)]
    widths = Counter(filled_width(record) for record in records)
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0
    mode, _ = max(wide.items(), key=lambda pair: (pair[1], pair[0]))
    # Rows may end early (trailing blanks dropped), so a narrower row speaks less against the delimiter than a wider.
    share = sum(count for width, count in wide.items() if abs(width - mode) <= mode // 4) / len(records)
    score = share * share * math.log2(mode + 1)
    header = any(len(record) >= mode and _looks_like_names(record[:mode]) for record in records[:30])
    return score * (1.5 if header else 1.0)


def _looks_like_names(record: Record) -> bool:
    texts = [cell.strip() for cell in record]
    return all(texts) and not any(_NUMBERISH.fullmatch(text) for text in texts)


def sample_records(sample: str, delimiter: str) -> list[Record]:
    """Records of a cut-off text; parsing stops where the cut or a fault makes it impossible."""
    records: list[Record] = []
    with suppress(csv.Error):
        records.extend(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), 500))
    return records
