"""Numbers of objects inside JSON, moved by what was added to the objects' own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def renumbered(value: Any, shift_of: Callable[[str], int], under: str = "") -> Any:
    """`value` with every whole number under a name moved by `shift_of(name)`; names reach into lists, not into objects.

    Booleans, fractions and texts stay, and so do numbers under names with a shift of 0.
    """
    if isinstance(value, dict):
        return {name: renumbered(item, shift_of, name) for name, item in value.items()}
    if isinstance(value, list):
        return [renumbered(item, shift_of, under) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and under and value > 0:
        return value + shift_of(under)
    return value
