"""From chunks of a file to what the loader takes: instants, row keys, numbers, texts. Rows that cannot be stored leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from metrics.choices import RowKey
from metrics.engine.import_plan import ImportPlan
from metrics.engine.tabular import Chunk, Mapping, Refusal, row_digests
from metrics.services.import_files import read_chunks
from organization.engine.local_time import zone

SEPARATOR = "\x1f"
MOST_BYTES = 2_000  # what a B-tree entry can hold beside the other columns of the index


@dataclass
class Rows:
    """A chunk as `Loader.add` takes it, with the chunk it came from."""

    chunk: Chunk
    instants: list[datetime]
    row_keys: list[str]
    numbers: dict[str, list[str | None]]
    texts: dict[str, list[str | None]]


class RowReader:
    """Reads a file by its plan."""

    def __init__(self, plan: ImportPlan, row_key: str, timezone: str) -> None:
        self._plan, self._timezone = plan, timezone
        self._is_keyed = row_key == RowKey.COLUMNS
        self._is_wide = plan.mapping.unpivot is not None
        self._types = {column.key: column.type for column in plan.mapping.active}
        roles = {key: role for key, role, _name in plan.roles()}
        self._numbers = [key for key, role in roles.items() if role == "measure"]
        self._texts = [key for key, role in roles.items() if role in ("dimension", "department")]
        self._repeats: dict[str, int] = {}
        self._sources = [column.source for column in plan.mapping.columns]
        self._sources += plan.mapping.unpivot.sources if plan.mapping.unpivot else ()
        self._has_neighbours = len(self._sources) < len(plan.mapping.names)

    def rows(self, path: Path) -> Iterator[Rows]:
        """The rows of the file, chunk by chunk. Raises TabularError."""
        for chunk in read_chunks(path, self._mapping(), self._timezone):
            yield self._rows(chunk)

    def _mapping(self) -> Mapping:
        """The mapping to read by: a row without instant or key is none."""
        mapping = self._plan.mapping
        columns = tuple(
            replace(column, required=True) if column.role in ("instant", "key") else column
            for column in mapping.columns
        )
        return replace(mapping, columns=columns)

    def _rows(self, chunk: Chunk) -> Rows:
        if self._has_neighbours and chunk.refused:
            self._drop_empty(chunk)
        columns: dict[str, list[Any]] = {key: list(chunk.columns.get(key, ())) for key in self._texts}
        texts = {key: self._as_texts(key, values) for key, values in columns.items()}
        keys = self._keys(chunk)
        if too_long := self._too_long(chunk, texts, keys):
            chunk.refusals += too_long
            numbers = {refusal.row for refusal in too_long}
            kept = [index for index, number in enumerate(chunk.numbers) if number not in numbers]
            for index, number in enumerate(chunk.numbers):
                if number in numbers:
                    chunk.refused.setdefault(number, chunk.raw[index])
            keys = [keys[index] for index in kept]
            texts = {key: [values[index] for index in kept] for key, values in texts.items()}
            chunk.columns = {key: [values[index] for index in kept] for key, values in chunk.columns.items()}
            chunk.numbers = [chunk.numbers[index] for index in kept]
        if not self._is_keyed:
            keys = self._numbered(keys)
        instants = chunk.columns.get(self._plan.instant_key, [])
        return Rows(chunk, instants, keys, {key: chunk.columns.get(key, []) for key in self._numbers}, texts)

    def _drop_empty(self, chunk: Chunk) -> None:
        """A longer table beside this one goes on where this one has ended: its rows are not refused, they are none."""
        empty = {
            number
            for number, cells in chunk.refused.items()
            if not any(cells[source].strip() for source in self._sources if source < len(cells))
        }
        chunk.refused = {number: cells for number, cells in chunk.refused.items() if number not in empty}
        chunk.refusals = [refusal for refusal in chunk.refusals if refusal.row not in empty]
        chunk.read -= len(empty)

    def _keys(self, chunk: Chunk) -> list[str]:
        """The row key of each row; of whole rows the digest of their cells."""
        if not self._is_keyed:
            return row_digests(chunk)
        parts: list[list[str]] = [
            [_text(value) or "" for value in chunk.columns.get(key, ())] for key in self._plan.row_keys
        ]
        if self._is_wide:
            parts.append([instant.isoformat() for instant in chunk.columns.get(self._plan.instant_key, ())])
        return parts[0] if len(parts) == 1 else list(map(SEPARATOR.join, zip(*parts, strict=True)))

    def _numbered(self, digests: list[str]) -> list[str]:
        """Digests with the number of their occurrence in the file: repeated lines are rows of their own."""
        seen, keys = self._repeats, []
        for digest in digests:
            count = seen.get(digest, 0) + 1
            seen[digest] = count
            keys.append(digest if count == 1 else f"{digest}-{count}")
        return keys

    def _as_texts(self, key: str, values: list[Any]) -> list[str | None]:
        kind = self._types.get(key)
        if kind in ("text", "number"):
            return values
        tz = zone(self._timezone) if kind == "datetime" else None
        known = {value: _text(value, tz) for value in set(values)}
        return [known[value] for value in values]

    def _too_long(self, chunk: Chunk, texts: dict[str, list[str | None]], keys: Sequence[str]) -> list[Refusal]:
        found = []
        names = {column.key: column.name for column in self._plan.mapping.active}
        columns = [(names[key], values, "text_too_many_bytes") for key, values in texts.items()]
        if self._is_keyed:
            columns.append(("", list(keys), "key_too_long"))
        for name, values, code in columns:
            if max(map(len, filter(None, values)), default=0) * 4 <= MOST_BYTES:
                continue
            found += [
                Refusal(chunk.numbers[index], name, value[:200], code, {"limit": MOST_BYTES})
                for index, value in enumerate(values)
                if value and len(value.encode()) > MOST_BYTES
            ]
        return found


def _text(value: Any, tz: Any = None) -> str | None:
    """A value of a property as text; instants in local time, as the file had them."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(tz).replace(tzinfo=None).isoformat(" ") if tz else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
