"""Read the rows of a file by its mapping, in chunks of typed columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from .blocks import Block, Record, filled, is_sparse
from .chunk import Chunk, printable
from .convert import Converter
from .errors import Bad, Note, Refusal, TabularError
from .limits import DEFAULT_LIMITS, Limits
from .mapping import ColumnPlan, Mapping
from .opening import open_blocks
from .streams import Source
from .unpivot import Unpivoter
from .values import FORBIDDEN

_HOLD = 50  # rows below the table that may be its notes
_TOTAL = re.compile(r"(?:grand\s+|sub-?\s?)?totals?(?:\s*[:：(].*)?|sum|合计|总计|小计|共计|总和", re.I)
# Among many labels at once: a line that may be a total, whatever stands after its first word
_TOTAL_LINE = re.compile(r"^\s*(?:grand|sub|total|sum|合计|总计|小计|共计|总和)", re.I | re.M)
_FIRST = itemgetter(0)
_NOTE_WORD = re.compile(
    r"sources?\b|notes?\b|disclaimer|last updated|generated|copyright|©|来源|数据来源|注|备注|说明|制表", re.I
)


def read_rows(source: Source, mapping: Mapping, tz: ZoneInfo, limits: Limits = DEFAULT_LIMITS) -> Iterator[Chunk]:
    """Yield the rows of `source` as chunks of at most about 10,000 file rows.

    Local times are those of `tz`. A row with any refused cell is refused whole; blank lines are skipped; notes below
    the table are skipped and noted; total rows are noted, and skipped if the mapping says so. Raises TabularError
    when the file cannot be read further or passes `limits`.
    """
    reader = _Reader(mapping, tz, limits)
    with open_blocks(source, mapping, limits) as blocks:
        for block in blocks:
            if (chunk := reader.take(block)) is not None:
                yield chunk
        if (chunk := reader.finish()) is not None:
            yield chunk


class _Reader:
    def __init__(self, mapping: Mapping, tz: ZoneInfo, limits: Limits) -> None:
        self._mapping = mapping
        self._limits = limits
        self._width = len(mapping.names) or 1 + max((plan.source for plan in mapping.columns), default=0)
        plans = [plan for plan in mapping.active if plan.source < self._width]
        if len(plans) < len(mapping.active):
            raise TabularError("mapping_other_header", columns=self._width)
        self._converters = [_converter(plan, mapping, tz, limits) for plan in plans]
        self._unpivoter = Unpivoter(mapping, tz, self._width, limits) if mapping.unpivot else None
        sources = {plan.source for plan in mapping.columns} | set(mapping.unpivot.sources if mapping.unpivot else ())
        self._first = min(sources)
        self._span = len(sources)
        typed = [converter for converter in self._converters if converter.plan.type != "text"]
        self._typed = typed + (self._unpivoter.converters if self._unpivoter else [])
        self._skip = mapping.skip_rows
        self._rows = 0
        self._held: list[tuple[int, Record]] = []

    def take(self, block: Block) -> Chunk | None:
        records, numbers = block.records, block.numbers
        if self._skip:
            dropped = min(self._skip, len(records))
            self._skip -= dropped
            records, numbers = records[dropped:], numbers[dropped:]
        pairs = None
        if not all(records) or (not all(map(str.strip, map(_FIRST, records))) and any(map(_is_blank, records))):
            pairs = [(n, r) for n, r in zip(numbers, records, strict=True) if any(map(str.strip, r))]
        if self._held:
            pairs = self._held + (pairs if pairs is not None else list(zip(numbers, records, strict=True)))
            self._held = []
        if pairs is not None:
            numbers, records = [n for n, _ in pairs], [r for _, r in pairs]
        hold = len(records)
        while hold > max(0, len(records) - _HOLD) and is_sparse(records[hold - 1], self._span):
            hold -= 1
        self._held = list(zip(numbers[hold:], records[hold:], strict=True))
        return self._chunk(records[:hold], list(numbers[:hold]), block.broken)

    def finish(self) -> Chunk | None:
        """What is still held: rows of the table first, then the notes below it."""
        end = len(self._held)
        while end and self._is_note(self._held[end - 1][1]):
            end -= 1
        rows, notes = self._held[:end], self._held[end:]
        chunk = self._chunk([record for _, record in rows], [number for number, _ in rows], []) or Chunk()
        for number, record in notes:
            text = " ".join(cell.strip() for cell in record if cell.strip())
            chunk.notes.append(Note("footer_skipped", number, {"text": printable(text)}))
        return chunk if chunk.read or chunk.notes else None

    def _is_note(self, record: Record) -> bool:
        if self._typed:
            return not any(c.plan.source < len(record) and c.reads(record[c.plan.source]) for c in self._typed)
        first = next(cell.strip() for cell in record if cell.strip())
        return filled(record) == 1 and _NOTE_WORD.match(first) is not None

    def _chunk(self, records: list[Record], numbers: list[int], broken: list[Refusal]) -> Chunk | None:
        if not records and not broken:
            return None
        chunk = Chunk(read=len(broken))
        for refusal in broken:
            chunk.refusals.append(refusal)
            chunk.refused[refusal.row] = [refusal.value]
        records, numbers = self._totals(records, numbers, chunk)
        chunk.read += len(records)
        self._rows += len(records)
        if self._rows > self._limits.max_rows:
            raise TabularError("too_many_rows", limit=self._limits.max_rows)
        bad: dict[int, list[tuple[str, str, Bad]]] = {}
        records = self._even(records, bad)
        texts = list(zip(*records, strict=True)) or [()] * self._width
        columns: dict[str, list[Any]] = {}
        for converter in self._converters:
            plan = converter.plan
            values, refused, shifted = converter.convert(texts[plan.source])
            columns[plan.key] = values
            chunk.shifted += shifted
            for index, why in refused:
                bad.setdefault(index, []).append((plan.name, texts[plan.source][index], why))
        if self._unpivoter:
            self._unpivoter.convert(texts, bad)
        good = _refuse(chunk, records, numbers, bad) if bad else None
        if self._unpivoter:
            self._unpivoter.fill(chunk, columns, records, numbers, good)
        elif good is None:
            chunk.columns, chunk.raw, chunk.numbers = columns, records, numbers
        else:
            chunk.columns = {key: [values[i] for i in good] for key, values in columns.items()}
            chunk.raw, chunk.numbers = [records[i] for i in good], [numbers[i] for i in good]
        return chunk

    def _totals(self, records: list[Record], numbers: list[int], chunk: Chunk) -> tuple[list[Record], list[int]]:
        labels = {record[self._first] for record in records if len(record) > self._first}
        if not _TOTAL_LINE.search("\n".join(labels)):
            return records, numbers
        labels = {label for label in labels if len(label) < 40 and _TOTAL.fullmatch(label.strip())}
        if not labels:
            return records, numbers
        skip = self._mapping.totals == "skip"
        found = {i for i, record in enumerate(records) if len(record) > self._first and record[self._first] in labels}
        code = "total_skipped" if skip else "total_kept"
        chunk.notes += [Note(code, numbers[i], {"text": records[i][self._first].strip()}) for i in sorted(found)[:100]]
        if not skip:
            return records, numbers
        kept = [i for i in range(len(records)) if i not in found]
        return [records[i] for i in kept], [numbers[i] for i in kept]

    def _even(self, records: list[Record], bad: dict[int, list[tuple[str, str, Bad]]]) -> list[Record]:
        """All records at the width of the header. Empty cells at the end may be missing or too many."""
        width = self._width
        if all(len(record) == width for record in records):
            return records
        for index, record in enumerate(records):
            if len(record) > width and any(map(str.strip, record[width:])):
                why = Bad("too_many_cells", {"cells": len(record), "columns": width})
                bad.setdefault(index, []).append(("", "", why))
        return [record[:width] + [""] * (width - len(record)) for record in records]


def _converter(plan: ColumnPlan, mapping: Mapping, tz: ZoneInfo, limits: Limits) -> Converter:
    return Converter(plan, mapping.style(plan), mapping.decimal, tz, limits.max_text)


def _is_blank(record: Record) -> bool:
    # The first cell nearly always settles it, so this stays cheap.
    return not record[0].strip() and not any(map(str.strip, record))


def _refuse(
    chunk: Chunk, records: list[Record], numbers: list[int], bad: dict[int, list[tuple[str, str, Bad]]]
) -> list[int]:
    for index in sorted(bad):
        chunk.refused[numbers[index]] = [FORBIDDEN.sub("\ufffd", cell) for cell in records[index]]
        chunk.refusals += [
            Refusal(numbers[index], name, printable(text), why.code, why.params) for name, text, why in bad[index]
        ]
    return [index for index in range(len(records)) if index not in bad]
