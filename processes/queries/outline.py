"""A procedure as its author sees it: sections and steps with what sets each apart."""

from __future__ import annotations

from dataclasses import dataclass, field

from processes.engine.content import Field, Procedure, Step
from processes.queries.words import KIND_LABELS, condition_words, due_words, in_language


@dataclass(frozen=True, slots=True)
class OutlineField:
    """One field. condition: when it is asked for, in words."""

    key: str
    label: str
    kind: str
    is_required: bool
    is_critical: bool
    condition: str


@dataclass(frozen=True, slots=True)
class OutlineStep:
    """One step. number: in the whole text, from 1."""

    key: str
    number: int
    title: str
    minutes: int | None
    is_critical: bool
    is_approved: bool
    condition: str
    due: str
    fields: list[OutlineField]
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class OutlineSection:
    """One section. row: what one of its rows is called, empty where it is done once."""

    key: str
    title: str
    row: str
    condition: str
    is_first: bool
    is_last: bool
    steps: list[OutlineStep] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole."""

    sections: list[OutlineSection]

    @property
    def all_steps(self) -> list[OutlineStep]:
        """Every step, in the order of the text."""
        return [step for section in self.sections for step in section.steps]

    @property
    def minutes(self) -> int:
        """How long all steps should take together; those that do not say count nothing."""
        return sum(step.minutes or 0 for step in self.all_steps)


def outline_of(procedure: Procedure) -> Outline:
    """The outline in the reader's language."""
    sections, number, last = [], 0, len(procedure.sections) - 1
    for place, one in enumerate(procedure.sections):
        section = OutlineSection(
            one.key,
            in_language(one.title, one.title_zh),
            in_language(one.repeats.row, one.repeats.row_zh) if one.repeats else "",
            condition_words(one.condition, procedure),
            place == 0,
            place == last,
        )
        for index, step in enumerate(one.steps):
            number += 1
            is_first = place == 0 and index == 0
            is_last = place == last and index == len(one.steps) - 1
            section.steps.append(_step(step, number, procedure, is_first=is_first, is_last=is_last))
        sections.append(section)
    return Outline(sections)


def _step(step: Step, number: int, procedure: Procedure, *, is_first: bool, is_last: bool) -> OutlineStep:
    return OutlineStep(
        step.key,
        number,
        in_language(step.title, step.title_zh),
        step.minutes,
        step.critical,
        step.approval is not None,
        condition_words(step.condition, procedure),
        due_words(step.due, procedure),
        [_field(one, procedure) for one in step.fields],
        is_first,
        is_last,
    )


def _field(one: Field, procedure: Procedure) -> OutlineField:
    label, kind = in_language(one.label, one.label_zh), str(KIND_LABELS[one.kind])
    return OutlineField(one.key, label, kind, one.required, one.critical, condition_words(one.condition, procedure))
