"""Which steps of a run apply, which are ready, and which open again when one is sent back (P3, P4, P12)."""

from __future__ import annotations

from collections import ChainMap
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
    once: dict[str, Any] = {}
    by_row: dict[int, dict[str, Any]] = {0: once}
    found: dict[Place, Standing] = {}
    for section in procedure.sections:
        shown = holds(section.condition, once, fields)
        for row in rows_of(section, facts):
            own = by_row.setdefault(row, {})
            # What a step in that row sees: answers that are given once, and those of its row
            seen = ChainMap(own, once) if row else once
            for step in section.steps:
                applies = _both(shown, holds(step.condition, seen, fields))
                shows: dict[str, bool | None] = {}
                for field in step.fields:
                    shows[field.key] = _both(applies, holds(field.condition, seen, fields))
                    own[field.key] = _answer(facts, (step.key, row), field.key, shows[field.key])
                found[step.key, row] = Standing(applies, shows)
    return _with_order(procedure, facts, found)


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


def _with_order(procedure: Procedure, facts: RunFacts, found: Mapping[Place, Standing]) -> dict[Place, Standing]:
    """The standings with what each waits for, in one walk: what is pending before a step is what the walk has passed."""
    order = procedure.rules.order
    at = {place: number for number, place in enumerate(found)}
    places: dict[str, list[Place]] = {}
    for place in found:
        places.setdefault(place[0], []).append(place)
    pending = {place for place, one in found.items() if one.applies is not False and facts.state(place) not in SETTLED}
    passed: list[Place] = []
    ordered: dict[Place, Standing] = {}
    for section in procedure.sections:
        of_section: list[Place] = []
        for row in rows_of(section, facts):
            here: list[Place] = []
            for step in section.steps:
                near = (one for key in step.after for one in places.get(key, ()) if row == 0 or one[1] in (0, row))
                needed = {one for one in near if one in pending}
                if order is StepOrder.STRICT:
                    needed.update(passed, here)
                one = found[step.key, row]
                is_early = order is not StepOrder.FREE and bool(passed or here)
                waits_for = tuple(sorted(needed, key=at.__getitem__))
                ordered[step.key, row] = Standing(one.applies, one.fields, waits_for, is_early)
                if (step.key, row) in pending:
                    here.append((step.key, row))
            of_section += here
        passed += of_section
    return ordered
