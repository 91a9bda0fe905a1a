"""Where the boxes and lines of a chain stand: causes on the left, effects on the right, a column for each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

BOX_WIDTH, BOX_HEIGHT = 204, 52
COLUMN_GAP, ROW_GAP = 88, 20
MARGIN = 4
LONGEST = 25


@dataclass(frozen=True)
class Place:
    """The upper left corner of a box."""

    x: int
    y: int


@dataclass(frozen=True)
class Line:
    """A curve from the right side of one box to the left side of another, and where its verb stands."""

    path: str
    x: int
    y: int


def places(columns: Sequence[int]) -> tuple[list[list[Place]], int, int]:
    """The boxes of columns with so many rows each, centred on each other; the width and height of the whole."""
    tallest = max(columns, default=0)
    height = tallest * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN
    found = []
    for number, rows in enumerate(columns):
        own = rows * (BOX_HEIGHT + ROW_GAP) - ROW_GAP
        top = (height - own) // 2
        x = MARGIN + number * (BOX_WIDTH + COLUMN_GAP)
        found.append([Place(x, top + row * (BOX_HEIGHT + ROW_GAP)) for row in range(rows)])
    width = len(columns) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP + 2 * MARGIN
    return found, max(width, 0), max(height, 0)


def line(start: Place, end: Place) -> Line:
    """The curve between two boxes."""
    x1, y1 = start.x + BOX_WIDTH, start.y + BOX_HEIGHT // 2
    x2, y2 = end.x, end.y + BOX_HEIGHT // 2
    middle = (x1 + x2) // 2
    return Line(f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}", middle, (y1 + y2) // 2 - 4)


def shortened(text: str, most: int = LONGEST) -> str:
    """The text in as many narrow letters as a box holds; wide characters count twice."""
    used = 0
    for number, letter in enumerate(text):
        used += 2 if east_asian_width(letter) in "WF" else 1
        if used > most:
            return f"{text[: max(number - 1, 1)].rstrip()}…"
    return text


def depths(start: object, up: Mapping[object, set[object]], down: Mapping[object, set[object]], most: int) -> dict:
    """Steps from `start`: negative to what led to it, positive to what came of it; each node at its nearest place."""
    found: dict[object, int] = {start: 0}
    for neighbours, sign in ((up, -1), (down, 1)):
        front = {start}
        for step in range(1, most + 1):
            front = {end for node in front for end in neighbours.get(node, ())} - set(found)
            found |= dict.fromkeys(front, sign * step)
    return found
