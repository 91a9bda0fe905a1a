"""Column names that are periods: 1990, 2024-01, Q1 2024, Jan, 3月."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .dates import MONTHS

_YEAR = r"(?P<year>(?:18|19|20|21)\d\d)"
_NAME = "(?P<name>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_PATTERNS = [
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?:FY|CY)?\s*{_YEAR}\s*年?",
        rf"{_YEAR}\s*[-/.年]?\s*(?P<month>0?[1-9]|1[0-2])\s*月?",
        rf"{_YEAR}\s*[-/.年]\s*(?P<month>0?[1-9]|1[0-2])\s*[-/.月]\s*(?P<day>\d{{1,2}})\s*日?",
        rf"{_YEAR}\s*[-/ 年]?\s*(?:Q|第)(?P<quarter>[1-4])\s*季?度?",
        rf"Q(?P<quarter>[1-4])\s*[-/ ]?\s*{_YEAR}",
        rf"{_NAME}[-\s/.,']*{_YEAR}",
        rf"{_YEAR}[-\s/.,]*{_NAME}",
        _NAME,
        r"(?P<month>1[0-2]|[1-9])\s*月",
        r"(?:Q(?P<quarter>[1-4])|第?(?P<quarter_zh>[1-4一二三四])季度)",
    )
]
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The first day of a period; `year` is 0 where the name holds none and another column must give it."""

    year: int
    month: int = 1
    day: int = 1


def read_period(name: str) -> Period | None:
    """The period a column name stands for, or None."""
    text = " ".join(name.split())
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            return _period(match.groupdict())
    return None


def _period(parts: dict[str, str | None]) -> Period | None:
    quarter = parts.get("quarter") or parts.get("quarter_zh")
    month = int(parts.get("month") or 1)
    if parts.get("name"):
        month = MONTHS[str(parts["name"]).lower()]
    elif quarter:
        month = 3 * (_CHINESE.get(quarter) or int(quarter)) - 2
    year, day = int(parts.get("year") or 0), int(parts.get("day") or 1)
    if not 1 <= day <= monthrange(year or 2000, month)[1]:
        return None
    return Period(year, month, day)


def period_run(names: Sequence[str]) -> list[int]:
    """Positions of the columns that form a run of periods (at least three, all of one fineness, strictly ordered)."""
    found = [(index, period) for index, name in enumerate(names) if (period := read_period(name)) is not None]
    with_year = [pair for pair in found if pair[1].year]
    chosen = with_year if len(with_year) >= len(found) - len(with_year) else [p for p in found if not p[1].year]
    periods = [period for _, period in chosen]
    rising = all(a < b for a, b in pairwise(periods))
    falling = all(a > b for a, b in pairwise(periods))
    return [index for index, _ in chosen] if len(chosen) >= 3 and (rising or falling) else []
