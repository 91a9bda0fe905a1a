"""What a source's rows become: which place of a row fills which column of the dataset. A plain value, kept as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

ROLES = ("instant", "key", "measure", "dimension", "department")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST_PATH = 400


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """path: a JSON pointer, or the name of a query's column. key: of the dataset's column that it fills."""

    path: str
    role: str
    key: str
    name: str = ""
    name_zh: str = ""
    unit: str = "number"


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """rows_at: pointer to the rows of a body. only_at, only: rows are taken where one of these texts stands there."""

    columns: tuple[SourceColumn, ...] = ()
    rows_at: str = ""
    only_at: str = ""
    only: tuple[str, ...] = field(default=())

    def paths(self, *roles: str) -> list[SourceColumn]:
        """The columns of these roles, in order."""
        return [column for column in self.columns if column.role in roles]

    def label_of(self, key: str) -> str:
        """Where a column of the dataset comes from, for who has to correct it there."""
        roles = {"at": "instant", "key": "key"}
        found = self.paths(roles[key]) if key in roles else [column for column in self.columns if column.key == key]
        return ", ".join(column.path for column in found) or key

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that `plan_of` reads back."""
        return asdict(self)


def plan_of(raw: dict[str, Any]) -> SourcePlan:
    """The plan that `to_dict` wrote."""
    columns = tuple(SourceColumn(**column) for column in raw.get("columns", ()))
    return SourcePlan(columns, raw.get("rows_at", ""), raw.get("only_at", ""), tuple(raw.get("only", ())))


def problems_of(columns: Iterable[SourceColumn]) -> list[tuple[str, str]]:
    """(place, code) of what cannot work in itself: `columns[2].key` and a code of metrics.queries.source_words."""
    found, keys, instants = [], set[str](), 0
    for index, column in enumerate(columns):
        if not KEY.fullmatch(column.key):
            found.append((f"columns[{index}].key", "key_form"))
        elif column.key in keys:
            found.append((f"columns[{index}].key", "key_twice"))
        keys.add(column.key)
        if not 0 < len(column.path) <= LONGEST_PATH and column.role != "ignore":
            found.append((f"columns[{index}].path", "path_missing"))
        instants += column.role == "instant"
        if column.role == "instant" and instants > 1:
            found.append((f"columns[{index}].role", "two_instants"))
    if not instants:
        found.append(("columns", "instant_missing"))
    return found
