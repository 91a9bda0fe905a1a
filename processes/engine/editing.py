"""Acts on the outline of a procedure: parts come, go and move by their keys, so that two authors' acts both hold.

Each takes plain JSON as `read_content` does and gives a new one; the caller reads it, which finds what no longer fits.
"""

from __future__ import annotations

import copy
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from processes.engine.content import Procedure, read_content, write_content

Json = dict[str, Any]
CHILDREN = {"section": "steps", "step": "fields"}
NEW = {"section": "part", "step": "step", "field": "field"}


class Gone(LookupError):
    """The part that was meant is not in the text any more."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A part that was taken out, and where it stood: below `parent`, empty for the top, behind `after`, empty for first."""

    kind: str
    part: Json
    parent: str
    after: str


def new_key(kind: str) -> str:
    """A key that no other part will ever have."""
    return f"{NEW[kind]}_{secrets.token_hex(4)}"


def found(content: Mapping[str, Any], key: str) -> tuple[str, Json, list[Json], str]:
    """The part of that key: its kind, itself, the list it stands in, and the key of its parent. Raises Gone."""
    for kind, part, siblings, parent in _walk(content):
        if part["key"] == key:
            return kind, part, siblings, parent
    raise Gone(key)


def add(content: Mapping[str, Any], kind: str, part: Mapping[str, Any], *, parent: str = "", after: str = "") -> Json:
    """With a further part below `parent`, behind `after`; an empty or vanished `after` puts it last. Raises Gone."""
    text = _copy(content)
    siblings = _children(text, kind, parent)
    place = _place(siblings, after) + 1 if after and _place(siblings, after) >= 0 else len(siblings)
    siblings.insert(place, copy.deepcopy(dict(part)))
    return text


def put(content: Mapping[str, Any], key: str, part: Mapping[str, Any]) -> Json:
    """With `part` instead of the one of that key. Raises Gone."""
    text = _copy(content)
    _kind, present, siblings, _parent = found(text, key)
    siblings[siblings.index(present)] = copy.deepcopy(dict(part))
    return text


def move(content: Mapping[str, Any], key: str, *, parent: str = "", after: str = "") -> Json:
    """With the part below `parent`, its own where none is named, behind `after`; empty puts it first. Raises Gone."""
    text = _copy(content)
    kind, part, siblings, present = found(text, key)
    target = _children(text, kind, parent or present)
    if after and (after == key or _place(target, after) < 0):
        raise Gone(after)
    siblings.remove(part)
    target.insert(_place(target, after) + 1, part)
    return text


def shift(content: Mapping[str, Any], key: str, by: int) -> Json:
    """With the part one place up (-1) or down (+1); a step at the edge goes over into the section next to its own."""
    text = _copy(content)
    kind, part, siblings, parent = found(text, key)
    place = siblings.index(part) + by
    if 0 <= place < len(siblings):
        siblings.remove(part)
        siblings.insert(place, part)
    elif kind == "step":
        sections = text["sections"]
        beside = _place(sections, parent) + by
        if 0 <= beside < len(sections):
            siblings.remove(part)
            others = sections[beside].setdefault("steps", [])
            others.insert(0 if by > 0 else len(others), part)
    return text


def remove(content: Mapping[str, Any], key: str) -> tuple[Json, Removed]:
    """Without the part, and what it takes to put it back. Raises Gone."""
    text = _copy(content)
    kind, part, siblings, parent = found(text, key)
    place = siblings.index(part)
    siblings.remove(part)
    return text, Removed(kind, part, parent, siblings[place - 1]["key"] if place else "")


def restore(content: Mapping[str, Any], removed: Removed) -> Json:
    """With a part that was taken out where it stood, or last where its neighbour has gone. Raises Gone."""
    text = _copy(content)
    siblings = _children(text, removed.kind, removed.parent)
    place = _place(siblings, removed.after) + 1 if removed.after else 0
    if removed.after and not place:
        place = len(siblings)
    if _place(siblings, removed.part["key"]) < 0:
        siblings.insert(place, copy.deepcopy(removed.part))
    return text


def duplicate(content: Mapping[str, Any], key: str) -> tuple[Json, str]:
    """With a copy of the part behind it, under fresh keys, and the copy's key. Raises Gone."""
    text = _copy(content)
    kind, part, siblings, _parent = found(text, key)
    renamed = _fresh(part, kind)
    twin = _rename(part, renamed)
    siblings.insert(siblings.index(part) + 1, twin)
    return text, renamed[key]


def with_fresh_keys(procedure: Procedure) -> Procedure:
    """The same text under keys that no other text has: what is imported must not pass for the steps of another text."""
    raw = write_content(procedure)
    renamed: dict[str, str] = {}
    for section in raw.get("sections", []):
        renamed |= _fresh(section, "section")
    return read_content(_rename(raw, renamed))


def _fresh(part: Json, kind: str) -> dict[str, str]:
    names = {part["key"]: new_key(kind)}
    below = CHILDREN.get(kind, "")
    for child in part.get(below, []):
        names |= _fresh(child, "step" if below == "steps" else "field")
    return names


_REFERENCES = frozenset({"key", "field", "step", "reference"})
_LISTS = frozenset({"after", "send_back_to"})


def _rename(value: Any, names: Mapping[str, str]) -> Any:
    """A copy in which each key of `names` stands under its new name, wherever it is pointed at."""
    if isinstance(value, list):
        return [_rename(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    renamed: Json = {}
    for name, one in value.items():
        if name == "reference" and value.get("who") != "field":
            renamed[name] = one
        elif name in ("options", "columns"):
            renamed[name] = copy.deepcopy(one)
        elif name in _REFERENCES and isinstance(one, str):
            renamed[name] = names.get(one, one)
        elif name in _LISTS:
            renamed[name] = [names.get(key, key) for key in one]
        else:
            renamed[name] = _rename(one, names)
    return renamed


def path_of(content: Mapping[str, Any], key: str) -> str:
    """Where the part stands, as `Problem.place` names it; empty where it does not."""
    for s, section in enumerate(content.get("sections", [])):
        if section["key"] == key:
            return f"sections[{s}]"
        for t, step in enumerate(section.get("steps", [])):
            if step["key"] == key:
                return f"sections[{s}].steps[{t}]"
            for f, field in enumerate(step.get("fields", [])):
                if field["key"] == key:
                    return f"sections[{s}].steps[{t}].fields[{f}]"
    return ""


def stamp(part: Mapping[str, Any], *, without: str = "") -> str:
    """64 digits that two parts share only when they say the same; without: a property that does not count."""
    seen = {name: value for name, value in part.items() if name != without}
    return hashlib.sha256(json.dumps(seen, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _walk(content: Mapping[str, Any]) -> Iterator[tuple[str, Json, list[Json], str]]:
    sections = content.get("sections", [])
    for section in sections:
        yield "section", section, sections, ""
        for step in section.get("steps", []):
            yield "step", step, section["steps"], section["key"]
            for field in step.get("fields", []):
                yield "field", field, step["fields"], step["key"]


def _children(text: Json, kind: str, parent: str) -> list[Json]:
    if kind == "section":
        found_list: list[Json] = text.setdefault("sections", [])
        return found_list
    above, part, _siblings, _parent = found(text, parent)
    if CHILDREN.get(above) != f"{kind}s":
        raise Gone(parent)
    children: list[Json] = part.setdefault(f"{kind}s", [])
    return children


def _place(siblings: list[Json], key: str) -> int:
    return next((index for index, part in enumerate(siblings) if part["key"] == key), -1)


_copy: Callable[[Any], Json] = copy.deepcopy
