"""Measuring in turn, so that what else the machine does falls on floor and product alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROUNDS = 5


@dataclass
class Result:
    """One line of the table. limit: "<= 1.3" or ">= 0.3" of `ratio`; "" where there is only something to tell."""

    row: int
    what: str
    floor: float | None = None
    product: float | None = None
    unit: str = "s"
    ratio: float | None = None
    limit: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_reached(self) -> bool | None:
        """Whether the limit is kept, None without one."""
        if not self.limit or self.ratio is None:
            return None
        sign, bound = self.limit.split()
        return self.ratio <= float(bound) if sign == "<=" else self.ratio >= float(bound)

    def as_json(self) -> dict[str, Any]:
        """All of it, for the file."""
        return asdict(self) | {"is_reached": self.is_reached}


@dataclass(frozen=True)
class Timed:
    """The times of one thing."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def at(self, share: float) -> float:
        """The time within which that share of the rounds was done."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def in_turn(*works: Callable[[], object], rounds: int = ROUNDS, warm_up: int = 1) -> list[Timed]:
    """The times of each work, done one after another in every round; `warm_up` rounds are not counted."""
    found: list[list[float]] = [[] for _ in works]
    for turn in range(-warm_up, rounds):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            if turn >= 0:
                found[place].append(time.perf_counter() - started)
    return [Timed(tuple(seconds)) for seconds in found]


def ratio_of(product: Timed, floor: Timed) -> float:
    """The median of the rounds' own ratios: a slow moment of the machine falls on both sides of one."""
    return statistics.median(p / f for p, f in zip(product.seconds, floor.seconds, strict=True))


def memory_mib() -> float:
    """What this process holds in memory now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def table(results: Sequence[Result]) -> str:
    """The results as text."""
    lines = [("row", "what", "floor", "product", "ratio", "limit", "")]
    for result in results:
        verdict = {True: "reached", False: "MISSED", None: ""}[result.is_reached]
        lines.append(
            (
                str(result.row),
                result.what,
                _number(result.floor, result.unit),
                _number(result.product, result.unit),
                "" if result.ratio is None else f"{result.ratio:.2f}",
                result.limit,
                verdict,
            )
        )
    widths = [max(len(line[place]) for line in lines) for place in range(7)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "-" * len(text[0]), *text[1:]])


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "s":
        return f"{value * 1000:,.1f} ms" if value < 1 else f"{value:,.2f} s"
    return f"{value:,.0f} {unit}"
