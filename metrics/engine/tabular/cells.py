"""What a single text looks like, before any column has a type."""

from __future__ import annotations

from functools import lru_cache

from .dates import DateStyle, looks_like_date, read_moment
from .errors import Bad
from .numbers import read_number
from .values import is_boolean_word, is_missing

_ANY_STYLES = (DateStyle("dmy"), DateStyle("mdy"), DateStyle("ymd"))


@lru_cache(maxsize=65536)
def look_of(text: str) -> str:
    """`blank`, `missing` (a mark such as NA), `number`, `date`, `boolean` or `text`; a bare number is a number."""
    text = text.strip()
    if not text:
        return "blank"
    if is_missing(text):
        return "missing"
    if is_boolean_word(text):
        return "boolean"
    if len(text) > 60:
        return "text"
    if not isinstance(read_number(text, "."), Bad) or not isinstance(read_number(text, ","), Bad):
        return "number"
    if looks_like_date(text) and any(_is_date(text, style) for style in _ANY_STYLES):
        return "date"
    return "text"


def _is_date(text: str, style: DateStyle) -> bool:
    found = read_moment(text, style)
    return not isinstance(found, Bad) or found.code in ("date_impossible", "date_range")
