"""Which steps of a run apply, which are ready, and which open again when one is sent back (P3, P4, P12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from processes.engine.conditions import BLANK, holds
from processes.engine.content import Procedure, Section, Step, StepOrder
from processes.engine.content.references import waits
from processes.engine.states import SETTLED, StepState

Place = tuple[str, int]
"""A step in a run: its key and its row. The row is 0 outside repeated sections, else 1 and up."""


@dataclass(frozen=True, slots=True)
class Standing:
    """applies: None while an answer is missing. fields: which of the step's fields apply, by key. waits_for: places that must
    be settled first. is_early: beginning it now would be out of the order of the text."""

    applies: bool | None
    fields: Mapping[str, bool | None]
    waits_for: tuple[Place, ...] = ()
    is_early: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether it can be begun."""
        return self.applies is True and not self.waits_for


@dataclass(frozen=True, slots=True)
class RunFacts:
    """rows: numbers of the rows of each repeated section. states: by place; absent is WAITING. answers: by (field, row)."""

    rows: Mapping[str, tuple[int, ...]]
    states: Mapping[Place, StepState]
    answers: Mapping[tuple[str, int], Any]

    def state(self, place: Place) -> StepState:
        return self.states.get(place, StepState.WAITING)


def rows_of(section: Section, facts: RunFacts) -> tuple[int, ...]:
    """The rows that a section is done in; (0,) where it does not repeat."""
    return facts.rows.get(section.key, ()) if section.repeats else (0,)


def standings(procedure: Procedure, facts: RunFacts) -> dict[Place, Standing]:
    """How every step stands, in the order of the text.

    Answers of what does not apply count as not given. Once a step is over, a field that was left empty stays so: what
    asks for it is decided, and no run hangs on it.
    """
    fields = {field.key: field for _, _, field in procedure.fields()}
    known: dict[tuple[str, int], Any] = {}
    found: dict[Place, Standing] = {}
    for section in procedure.sections:
        shown = holds(section.condition, _seen(known, 0), fields)
        for row in rows_of(section, facts):
            for step in section.steps:
                seen = _seen(known, row)
                applies = _both(shown, holds(step.condition, seen, fields))
                shows: dict[str, bool | None] = {}
                for field in step.fields:
                    shows[field.key] = _both(applies, holds(field.condition, _seen(known, row), fields))
                    known[field.key, row] = _answer(facts, (step.key, row), field.key, shows[field.key])
                found[step.key, row] = Standing(applies, shows)
    return {place: _with_order(procedure, facts, found, place, one) for place, one in found.items()}


def is_complete(facts: RunFacts, found: Mapping[Place, Standing]) -> bool:
    """Whether nothing holds up the end of the run: a hidden step, required or not, never does."""
    return all(one.applies is False or facts.state(place) in SETTLED for place, one in found.items())


def reopened(procedure: Procedure, facts: RunFacts, sent_back: Place, target: Place) -> list[Place]:
    """Places that open again when the step at `sent_back` is sent back to `target`: both, and what was built on them.

    Only what is over or waiting for approval opens again; in the order of the text. A target in a row takes what depends
    on it in the same row, and outside rows.
    """
    needs = waits(procedure)
    hit = {target[0]}
    while True:
        more = {key for key, needed in needs.items() if needed & hit} - hit
        if not more:
            break
        hit |= more
    # What goes beyond a row is hit in all rows; within the section of the target only its own row is
    home = _section_of(procedure, target[0])
    found = []
    for section, step, row in _places(procedure, facts):
        same_row = section.key != home.key or row == target[1]
        is_hit = (step.key in hit and same_row) or (step.key, row) == sent_back
        over = (StepState.DONE, StepState.SKIPPED, StepState.IN_APPROVAL)
        if is_hit and facts.state((step.key, row)) in over:
            found.append((step.key, row))
    return found


def missing_fields(step: Step, standing: Standing, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of required fields that apply and have no answer: with any of them the step cannot be finished."""
    return tuple(
        field.key
        for field in step.fields
        if field.required and standing.fields[field.key] is True and answers.get(field.key) is None
    )


def _places(procedure: Procedure, facts: RunFacts) -> Iterator[tuple[Section, Step, int]]:
    for section in procedure.sections:
        for row in rows_of(section, facts):
            for step in section.steps:
                yield section, step, row


def _section_of(procedure: Procedure, key: str) -> Section:
    return next(section for section, step in procedure.steps() if step.key == key)


def _seen(known: Mapping[tuple[str, int], Any], row: int) -> dict[str, Any]:
    """Answers by key, as a step in that row sees them: those given once, and those of its row."""
    return {key: value for (key, at), value in known.items() if at in (0, row)}


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _answer(facts: RunFacts, place: Place, key: str, applies: bool | None) -> Any:
    if applies is False:
        return BLANK
    value = facts.answers.get((key, place[1]))
    is_over = facts.state(place) in (StepState.DONE, StepState.SKIPPED)
    return BLANK if value is None and is_over else value


def _with_order(
    procedure: Procedure, facts: RunFacts, found: Mapping[Place, Standing], place: Place, one: Standing
) -> Standing:
    key, row = place

    def is_pending(other: Place) -> bool:
        return found[other].applies is not False and facts.state(other) not in SETTLED

    after = procedure.step(key).after
    needed = [at for at in found if at[0] in after and (at[1] == row or row == 0 or at[1] == 0)]
    before: list[Place] = []
    if procedure.rules.order is not StepOrder.FREE:
        own = _section_of(procedure, key).key
        for section, step, at in _places(procedure, facts):
            if (step.key, at) == place:
                break
            if section.key != own or at == row:
                before.append((step.key, at))
    pending = [other for other in before if is_pending(other)]
    if procedure.rules.order is StepOrder.STRICT:
        needed += before
    waiting = tuple(other for other in found if other in set(needed) and is_pending(other))
    return Standing(one.applies, one.fields, waiting, bool(pending))
