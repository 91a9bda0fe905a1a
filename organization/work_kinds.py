"""What people can owe: each kind of work item with its words. Apps declare theirs beside this one.

An app adds a module `work_kinds.py` that calls `declare`, and imports it in its AppConfig.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WorkKind:
    """One kind of work.

    name: `<app>.<what is owed>`. label: what filters call it ("KPI value"). title: what is to be done, with named
    placeholders for the facts ("Enter %(kpi)s for %(period)s"). action: the button that leads to where it is done.
    tells: whether opening one tells its owner; reminders come in any case.
    """

    name: str
    label: Any
    title: Any
    action: Any
    icon: str = "list-check"
    tells: bool = True


_registry: dict[str, WorkKind] = {}


def declare(kinds: Iterable[WorkKind]) -> None:
    """Add kinds; a name declared again is replaced."""
    for kind in kinds:
        _registry[kind.name] = kind


def all_kinds() -> list[WorkKind]:
    """Every declared kind in declaration order, the lowest floor first."""
    return list(_registry.values())


def find(name: str) -> WorkKind:
    """The declared kind. KeyError for an undeclared one: that is a bug, never a user's mistake."""
    return _registry[name]


def find_or_none(name: str) -> WorkKind | None:
    """The declared kind, or None: for names that come from rows."""
    return _registry.get(name)
