"""How formulas stand upon one another: KPIs as points, "uses" as arrows between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

Uses = Mapping[int, Collection[int]]


def reached(uses: Uses, starts: Iterable[int]) -> set[int]:
    """`starts` and all that they use, however deep."""
    found: set[int] = set()
    frontier = set(starts)
    while frontier:
        found |= frontier
        frontier = {one for point in frontier for one in uses.get(point, ())} - found
    return found


def levels(uses: Uses, starts: Iterable[int], *, most: int) -> int:
    """How many points the longest way down from `starts` has, at most `most` + 1, which a circle gives too."""
    count, frontier = 0, set(starts)
    while frontier and count <= most:
        count += 1
        frontier = {one for point in frontier for one in uses.get(point, ())}
    return count


def turned(uses: Uses) -> dict[int, set[int]]:
    """The arrows the other way round: who uses it."""
    users: dict[int, set[int]] = {}
    for user, used in uses.items():
        for one in used:
            users.setdefault(one, set()).add(user)
    return users
