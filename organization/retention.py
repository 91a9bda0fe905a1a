"""How long what need not be kept for ever is kept. Each app adds its rules; the installation sets the limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings


@dataclass(frozen=True)
class Rule:
    """One kind of rows that go when they are old.

    limit: the setting with the most days that the installation allows, which is the default too; 0 there means no limit,
    and nothing goes until the organization says so. least: the fewest days an organization may choose. count: rows older
    than an instant; forget: deletes at most so many of them and returns how many; both within the open organization.
    """

    key: str
    label: Any
    limit: str
    count: Callable[[datetime], int]
    forget: Callable[[datetime, int], int]
    least: int = 1

    @property
    def most(self) -> int:
        """The most days allowed here; 0 for no limit."""
        return getattr(settings, self.limit)


_rules: dict[str, Rule] = {}


def declare(rule: Rule) -> None:
    """Add a rule; each app does so in `services/forgetting.py`, which its AppConfig imports."""
    _rules[rule.key] = rule


def rules() -> list[Rule]:
    """All rules, in the order of their apps."""
    return list(_rules.values())


def find(key: str) -> Rule:
    """The rule of this key. KeyError for another."""
    return _rules[key]
