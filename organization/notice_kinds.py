"""What people are told: each kind of notice with its words, sign and channels. Apps declare theirs beside this one.

An app adds a module `notice_kinds.py` that calls `declare`, and imports it in its AppConfig.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from organization.choices import Channel


@dataclass(frozen=True)
class NoticeKind:
    """One kind of notice.

    name: `<app>.<what happened>`. label: what the settings call it. title, text: sentences with named placeholders for
    the facts; a text may be empty. channels: where it goes unless organization or person say otherwise, beside the
    inbox, which has everything. level: info, warning or bad. is_fixed: nobody can mute it. needs_act: something is to be
    done, so that a deputy hears it as well while its recipient is away.
    """

    name: str
    label: Any
    title: Any
    group: Any
    text: Any = ""
    icon: str = "bell"
    level: str = "info"
    channels: tuple[Channel, ...] = ()
    is_fixed: bool = False
    needs_act: bool = False


_registry: dict[str, NoticeKind] = {}


def declare(kinds: Iterable[NoticeKind]) -> None:
    """Add kinds; a name declared again is replaced."""
    for kind in kinds:
        _registry[kind.name] = kind


def all_kinds() -> list[NoticeKind]:
    """Every declared kind in declaration order, the lowest floor first."""
    return list(_registry.values())


def find(name: str) -> NoticeKind:
    """The declared kind. KeyError for an undeclared one: that is a bug, never a user's mistake."""
    return _registry[name]


def find_or_none(name: str) -> NoticeKind | None:
    """The declared kind, or None: for names that come from rows."""
    return _registry.get(name)
