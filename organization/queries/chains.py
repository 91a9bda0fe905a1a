"""The chain around an object: what led to it, step by step, and what came of it. Links that people made, and references
that apps know of by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from organization.access import Actor
from organization.choices import LinkVerb
from organization.engine.chain_layout import (
    BOX_HEIGHT,
    BOX_WIDTH,
    Line,
    Place,
    depths,
    line,
    places,
    shortened,
)
from organization.models import Link
from organization.queries.kinds import Found, visible_objects

STEPS = 3
MOST_IN_COLUMN = 12
MOST_LINKS = 200
End = tuple[str, int]


@dataclass(frozen=True)
class Edge:
    """`source` verb `target`, from cause to effect."""

    source: End
    verb: Any
    target: End


# Edges that end at, and edges that start from, any of the given objects
Neighbours = Callable[[Iterable[End], bool], list[Edge]]
_neighbours: list[Neighbours] = []


def register_neighbours(provider: Neighbours) -> Neighbours:
    """Add edges that an app knows of: provider(ends, is_upwards) gives those into (True) or out of (False) `ends`."""
    if provider not in _neighbours:
        _neighbours.append(provider)
    return provider


@dataclass(frozen=True)
class Box:
    """An object in the picture."""

    found: Found
    short: str
    place: Place
    is_middle: bool
    verbs: list[str]


@dataclass(frozen=True)
class Drawn:
    """A line with its verb."""

    line: Line
    verb: str


@dataclass(frozen=True)
class Chain:
    """The picture: columns of boxes from the first cause to the last effect, lines, its size, and what it leaves out."""

    columns: list[list[Box]]
    lines: list[Drawn]
    width: int
    height: int
    left_out: int
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT

    def __bool__(self) -> bool:
        return sum(len(column) for column in self.columns) > 1


def chain(actor: Actor, subject: Any) -> Chain:
    """The chain around `subject` of what the actor may see, at most three steps each way; a fixed number of statements."""
    start = (subject._meta.label_lower, subject.pk)
    edges = _edges_around(start)
    ends = {end for edge in edges for end in (edge.source, edge.target)} | {start}
    seen = visible_objects(actor, ends)
    edges = [edge for edge in edges if edge.source in seen and edge.target in seen]
    up: dict[object, set[object]] = defaultdict(set)
    down: dict[object, set[object]] = defaultdict(set)
    for edge in edges:
        up[edge.target].add(edge.source)
        down[edge.source].add(edge.target)
    depth = depths(start, up, down, STEPS)
    return _drawn(start, edges, depth, seen)


def _edges_around(start: End) -> list[Edge]:
    found: dict[tuple[End, str, End], Edge] = {}
    for is_upwards in (True, False):
        front, known = {start}, {start}
        for _step in range(STEPS):
            edges = [edge for provider in _neighbours for edge in provider(front, is_upwards)] if front else []
            found |= {(edge.source, str(edge.verb), edge.target): edge for edge in edges}
            front = {edge.source if is_upwards else edge.target for edge in edges} - known
            known |= front
    return list(found.values())


def _drawn(start: End, edges: list[Edge], depth: dict[Any, int], seen: dict[End, Found]) -> Chain:
    by_depth: dict[int, list[End]] = defaultdict(list)
    for end, step in depth.items():
        by_depth[step].append(end)
    left_out, columns = 0, []
    for step in sorted(by_depth):
        ordered = sorted(by_depth[step], key=lambda end: (end != start, end[0], seen[end].label.lower()))
        left_out += max(len(ordered) - MOST_IN_COLUMN, 0)
        columns.append(ordered[:MOST_IN_COLUMN])
    spots, width, height = places([len(column) for column in columns])
    where = {
        end: spot for column, row in zip(columns, spots, strict=True) for end, spot in zip(column, row, strict=True)
    }
    shown = [edge for edge in edges if edge.source in where and edge.target in where]
    boxes = [
        [
            Box(
                seen[end],
                shortened(seen[end].label),
                where[end],
                end == start,
                [f"{edge.verb} {seen[edge.target].label}" for edge in shown if edge.source == end],
            )
            for end in column
        ]
        for column in columns
    ]
    lines = [
        Drawn(line(where[edge.source], where[edge.target]), str(edge.verb))
        for edge in shown
        if where[edge.source].x < where[edge.target].x
    ]
    return Chain(boxes, lines, width, height, left_out)


@register_neighbours
def _links(ends: Iterable[End], is_upwards: bool) -> list[Edge]:
    side = "target" if is_upwards else "source"
    by_label: dict[str, list[int]] = defaultdict(list)
    for label, pk in ends:
        by_label[label].append(pk)
    rows: list[Link] = []
    for label, pks in sorted(by_label.items()):
        rows += Link.objects.filter(**{f"{side}_type": label, f"{side}_id__in": pks}).order_by("pk")[:MOST_LINKS]
    return [
        Edge((row.source_type, row.source_id), LinkVerb(row.verb).label, (row.target_type, row.target_id))
        for row in rows
    ]
