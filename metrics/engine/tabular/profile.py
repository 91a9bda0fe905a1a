"""What a column holds, judged by a sample of its texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .dates import DateStyle, OrderEvidence, looks_like_date, order_evidence, read_moment
from .errors import Bad
from .numbers import read_number
from .values import is_boolean_word, is_missing

_CODE = re.compile(r"0[0-9]+")
_DATE_NAME = re.compile(r"date|day|time|日期|时间|\bdt\b|_at$|_on$", re.I)
_AMOUNT_NAME = re.compile(
    r"amount|value|price|cost|sales|revenue|total|qty|quantity|rate|金额|价|费|成本|数量|收入|销售", re.I
)
_DIGIT_DATE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|[2-6]\d{4}(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column of the sample.

    values: texts that are no missing mark; numbers, dates: how many of them read as such (impossible dates count).
    ambiguous: day and month cannot be told apart by the data; `date_order` is then the likelier reading.
    """

    source: int
    name: str
    type: str
    rows: int
    values: int
    distinct: int
    numbers: int
    dates: int
    date_order: str
    ambiguous: bool
    evidence: OrderEvidence
    examples: tuple[str, ...]

    @property
    def is_unique(self) -> bool:
        """No value occurs twice and none is missing (in the sample)."""
        return self.rows > 1 and self.distinct == self.values == self.rows


def profile_column(source: int, name: str, texts: Sequence[str], decimal: str) -> ColumnProfile:
    """Count what the texts are and settle the type."""
    counts = Counter(stripped for text in texts if (stripped := text.strip()) and not is_missing(stripped))
    values = sum(counts.values())
    evidence = order_evidence(counts)
    order = evidence.order or evidence.guess
    numbers = sum(n for text, n in counts.items() if not isinstance(read_number(text, decimal), Bad))
    named_date = _DATE_NAME.search(name) is not None
    dates = sum(n for text, n in counts.items() if (named_date or not text.isdigit()) and _is_date(text, order))
    kind = _type(name, counts, values, numbers, dates)
    return ColumnProfile(
        source=source,
        name=name,
        type=kind,
        rows=len(texts),
        values=values,
        distinct=len(counts),
        numbers=numbers,
        dates=dates,
        date_order=order,
        ambiguous=kind in ("date", "datetime") and evidence.numeric > 0 and evidence.order is None,
        evidence=evidence,
        examples=tuple(text[:80] for text in list(counts)[:5]),
    )


def _is_date(text: str, order: str) -> bool:
    if not looks_like_date(text):
        return False
    found = read_moment(text, DateStyle(order))
    return not isinstance(found, Bad) or found.code in ("date_impossible", "date_range")


def _type(name: str, counts: Counter[str], values: int, numbers: int, dates: int) -> str:
    if not values:
        return "text"
    if all(map(is_boolean_word, counts)):
        return "boolean"
    named_date = _DATE_NAME.search(name) is not None
    if numbers >= 0.9 * values:
        if named_date and all(map(_DIGIT_DATE.fullmatch, counts)):
            return "date"
        return "text" if any(map(_CODE.fullmatch, counts)) else "number"
    if dates >= (0.6 if named_date else 0.8) * values:
        return "datetime" if any(":" in text for text in counts) else "date"
    if numbers >= 0.8 * values and _AMOUNT_NAME.search(name):
        return "number"
    return "text"
