"""Figures as people type them into a grid: read, written back, and held against their bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from metrics.engine.tabular.errors import Bad
from metrics.engine.tabular.numbers import read_number

HUNDRED = Decimal(100)
# With three digits after it, one comma parts thousands, as English and Chinese do; a point never does.
THOUSANDS = re.compile(r"\D*[1-9]\d{0,2}(,\d{3})+\D*")


@dataclass(frozen=True)
class Refused:
    """Why a figure is not taken. code: not_a_number, number_range, no_percent, below, above; facts for its sentence."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


def read_figure(text: str, *, is_percent: bool = False) -> Decimal | Refused | None:
    """The figure, None for an empty cell.

    "1,234.5", "1 234,5", "1.234,50", "１２", "(3)" and "12%" are understood. is_percent: 12.5 means 0.125, with or without
    its sign; elsewhere a percent sign is refused.
    """
    if not text.strip():
        return None
    has_sign = "%" in text or "\uff05" in text
    if has_sign and not is_percent:
        return Refused("no_percent")
    mark = "," if "," in text and "." not in text and not THOUSANDS.fullmatch(text) else "."
    found = read_number(text, mark)
    if isinstance(found, Bad):
        found = read_number(text, "," if mark == "." else ".")
    if isinstance(found, Bad):
        return Refused(found.code, dict(found.params))
    value = Decimal(found)
    return value / HUNDRED if is_percent and not has_sign else value


def written_figure(value: Decimal | None, *, is_percent: bool = False) -> str:
    """A figure as a cell shows it for editing: its plain digits, a share as a percentage."""
    if value is None:
        return ""
    value = value * HUNDRED if is_percent else value
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def out_of_bounds(value: Decimal, lowest: Decimal | None, highest: Decimal | None) -> Refused | None:
    """Why a figure cannot be: below or above what was set as possible."""
    if lowest is not None and value < lowest:
        return Refused("below", {"bound": lowest})
    if highest is not None and value > highest:
        return Refused("above", {"bound": highest})
    return None
