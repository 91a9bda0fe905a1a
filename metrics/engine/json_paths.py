"""Places in JSON: RFC 6901 pointers such as `/customer/country`, and what a sample has at which place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

MISSING: Any = object()
WHOLE = "^"  # before a pointer: it leads from the whole body, not from the row
MOST_PATHS = 200
DEEPEST = 6


def is_pointer(text: str) -> bool:
    """Whether the text is a pointer, with or without the mark of the whole body."""
    plain = text.removeprefix(WHOLE)
    tildes = plain.count("~") == plain.count("~0") + plain.count("~1")
    return (plain == "" or plain.startswith("/")) and tildes and "\x00" not in plain


def at(value: Any, pointer: str) -> Any:
    """What stands at the pointer, MISSING where nothing does."""
    for part in _parts(pointer):
        if isinstance(value, dict):
            value = value.get(part, MISSING)
        elif isinstance(value, list) and part.isascii() and part.isdigit() and len(part) < 7:
            value = value[int(part)] if int(part) < len(value) else MISSING
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


def leaves(value: Any, pointer: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """(pointer, value) of every plain value; of lists inside a row the first item alone."""
    if isinstance(value, dict) and depth < DEEPEST:
        for key, item in value.items():
            yield from leaves(item, f"{pointer}/{_escaped(key)}", depth + 1)
    elif isinstance(value, list) and value and depth < DEEPEST:
        yield from leaves(value[0], f"{pointer}/0", depth + 1)
    elif not isinstance(value, dict | list):
        yield pointer, value


def find_rows(body: Any) -> str:
    """Pointer to the list of objects that lies highest in the body; "" where the body itself is the row, or the list."""
    level: list[tuple[str, Any]] = [("", body)]
    for _depth in range(DEEPEST):
        below: list[tuple[str, Any]] = []
        for pointer, value in level:
            if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
                return pointer
            if isinstance(value, dict):
                below += [(f"{pointer}/{_escaped(key)}", item) for key, item in value.items()]
        level = below[:MOST_PATHS]
    return ""


def rows_of(body: Any, pointer: str) -> list[Any] | None:
    """The rows of a body: the items of the list at the pointer, or the one object there; None where neither is."""
    found = at(body, pointer)
    if isinstance(found, list):
        return found
    return [found] if isinstance(found, dict) else None


def names_of(pointers: Sequence[str]) -> list[str]:
    """A name for each pointer: its last part, and as many before it as tell it from the others."""
    parts = [[part for part in _parts(pointer.removeprefix(WHOLE)) if part] or ["value"] for pointer in pointers]
    names = [" ".join(part[-1:]) for part in parts]
    for length in range(2, DEEPEST + 2):
        names = [
            " ".join(part[-length:]) if names.count(name) > 1 else name for name, part in zip(names, parts, strict=True)
        ]
    return names


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
