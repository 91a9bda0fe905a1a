"""Where the rollups of a slice or split stand: which breakdown of a version, and which of its keys is free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metrics.models import KpiVersion
from metrics.queries.windows import Ask, Slice, Split, Where

Key = tuple[int, int]


@dataclass(frozen=True)
class Place:
    """Where a version's rollups of a selection stand: the breakdown, the key that is fixed, and whose place is free."""

    breakdown_id: int = 0
    fixed: int | None = None
    fixed_is_second: bool = False

    def stored(self, key: Key) -> Key:
        """The keys of a rollup row, from the key of a part."""
        if self.fixed is None:
            return key
        return (key[0], self.fixed) if self.fixed_is_second else (self.fixed, key[0])

    def part(self, stored: Key) -> Key | None:
        """The key of the part that a rollup row is, None for a row of another slice."""
        if self.fixed is None:
            return stored
        free, held = stored if self.fixed_is_second else stored[::-1]
        return (free, 0) if held == self.fixed else None


@dataclass(frozen=True)
class SameColumn(Place):
    """Split by the column that is sliced: one part is left."""

    def stored(self, key: Key) -> Key:
        return key

    def part(self, stored: Key) -> Key | None:
        return stored if stored[0] == self.fixed else None


def place_of(version: KpiVersion, ask: Ask) -> Place | None:
    """Where the version's rollups of the ask stand, None when it has none."""
    only, split = ask.only, ask.split
    assert not isinstance(only, Where)
    if split is None:
        if only is None:
            return Place()
        found = _breakdown_id(version, only)
        return None if found is None else Place(found, only.key, fixed_is_second=False)
    if only is None:
        found = _breakdown_id(version, split)
        return None if found is None else Place(found)
    if split.second_id is not None or split.by_department or only.by_department:
        return None
    if split.column_id == only.column_id:
        found = _breakdown_id(version, split)
        return None if found is None else SameColumn(found, only.key)
    for pair, is_second in (
        (Split(split.column_id, second_id=only.column_id), True),
        (Split(only.column_id, second_id=split.column_id), False),
    ):
        if (found := _breakdown_id(version, pair)) is not None:
            return Place(found, only.key, fixed_is_second=is_second)
    return None


def rows_of(version: KpiVersion) -> list[dict[str, Any]]:
    return version.breakdown_rows  # type: ignore[attr-defined]  # annotated


def _breakdown_id(version: KpiVersion, selection: Slice | Split) -> int | None:
    second = getattr(selection, "second_id", None)
    for row in rows_of(version):
        if (row["first"], row["second"], row["by_department"]) == (
            selection.column_id,
            second,
            selection.by_department,
        ):
            return int(row["id"])
    return None
