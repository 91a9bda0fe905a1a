"""How long things are kept here, and what would go now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from organization.models import RetentionPeriod
from organization.retention import Rule, rules


@dataclass(frozen=True)
class Kept:
    """One rule as it stands. days: 0 for ever; old: rows that go at the next sweep; before: what is older goes."""

    rule: Rule
    chosen: int | None
    days: int
    old: int
    before: datetime | None

    @property
    def label(self) -> Any:
        return self.rule.label


def chosen_days() -> dict[str, int]:
    """What the open organization chose, by rule."""
    return dict(RetentionPeriod.objects.values_list("rule", "days"))


def what_is_kept(as_of: datetime) -> list[Kept]:
    """Every rule with its days, and how many rows would go at `as_of`."""
    chosen, found = chosen_days(), []
    for rule in rules():
        days = chosen.get(rule.key) or rule.most
        before = as_of - timedelta(days=days) if days else None
        found.append(Kept(rule, chosen.get(rule.key), days, rule.count(before) if before else 0, before))
    return found
