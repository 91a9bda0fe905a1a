"""Rows as machines send them in JSON, checked and turned into columns. Nothing is guessed: what is not exact is refused."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Any

from organization.engine.local_time import day_start, wall_instant

WHOLE_DIGITS, DECIMALS = 26, 12
MOST_BYTES = 2_000  # what a B-tree entry can hold beside the other columns of the index
FIRST_YEAR, LAST_YEAR = 1700, 2299
SMALLEST, EXACT = Decimal(1).scaleb(-DECIMALS), Context(prec=120)
ROW_FIELDS = frozenset({"at", "key", "values"})
INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class RowError:
    """What is wrong with a row: its place in the call counted from 0, the column, the value, and a code of `MESSAGES`."""

    row: int
    column: str
    value: str
    code: str


@dataclass
class SentRows:
    """Rows column by column as the loader takes them, or what is wrong with them."""

    instants: list[datetime] = field(default_factory=list)
    row_keys: list[str] = field(default_factory=list)
    numbers: dict[str, list[str | None]] = field(default_factory=dict)
    texts: dict[str, list[str | None]] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)


class _Bad(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RowReader:
    """Reads the rows of one call.

    roles: of the columns that can be written, by key. Columns that no row of the call names stay away from the result,
    so that a corrected row keeps what it had; named by some rows, they are missing in the others.
    """

    def __init__(self, roles: Mapping[str, str], *, row_key: str, timezone: str) -> None:
        self._numbers = {key for key, role in roles.items() if role == "measure"}
        self._texts = {key for key, role in roles.items() if role in ("dimension", "department")}
        self._is_keyed = row_key == "columns"
        self._timezone = timezone
        self._seen: Counter[str] = Counter()

    def read(self, rows: Sequence[Any], *, keeps_good: bool = False) -> SentRows:
        """Every row, or every error. keeps_good: the good rows beside the errors of the others."""
        sent = SentRows()
        given = {
            name
            for row in rows
            if isinstance(row, dict) and isinstance(row.get("values"), dict)
            for name in row["values"]
        }
        numbers, texts = sorted(self._numbers & given), sorted(self._texts & given)
        sent.numbers, sent.texts = {key: [] for key in numbers}, {key: [] for key in texts}
        for place, row in enumerate(rows):
            errors = list(self._errors(place, row))
            sent.errors += errors
            if errors or (sent.errors and not keeps_good):
                continue
            values = row.get("values") or {}
            sent.instants.append(self._instant(row["at"]))
            sent.row_keys.append(row["key"] if self._is_keyed else self._digest(sent.instants[-1], values))
            for key in numbers:
                sent.numbers[key].append(_number(values.get(key)))
            for key in texts:
                sent.texts[key].append(_text(values.get(key)))
        return sent

    @staticmethod
    def key_error(place: int, key: Any) -> RowError | None:
        """What is wrong with a row key."""
        if not isinstance(key, str):
            return RowError(place, "", _shown(key), "key_not_text")
        if not key.strip():
            return RowError(place, "", key, "key_missing")
        return RowError(place, "", _shown(key), "too_long") if len(key.encode()) > MOST_BYTES else None

    def _errors(self, place: int, row: Any) -> Iterator[RowError]:
        if not isinstance(row, dict):
            yield RowError(place, "", _shown(row), "not_a_row")
            return
        for name in row.keys() - ROW_FIELDS:
            yield RowError(place, name[:60], "", "unknown_field")
        yield from self._key_errors(place, row)
        try:
            self._instant(row.get("at"))
        except _Bad as bad:
            yield RowError(place, "at", _shown(row.get("at")), bad.code)
        values = row.get("values", {})
        if not isinstance(values, dict):
            yield RowError(place, "values", _shown(values), "values_not_object")
            return
        for name, value in values.items():
            try:
                self._check(name, value)
            except _Bad as bad:
                yield RowError(place, name[:60], _shown(value), bad.code)

    def _key_errors(self, place: int, row: dict[str, Any]) -> Iterator[RowError]:
        if not self._is_keyed:
            if row.get("key") is not None:
                yield RowError(place, "key", _shown(row["key"]), "key_not_wanted")
        elif row.get("key") is None:
            yield RowError(place, "key", "", "key_missing")
        elif error := self.key_error(place, row["key"]):
            yield RowError(place, "key", error.value, error.code)

    def _check(self, name: str, value: Any) -> None:
        if name in self._numbers:
            _number(value)
        elif name in self._texts:
            _text(value)
        else:
            raise _Bad("unknown_column")

    def _instant(self, text: Any) -> datetime:
        match = INSTANT.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise _Bad("not_an_instant")
        try:
            day = date.fromisoformat(match[1])
            if not FIRST_YEAR < day.year < LAST_YEAR:
                raise _Bad("out_of_time")
            if match[3]:
                # PostgreSQL reads no offset of 16 hours and more, as ISO 8601 allows
                return datetime.fromisoformat(text).astimezone(UTC)
            if not match[2]:
                return day_start(day, self._timezone)
            return wall_instant(day, datetime.fromisoformat(text).time(), self._timezone)
        except ValueError as error:
            raise _Bad("not_an_instant") from error

    def _digest(self, instant: datetime, values: dict[str, Any]) -> str:
        """What a whole row is known by. Equal rows of one call are rows of their own, counted."""
        given: dict[str, str | None] = {}
        for key, value in values.items():
            kept = _canonical(_number(value)) if key in self._numbers else _text(value)
            if kept is not None:
                given[key] = kept
        content = json.dumps([instant.timestamp(), given], sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(content.encode()).hexdigest()[:40]
        self._seen[digest] += 1
        return digest if self._seen[digest] == 1 else f"{digest}-{self._seen[digest]}"


def _number(value: Any) -> str | None:
    """Plain digits, exact; what is beyond DECIMALS decimals is rounded half to even, as in files."""
    if value is None:
        return None
    if isinstance(value, bool):
        raise _Bad("not_a_number")
    if isinstance(value, str):
        if not NUMBER.fullmatch(value) or len(value) > 60:
            raise _Bad("not_a_number")
        value = Decimal(value)
    elif isinstance(value, int):
        if abs(value) >= 10**WHOLE_DIGITS:
            raise _Bad("number_range")
        return str(value)
    elif not isinstance(value, Decimal):
        raise _Bad("not_a_number")
    return _plain(value)


def _plain(value: Decimal) -> str:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or not any(digits):
        return _zero(value)
    if value.adjusted() >= WHOLE_DIGITS or exponent < -60:
        raise _Bad("number_range")
    rounded = value if exponent >= -DECIMALS else value.quantize(SMALLEST, context=EXACT)
    return format(rounded, "f")


def _zero(value: Decimal) -> str:
    if not value.is_finite():
        raise _Bad("not_a_number")
    return "0"


def _canonical(number: str | None) -> str | None:
    """One text for equal numbers."""
    if number is None or "." not in number:
        return number
    return number.rstrip("0").rstrip(".")


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise _Bad("not_a_text")
    if len(value.encode()) > MOST_BYTES:
        raise _Bad("too_long")
    return value


def _shown(value: Any) -> str:
    """A bad value as it may be shown again."""
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text[:200]
