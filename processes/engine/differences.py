"""What differs between two versions (P8): sections, steps and fields by their keys, each property with before and after."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from processes.engine.content import Procedure, read_content, write_content

_CHILDREN = {"procedure": "sections", "section": "steps", "step": "fields"}
_BELOW = {"procedure": "section", "section": "step", "step": "field"}
ROOT = ("procedure", "")

Name = tuple[str, str]
"""Kind and key of an element: ("step", "cold"). The whole is ("procedure", "")."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element without what is below it. position: from 0, among its siblings. properties: as in the content's JSON."""

    name: Name
    parent: Name
    position: int
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property of an element that both versions have. None stands for the default."""

    element: Name
    property: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Move:
    """An element that stands elsewhere: under another parent, or in another place among those that stayed."""

    element: Name
    before: tuple[Name, int]
    after: tuple[Name, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that leads from one version to the other."""

    added: tuple[Element, ...] = ()
    removed: tuple[Element, ...] = ()
    moved: tuple[Move, ...] = ()
    changed: tuple[PropertyChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the two say the same."""
        return not (self.added or self.removed or self.moved or self.changed)

    def digest(self) -> dict[str, dict[str, int]]:
        """How many elements of each kind were added, removed, moved and changed."""
        found: dict[str, dict[str, int]] = {}
        groups: dict[str, Iterable[Name]] = {
            "added": [one.name for one in self.added],
            "removed": [one.name for one in self.removed],
            "moved": [one.element for one in self.moved],
            "changed": dict.fromkeys(one.element for one in self.changed),
        }
        for what, names in groups.items():
            for kind, _ in names:
                counts = found.setdefault(kind, dict.fromkeys(groups, 0))
                counts[what] += 1
        return found


def difference(before: Procedure, after: Procedure) -> Difference:
    """What leads from `before` to `after`, with as few moves as there can be."""
    old, new = _elements(before), _elements(after)
    changed = [
        PropertyChange(name, prop, old[name].properties.get(prop), one.properties.get(prop))
        for name, one in new.items()
        if name in old
        for prop in sorted(old[name].properties.keys() | one.properties.keys())
        if old[name].properties.get(prop) != one.properties.get(prop)
    ]
    stayed = _stayed(old, new)
    return Difference(
        added=tuple(one for name, one in new.items() if name not in old),
        removed=tuple(one for name, one in old.items() if name not in new),
        moved=tuple(
            Move(name, (old[name].parent, old[name].position), (one.parent, one.position))
            for name, one in new.items()
            if name in old and name not in stayed
        ),
        changed=tuple(changed),
    )


def apply_difference(before: Procedure, found: Difference) -> Procedure:
    """The version that `found` leads to from `before`. Raises BadContent where it was made from another one."""
    elements = _elements(before)
    gone = {one.name for one in found.removed} | {one.element for one in found.moved}
    children: dict[Name, list[Name]] = {}
    for name, one in elements.items():
        if name not in gone and name != ROOT:
            children.setdefault(one.parent, []).append(name)
    arriving = [(one.parent, one.position, one.name) for one in found.added]
    arriving += [(*move.after, move.element) for move in found.moved]
    for parent, position, name in sorted(arriving):
        children.setdefault(parent, []).insert(position, name)
    properties = {name: dict(one.properties) for name, one in elements.items()}
    properties |= {one.name: dict(one.properties) for one in found.added}
    for change in found.changed:
        if change.after is None:
            properties[change.element].pop(change.property, None)
        else:
            properties[change.element][change.property] = change.after
    return read_content(_document(ROOT, children, properties))


class RowState(StrEnum):
    """How a row of the two texts side by side differs."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Row:
    """One element in both versions. changes: of its properties; a moved row may have some too."""

    name: Name
    state: RowState
    before: Element | None
    after: Element | None
    changes: tuple[PropertyChange, ...] = ()


def side_by_side(before: Procedure, after: Procedure) -> list[Row]:
    """Every element of both versions once, in the order of `after`; what is gone stands behind what was above it."""
    old, new, found = _elements(before), _elements(after), difference(before, after)
    moved = {one.element for one in found.moved}
    order = list(new)
    above = ROOT
    for name in old:
        if name not in new:
            order.insert(order.index(above) + 1, name)
        above = name
    rows = []
    for name in order:
        changes = tuple(one for one in found.changed if one.element == name)
        state = RowState.CHANGED if changes else RowState.SAME
        if name in moved:
            state = RowState.MOVED
        if name not in old or name not in new:
            state = RowState.ADDED if name in new else RowState.REMOVED
        rows.append(Row(name, state, old.get(name), new.get(name), changes))
    return rows


def _elements(procedure: Procedure) -> dict[Name, Element]:
    """All elements by name, each before what is below it."""
    found: dict[Name, Element] = {}

    def take(raw: Mapping[str, Any], name: Name, parent: Name, position: int) -> None:
        below = _CHILDREN.get(name[0], "")
        found[name] = Element(name, parent, position, {key: raw[key] for key in raw if key != below})
        for index, child in enumerate(raw.get(below, ())):
            take(child, (_BELOW[name[0]], child["key"]), name, index)

    take(write_content(procedure), ROOT, ROOT, 0)
    return found


def _document(
    name: Name, children: Mapping[Name, list[Name]], properties: Mapping[Name, dict[str, Any]]
) -> dict[str, Any]:
    raw = dict(properties[name])
    if below := children.get(name):
        raw[_CHILDREN[name[0]]] = [_document(child, children, properties) for child in below]
    return raw


def _stayed(old: Mapping[Name, Element], new: Mapping[Name, Element]) -> set[Name]:
    """Elements that kept their parent and stand in a longest run of siblings that kept their order."""
    stayed = {ROOT}
    siblings: dict[Name, list[Element]] = {}
    for name, one in new.items():
        if name in old and name != ROOT and old[name].parent == one.parent:
            siblings.setdefault(one.parent, []).append(replace(one, position=old[name].position))
    for group in siblings.values():
        stayed |= {one.name for one in _longest_rise(group)}
    return stayed


def _longest_rise(group: list[Element]) -> list[Element]:
    """A longest subsequence of rising positions (patience sorting; Fredman 1975)."""
    tops: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for index, one in enumerate(group):
        pile = bisect_left(tops, one.position)
        previous.append(ends[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [one.position]
        ends[pile : pile + 1] = [index]
    found = []
    index = ends[-1] if ends else -1
    while index >= 0:
        found.append(group[index])
        index = previous[index]
    return found
