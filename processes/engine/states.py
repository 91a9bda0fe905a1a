"""The life of a version, of a run and of a step in a run: one table each. docs/processes.md draws them, a test compares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VersionState(StrEnum):
    """Where a version of a SOP stands. Its content may change in DRAFT alone."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    EFFECTIVE = "effective"
    RETIRED = "retired"


class RunState(StrEnum):
    """Where a run stands. How well it went is its result, not its state."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class StepState(StrEnum):
    """Where a step of a run stands.

    WAITING: for steps before it or for an answer that decides whether it applies. OPEN: somebody owes it. IN_APPROVAL: done,
    and the approvers have not said yes. NOT_APPLICABLE: its condition is false; answers are kept.
    """

    WAITING = "waiting"
    OPEN = "open"
    CLAIMED = "claimed"
    STARTED = "started"
    IN_APPROVAL = "in_approval"
    DONE = "done"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not_applicable"


SETTLED = frozenset({StepState.DONE, StepState.SKIPPED, StepState.NOT_APPLICABLE})
"""States of a step that no longer hold up a run."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What may happen in each of `sources`, and the state that it leads to."""

    name: str
    sources: tuple[StrEnum, ...]
    target: StrEnum


class IllegalTransition(Exception):
    """`name` cannot happen in `state`. The caller words it for people."""

    def __init__(self, machine: Machine, state: str, name: str) -> None:
        super().__init__(f"{machine.name}: {name} cannot happen in {state}")
        self.machine, self.state, self.name = machine, state, name


@dataclass(frozen=True, slots=True)
class Machine:
    """A table of transitions. initial: the state of something new."""

    name: str
    initial: StrEnum
    transitions: tuple[Transition, ...]

    def after(self, state: str, name: str) -> str:
        """The state that `name` leads to. Raises IllegalTransition, and KeyError for a name that the table lacks."""
        found = [one for one in self.transitions if one.name == name]
        if not found:
            raise KeyError(name)
        for one in found:
            if state in one.sources:
                return one.target.value
        raise IllegalTransition(self, state, name)

    def allowed(self, state: str) -> tuple[str, ...]:
        """Names of what may happen in that state, in the order of the table."""
        return tuple(one.name for one in self.transitions if state in one.sources)

    def sources(self, name: str) -> tuple[str, ...]:
        """States in which `name` may happen, for a conditional update."""
        return tuple(state.value for one in self.transitions if one.name == name for state in one.sources)

    @property
    def final(self) -> tuple[str, ...]:
        """States that nothing leads out of."""
        left = {state for one in self.transitions for state in one.sources}
        return tuple(state.value for state in type(self.initial) if state not in left)

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {source} --> {one.target}: {one.name}" for one in self.transitions for source in one.sources]
        lines += [f"    {state} --> [*]" for state in self.final]
        return "\n".join(lines)


_V, _R, _S = VersionState, RunState, StepState

VERSION = Machine(
    "version",
    _V.DRAFT,
    (
        Transition("submit", (_V.DRAFT,), _V.IN_REVIEW),
        Transition("withdraw", (_V.IN_REVIEW,), _V.DRAFT),
        Transition("send_back", (_V.IN_REVIEW,), _V.DRAFT),
        Transition("approve", (_V.IN_REVIEW,), _V.APPROVED),
        Transition("take_effect", (_V.APPROVED,), _V.EFFECTIVE),
        Transition("retire", (_V.APPROVED, _V.EFFECTIVE), _V.RETIRED),
    ),
)

RUN = Machine(
    "run",
    _R.RUNNING,
    (
        Transition("pause", (_R.RUNNING,), _R.PAUSED),
        Transition("resume", (_R.PAUSED,), _R.RUNNING),
        Transition("finish", (_R.RUNNING,), _R.FINISHED),
        Transition("cancel", (_R.RUNNING, _R.PAUSED), _R.CANCELLED),
    ),
)

STEP = Machine(
    "step",
    _S.WAITING,
    (
        Transition("open", (_S.WAITING,), _S.OPEN),
        Transition("wait", (_S.OPEN, _S.CLAIMED, _S.NOT_APPLICABLE), _S.WAITING),
        Transition("claim", (_S.OPEN,), _S.CLAIMED),
        Transition("release", (_S.CLAIMED, _S.STARTED), _S.OPEN),
        Transition("hand_over", (_S.OPEN, _S.CLAIMED), _S.CLAIMED),
        Transition("hand_over", (_S.STARTED,), _S.STARTED),
        Transition("start", (_S.OPEN, _S.CLAIMED), _S.STARTED),
        Transition("start_early", (_S.WAITING,), _S.STARTED),
        Transition("finish", (_S.STARTED,), _S.DONE),
        Transition("submit", (_S.STARTED,), _S.IN_APPROVAL),
        Transition("approve", (_S.IN_APPROVAL,), _S.DONE),
        Transition("send_back", (_S.IN_APPROVAL,), _S.OPEN),
        Transition("reopen", (_S.IN_APPROVAL, _S.DONE, _S.SKIPPED), _S.OPEN),
        Transition("skip", (_S.OPEN, _S.CLAIMED, _S.STARTED), _S.SKIPPED),
        Transition(
            "drop",
            (_S.WAITING, _S.OPEN, _S.CLAIMED, _S.STARTED, _S.IN_APPROVAL, _S.DONE, _S.SKIPPED),
            _S.NOT_APPLICABLE,
        ),
    ),
)

MACHINES = (VERSION, RUN, STEP)
