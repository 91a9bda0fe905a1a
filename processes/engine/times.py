"""Where the time of a run went: waiting, work and re-work, from the stamps of its steps (P21)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from processes.engine.states import StepState

OWED = frozenset({StepState.OPEN, StepState.CLAIMED, StepState.STARTED, StepState.IN_APPROVAL})
"""States in which the time of a step counts. One that waits for others, or is settled, costs nobody's time."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A step became something. step: its place in the run, any key; round: from 1, one more each time it was sent back."""

    step: int
    state: str
    round: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Split:
    """Time by what it went into. waiting: for somebody to begin, or to approve; rework: work after a step was sent back."""

    waiting: timedelta = timedelta()
    work: timedelta = timedelta()
    rework: timedelta = timedelta()

    @property
    def elapsed(self) -> timedelta:
        """All of it."""
        return self.waiting + self.work + self.rework

    def seconds(self) -> dict[str, int]:
        """Whole seconds of each and of all. They add up: what is cut off one begins the next."""
        work, all_work, whole = (
            int(part.total_seconds()) for part in (self.work, self.work + self.rework, self.elapsed)
        )
        return {"work": work, "rework": all_work - work, "waiting": whole - all_work, "elapsed": whole}


@dataclass(frozen=True, slots=True)
class RunTimes:
    """The time of a run as a whole, and of each of its steps."""

    run: Split
    steps: Mapping[int, Split]


def split_times(stamps: Iterable[Stamp], began: datetime, ended: datetime) -> RunTimes:
    """Split the time from `began` to `ended`. stamps: in the order in which they were made.

    Steps may be worked on side by side, so the times of steps do not add up to that of the run. An instant of the run is work
    while any step is worked on for the first time, re-work while steps are worked on again alone, and waiting otherwise;
    each instant counts once, so that the three add up to `ended - began` exactly.
    """
    by_step: dict[int, list[Stamp]] = {}
    for stamp in stamps:
        by_step.setdefault(stamp.step, []).append(stamp)
    steps: dict[int, Split] = {}
    edges: list[tuple[datetime, int, int]] = []  # when, and by how much first work and re-work change
    for step, made in by_step.items():
        spent = dict.fromkeys(("waiting", "work", "rework"), timedelta())
        for stamp, until in zip(made, [*(later.at for later in made[1:]), ended], strict=True):
            since, till = _within(stamp.at, began, ended), _within(until, began, ended)
            if stamp.state not in OWED or till <= since:
                continue
            kind = _kind(stamp)
            spent[kind] += till - since
            if kind != "waiting":
                first = int(kind == "work")
                edges += [(since, first, 1 - first), (till, -first, first - 1)]
        steps[step] = Split(**spent)
    return RunTimes(_whole(edges, began, ended), steps)


def _whole(edges: list[tuple[datetime, int, int]], began: datetime, ended: datetime) -> Split:
    work = rework = timedelta()
    at, busy, again = began, 0, 0
    for when, first, later in sorted(edges):
        if busy:
            work += when - at
        elif again:
            rework += when - at
        at, busy, again = when, busy + first, again + later
    return Split(max(ended - began, timedelta()) - work - rework, work, rework)


def _kind(stamp: Stamp) -> str:
    if stamp.state != StepState.STARTED:
        return "waiting"
    return "work" if stamp.round == 1 else "rework"


def _within(at: datetime, began: datetime, ended: datetime) -> datetime:
    return min(max(at, began), ended)
