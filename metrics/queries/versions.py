"""Which version of a KPI is in force when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from metrics.models import KpiVersion


def in_force(history: Sequence[KpiVersion]) -> list[tuple[KpiVersion, date | None, date | None]]:
    """Versions with the days [first, until) on which each is in force, in order of time. None: no bound.

    `history`: all versions of one KPI by number. On a day the highest number that had begun counts.
    """
    stack: list[KpiVersion] = []
    for version in history:
        while stack and _begins(stack[-1]) >= _begins(version):
            stack.pop()
        stack.append(version)
    ends = [version.effective_on for version in stack[1:]]
    return [(version, version.effective_on, until) for version, until in zip(stack, [*ends, None], strict=True)]


def _begins(version: KpiVersion) -> date:
    return version.effective_on or date.min
