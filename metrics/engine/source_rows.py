"""Rows as a foreign system has them, turned into rows as the API takes them.

The sender's types cannot be chosen, so what says the same in another type is taken: a number as the text of a property, a
Unix time as an instant. What says something else is left for the row reader to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from organization.engine.local_time import zone

from .json_paths import MISSING, WHOLE, at
from .source_plan import SourcePlan

SEPARATOR = "\x1f"
UNIX = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds from 1973 to 5138; beyond that the same digits are milliseconds from 1973 on
FEWEST_SECONDS, MOST_SECONDS, MOST_MILLISECONDS = 10**8, 10**11, 10**14
FAR = 50  # powers of ten that no column holds: 1e999999 is not written out
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d)(:\d\d)?(\.\d+)?\s?(?:([Zz]|UTC)|([+-]\d\d):?(\d\d)?)?")


class Extractor:
    """Takes the rows of one body, or of one query, apart."""

    def __init__(self, plan: SourcePlan, *, is_json: bool) -> None:
        self._plan, self._is_json = plan, is_json
        self._instant = plan.paths("instant")[0]
        self._keys = plan.paths("key")
        self._values = plan.paths("measure", "dimension", "department")

    def is_wanted(self, row: Any, body: Any = None) -> bool:
        """Whether the row is one of those that the plan takes."""
        if not self._plan.only_at:
            return True
        return _text(self._at(row, body, self._plan.only_at)) in self._plan.only

    def row(self, row: Any, body: Any = None) -> Any:
        """The row for the row reader; what is no object is handed on, to be refused with its reason."""
        if not isinstance(row, dict):
            return row
        values = {}
        for column in self._values:
            found = self._at(row, body, column.path)
            if found is not MISSING:  # a place that is not there keeps what the row had; null clears it
                values[column.key] = _measure(found) if column.role == "measure" else _text(found)
        made = {"at": _moment(self._at(row, body, self._instant.path)), "values": values}
        if self._keys:
            made["key"] = self._key(row, body)
        return made

    def _key(self, row: Any, body: Any) -> Any:
        parts = [_text(self._at(row, body, column.path)) for column in self._keys]
        if any(part is None or part is MISSING or part == "" for part in parts):
            return None
        wrong = next((part for part in parts if not isinstance(part, str)), None)
        return wrong if wrong is not None else SEPARATOR.join(parts)

    def _at(self, row: Any, body: Any, path: str) -> Any:
        if not self._is_json:
            return row.get(path, MISSING)
        return at(body, path.removeprefix(WHOLE)) if path.startswith(WHOLE) else at(row, path)


def cursor_after(values: Sequence[Any]) -> str:
    """The latest of a query's dates or times as text that sorts as they do, "" where there is none."""
    latest = max(values, default=None)
    if not isinstance(latest, datetime):
        return latest.isoformat() if latest else ""
    return (latest.astimezone(UTC) if latest.tzinfo else latest).isoformat(timespec="microseconds")


def cursor_before(cursor: str, overlap: timedelta) -> str:
    """Where the next run begins: so much earlier than the cursor that rows which were committed late come along."""
    if "T" not in cursor:
        return (date.fromisoformat(cursor) - max(overlap, timedelta(days=1))).isoformat()
    return (datetime.fromisoformat(cursor) - overlap).isoformat()


def cursor_until(cursor: str, now: datetime, timezone: str) -> str:
    """The cursor, but never later than now: one row dated 2099 would otherwise be the last that ever came."""
    local = now.astimezone(zone(timezone)).replace(tzinfo=None)
    if "T" not in cursor:
        return min(cursor, local.date().isoformat())
    aware = now.astimezone(UTC).isoformat(timespec="microseconds")
    return min(cursor, aware if cursor.endswith("+00:00") else local.isoformat(timespec="microseconds"))


def _moment(value: Any) -> Any:
    """ISO text as the row reader takes it, from what databases and programs write."""
    if value is MISSING:
        return None
    if isinstance(value, date):  # datetimes are dates
        return value.isoformat()
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _unix(Decimal(value))
    match = _INSTANT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return value.strip() if isinstance(value, str) else value
    offset = "Z" if match[4] else f"{match[5]}:{match[6] or '00'}" if match[5] else ""
    seconds = (match[2] or ":00") + (match[3] or "")[:7]
    return match[1].upper() + seconds + offset


def _unix(number: Decimal) -> Any:
    if not number.is_finite() or not FEWEST_SECONDS <= number < MOST_MILLISECONDS:
        return number
    seconds = number if number < MOST_SECONDS else number / 1000
    return (UNIX + timedelta(microseconds=int(seconds * 1_000_000))).isoformat()


def _measure(value: Any) -> Any:
    """Numbers as text, which a file between here and the store keeps digit for digit."""
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() and abs(value.adjusted()) < FAR else str(value)
    if isinstance(value, float):  # of a query: JSON has been read to Decimal
        return _measure(Decimal(repr(value)))
    if isinstance(value, str):
        return value.strip() or None
    return value


def _text(value: Any) -> Any:
    """A plain value as text, None and MISSING as they are, lists and objects too, which are then refused."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal | float):
        return _measure(value) if isinstance(value, Decimal) else str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return str(value) if isinstance(value, date | UUID | timedelta) else value
