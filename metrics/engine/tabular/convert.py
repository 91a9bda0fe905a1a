"""Columns of texts into columns of values, each distinct text read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .clocks import DayAndTime
from .dates import DateStyle, read_moment
from .errors import Bad
from .mapping import ColumnPlan
from .numbers import GROUPED_COLUMN, PLAIN_COLUMN, read_number
from .values import FORBIDDEN, MISSING_TEXT, is_missing, read_boolean

MEMO_SIZE = 200_000  # distinct texts remembered per column before starting anew


class Memo(dict[str, Any]):
    """Text to value, filled on first sight, so that the loop over a column runs in C.

    bad: texts that have no value. shifted: local times that a clock change skips, moved forward.
    """

    def __init__(self, read: Callable[[str, Memo], Any]) -> None:
        super().__init__()
        self._read = read
        self.bad: dict[str, Bad] = {}
        self.shifted: set[str] = set()

    def __missing__(self, text: str) -> Any:
        value = self._read(text, self)
        if isinstance(value, Bad):
            self.bad[text] = value
        self[text] = value
        return value


class Converter:
    """Reads one column, chunk after chunk."""

    def __init__(self, plan: ColumnPlan, style: DateStyle, decimal: str, tz: ZoneInfo, max_text: int) -> None:
        self.plan = plan
        self._decimal = decimal
        self._style = style
        self._tz = tz
        self._max_text = max_text
        self._memo = Memo(self._reader())
        self._is_varied = False  # most texts of the last chunk were new, so remembering them does not pay
        reads_instants = plan.role == "instant" or plan.type == "datetime"
        self._clock = DayAndTime(style, tz) if reads_instants else None

    def convert(self, texts: Sequence[str]) -> tuple[list[Any], list[tuple[int, Bad]], int]:
        """Return the values (None where there is none), the refused positions, and how many times were shifted."""
        if self.plan.type == "number" and (fast := self._plain(texts)) is not None:
            return fast, self._required(fast), 0
        if self._is_varied and self.plan.type == "text" and (fast := self._plain_text(texts)) is not None:
            return fast, self._required(fast), 0
        memo = self._memo
        if len(memo) > MEMO_SIZE:
            memo = self._memo = Memo(self._reader())
        if self._is_varied and self._clock is not None:
            return self._clocked(texts)
        known = len(memo)
        values = list(map(memo.__getitem__, texts))
        self._is_varied = len(memo) - known > len(texts) // 2
        bad = [(i, memo.bad[text]) for i, text in enumerate(texts) if text in memo.bad] if memo.bad else []
        shifted = sum(text in memo.shifted for text in texts) if memo.shifted else 0
        return values, bad + self._required(values), shifted

    def _clocked(self, texts: Sequence[str]) -> tuple[list[Any], list[tuple[int, Bad]], int]:
        """As `convert`, by days and times of day, which are few where the moments are many."""
        assert self._clock is not None
        values = self._clock.instants(texts)
        if None not in values:
            return values, [], 0
        memo = self._memo
        for index, value in enumerate(values):
            if value is None:
                values[index] = memo[texts[index]]
        bad = [(i, memo.bad[text]) for i, text in enumerate(texts) if text in memo.bad] if memo.bad else []
        shifted = sum(text in memo.shifted for text in texts) if memo.shifted else 0
        return values, bad + self._required(values), shifted

    def reads(self, text: str) -> bool:
        """Whether a text is a value of this column (a missing mark is not)."""
        value = self._memo[text]
        return value is not None and not isinstance(value, Bad)

    def _required(self, values: list[Any]) -> list[tuple[int, Bad]]:
        if not self.plan.required or None not in values:
            return []
        return [(index, Bad("required")) for index, value in enumerate(values) if value is None]

    def _plain(self, texts: Sequence[str]) -> list[Any] | None:
        """The whole column at once where every cell is a plain number or empty, which is the usual case."""
        joined = "\n".join(texts) + "\n"
        grouped = not PLAIN_COLUMN[self._decimal].fullmatch(joined)
        if grouped and not GROUPED_COLUMN[self._decimal].fullmatch(joined):
            return None
        if grouped:
            joined = joined.replace("," if self._decimal == "." else ".", "")
        if grouped or self._decimal == ",":
            texts = joined.replace(self._decimal, ".").split("\n")[:-1]
        return [text or None for text in texts] if "" in texts else list(texts)

    def _plain_text(self, texts: Sequence[str]) -> list[Any] | None:
        """The whole column at once where no cell is refused."""
        if not texts or max(map(len, texts)) > self._max_text or FORBIDDEN.search("\n".join(texts)):
            return None
        values: list[Any] = list(map(str.strip, texts))
        if MISSING_TEXT.isdisjoint(map(str.lower, values)):
            return values
        return [None if text.lower() in MISSING_TEXT else text for text in values]

    def _reader(self) -> Callable[[str, Memo], Any]:
        if self.plan.role == "instant":
            return self._read_instant
        return {
            "number": self._read_number,
            "date": self._read_date,
            "datetime": self._read_instant,
            "boolean": self._read_boolean,
            "text": self._read_text,
        }[self.plan.type]

    def _read_number(self, text: str, memo: Memo) -> Any:
        text = text.strip()
        return None if is_missing(text) else read_number(text, self._decimal)

    def _read_date(self, text: str, memo: Memo) -> Any:
        text = text.strip()
        if is_missing(text):
            return None
        found = read_moment(text, self._style)
        return found if isinstance(found, Bad) else found.date()

    def _read_instant(self, text: str, memo: Memo) -> Any:
        stripped = text.strip()
        if is_missing(stripped):
            return None
        found = read_moment(stripped, self._style)
        if isinstance(found, Bad):
            return found
        instant, skipped = to_instant(found, self._tz)
        if skipped:
            memo.shifted.add(text)
        return instant

    def _read_boolean(self, text: str, memo: Memo) -> Any:
        text = text.strip()
        if is_missing(text):
            return None
        found = read_boolean(text)
        if found is None:
            return Bad("not_a_boolean")
        return str(int(found)) if self.plan.role == "measure" else found

    def _read_text(self, text: str, memo: Memo) -> Any:
        text = text.strip()
        if text.lower() in MISSING_TEXT:
            return None
        if FORBIDDEN.search(text):
            return Bad("undecodable" if "\x00" not in text else "nul_character")
        if len(text) > self._max_text:
            return Bad("text_too_long", {"limit": self._max_text})
        return text


def to_instant(moment: datetime, tz: ZoneInfo) -> tuple[datetime, bool]:
    """The instant in UTC, and whether its local time does not exist.

    A naive moment is local to `tz`. One that a clock change skips is read with the offset before the change, which
    moves it forward by the length of the gap; one that occurs twice is its first occurrence.
    """
    if moment.tzinfo is not None:
        return moment.astimezone(UTC), False
    before = tz.utcoffset(moment) or timedelta()
    after = tz.utcoffset(moment.replace(fold=1)) or timedelta()
    return (moment - before).replace(tzinfo=UTC), after > before
