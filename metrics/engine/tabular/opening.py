"""One door to every kind of file: blocks of records, given how the file is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .blocks import Block
from .csv_source import iterate, open_text
from .limits import Limits
from .mapping import Mapping
from .streams import Source
from .workbook_source import open_workbook


@contextmanager
def open_blocks(source: Source, mapping: Mapping, limits: Limits) -> Iterator[Iterator[Block]]:
    """The records of the file or sheet that `mapping` names, from the first line on."""
    if mapping.kind in ("xlsx", "xls"):
        with open_workbook(source, limits) as workbook:
            yield workbook.blocks(mapping.sheet, mapping.decimal)
    else:
        with open_text(source, mapping.encoding, limits, gzipped=mapping.kind == "csv.gz") as text:
            yield iterate(text, mapping.delimiter, len(mapping.names))
