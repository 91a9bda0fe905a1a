"""What came of reading a file: counts, notes, the refused rows as a table and as a file to correct and send again."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from django.utils.translation import gettext as _

from metrics.engine.tabular import Note, Refusal
from metrics.queries.wording import tabular_sentence
from metrics.services.import_files import store
from metrics.services.import_rows import Rows
from ops_platform.web.exports import BYTE_ORDER_MARK, harmless

MOST_SHOWN = 500
MOST_NOTES = 100
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,' ]*%?")


class Report:
    """Collects, as rows go by, what the person is told. Use as a context: the error file is temporary until kept."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.read = self.accepted = self.refused = self.shifted = 0
        self.months: set[str] = set()
        self._names = names
        self._refusals: list[Refusal] = []
        self._notes: list[Note] = []
        # Without a name from the start, so that a worker that is killed leaves none behind
        self._bytes = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self._file = io.TextIOWrapper(self._bytes, encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def take(self, rows: Rows) -> None:
        """Count a chunk and write its refused rows down."""
        chunk = rows.chunk
        self.read += chunk.read
        self.accepted += len(rows.instants)
        self.shifted += chunk.shifted
        self.months |= _months(rows.instants)
        self._notes += chunk.notes[: MOST_NOTES - len(self._notes)]
        self._refusals += chunk.refusals[: MOST_SHOWN - len(self._refusals)]
        if chunk.refused:
            self._write(chunk.refused, chunk.refusals)

    def _write(self, refused: dict[int, list[str]], refusals: list[Refusal]) -> None:
        if not self.refused:
            self._file.write(BYTE_ORDER_MARK)
            self._writer.writerow([*map(_cell, self._names), _("Row"), _("Reason")])
        self.refused += len(refused)
        reasons: dict[int, list[str]] = defaultdict(list)
        for refusal in refusals:
            sentence = tabular_sentence(refusal.code, refusal.params)
            reasons[refusal.row].append(f"{refusal.column}: {sentence}" if refusal.column else sentence)
        for number, cells in sorted(refused.items()):
            padded = [*cells, *[""] * (len(self._names) - len(cells))]
            self._writer.writerow([*map(_cell, padded), number, harmless(" ".join(reasons[number]))])

    def facts(self) -> dict[str, Any]:
        """What the batch keeps of it, as plain JSON: codes and values; sentences are made where they are read."""
        return {
            "accepted": self.accepted,
            "shifted": self.shifted,
            "months": sorted(self.months),
            "notes": [asdict(note) for note in self._notes],
            "refusals": [asdict(refusal) for refusal in self._refusals],
        }

    def keep_file(self, organization_id: int) -> str:
        """Store the error file and return its name; "" where nothing was refused."""
        if not self.refused:
            return ""
        self._file.flush()
        self._bytes.seek(0)
        return store(self._bytes, organization_id, ".csv")


def _months(instants: Sequence[datetime]) -> set[str]:
    """The months of UTC. Rows mostly come in order, and then a chunk lies within one."""
    if not instants:
        return set()
    ends = {(instant.year, instant.month) for instant in (min(instants), max(instants))}
    found = ends if len(ends) == 1 else {(instant.year, instant.month) for instant in instants}
    return {f"{year:04}-{month:02}" for year, month in found}


def _cell(text: str) -> str:
    """The cell as it was. What a spreadsheet would run gets an apostrophe; a negative number is none of that."""
    return text if _NUMBER.fullmatch(text) else harmless(text.replace("\x00", "\ufffd"))
