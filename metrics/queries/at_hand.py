"""The dashboards that a member pinned, out of what was read with the member: the menu shows them without a statement."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from metrics.models import Dashboard
from organization.access import Actor, covers_subject
from organization.models import Department
from organization.models.base import name_key

VIEW = "metrics.dashboard.view"
MOST_PINNED = 12


@dataclass(frozen=True)
class Pinned:
    """A dashboard as the menu names it."""

    pk: int
    name: str


def pinned_dashboards(actor: Actor, at_hand: str | None) -> list[Pinned]:
    """What the member has at hand and still sees, by name; at_hand: as `organization.queries.actors` reads it."""
    if not at_hand or not actor.holds(VIEW):
        return []
    seen = [board for board, is_shared in map(_board, json.loads(at_hand)) if is_shared or _is_reached(actor, board)]
    key = name_key()
    seen.sort(key=lambda board: (getattr(board, key), board.pk))
    return [Pinned(board.pk, board.display_name) for board in seen[:MOST_PINNED]]


def _board(row: list[Any]) -> tuple[Dashboard, bool]:
    """The dashboard of a row of the database's function, and whether it is shared with the member."""
    pk, name, name_zh, key, key_zh, owner, is_private, department, path, is_shared = row
    board = Dashboard(pk=pk, name=name, name_zh=name_zh, name_key=key, name_zh_key=key_zh, is_private=is_private)
    board.owner_id = owner
    board.department = Department(pk=department, path=path) if department else None
    return board, bool(is_shared)


def _is_reached(actor: Actor, board: Dashboard) -> bool:
    """As `DashboardSharing` says it, shares apart."""
    if board.is_private:
        return board.owner_id == actor.member_id
    return any(covers_subject(grant, board, member_id=actor.member_id) for grant in actor.grants[VIEW])
