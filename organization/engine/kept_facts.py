"""Facts as they are kept until somebody reads them: plain JSON in which days, instants and names say what they are.

A notice is written once and read in two languages and many zones, so nothing is put into words before it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

DAY, INSTANT, NAME, NAME_ZH, WORK, FACTS = "day", "at", "name", "name_zh", "work", "facts"
# Beside the facts of a notice that a deputy gets: for whom, and until when
STANDS_IN_FOR, STANDS_IN_UNTIL = "stands_in_for", "stands_in_until"


def kept(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as JSON: a date as {"day": ...}, an instant as {"at": ...}, an object with names by both of them.

    Objects with a name in one language, such as members, are kept by it; Decimals as text. Raises TypeError for what
    cannot be kept, such as other objects.
    """
    return {name: _kept(value) for name, value in facts.items()}


def _kept(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return {INSTANT: value.isoformat()}
    if isinstance(value, date):
        return {DAY: value.isoformat()}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple):
        return [_kept(item) for item in value]
    if isinstance(name := getattr(value, "name", None), str):
        return {NAME: name, NAME_ZH: getattr(value, "name_zh", "")}
    raise TypeError(f"A fact of type {type(value).__name__} cannot be kept.")
