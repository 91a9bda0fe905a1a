"""The content of one version of a procedure. Immutable; every property says by which rule it is read.

Texts have a Chinese twin (`title_zh`); an empty twin means that there is one text for all readers. Keys are kept from
version to version: a step of the same key is the same step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from processes.engine.content import limits
from processes.engine.content.field_settings import SETTINGS, FieldSettings, SettingsByKind
from processes.engine.content.kinds import (
    ApprovalMode,
    Direction,
    DueOrigin,
    DueUnit,
    FieldKind,
    StepOrder,
    Who,
)
from processes.engine.content.rules import Flag, Key, KeyOrNone, Keys, Object, Objects, Text, Whole, Word, declared
from processes.engine.content.tree import Check, Condition, OwnCheck, Tree

_TITLE = Text(limits.LONGEST_TITLE)
_LABEL = Text(limits.LONGEST_LABEL)
_HELP = Text(limits.LONGEST_HELP, lines=True)
_MARKDOWN = Text(limits.LONGEST_INSTRUCTION, lines=True)


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who does or approves something; see Who for what `reference` holds."""

    who: Who = declared(Word(Who))
    reference: str = declared(Text(limits.LONGEST_REFERENCE), "")


@dataclass(frozen=True, slots=True)
class DueRule:
    """`amount` of `unit` before or after an origin; `field` or `step` is the key of it where the origin is one."""

    amount: int = declared(Whole(0, limits.MOST_AMOUNT))
    unit: DueUnit = declared(Word(DueUnit))
    direction: Direction = declared(Word(Direction), Direction.AFTER)
    origin: DueOrigin = declared(Word(DueOrigin), DueOrigin.RUN_START)
    field: str = declared(KeyOrNone(), "")
    step: str = declared(KeyOrNone(), "")


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Who must say yes to a step.

    count: for the mode COUNT alone. no_self: neither the run's starter nor the one who did the step counts. send_back_to:
    earlier steps that may be chosen when it is sent back; the step itself always may.
    """

    approvers: tuple[Responsible, ...] = declared(Objects(Responsible, limits.MOST_APPROVERS))
    mode: ApprovalMode = declared(Word(ApprovalMode), ApprovalMode.ANY)
    count: int = declared(Whole(1, limits.MOST_APPROVERS), 1)
    no_self: bool = declared(Flag(), True)
    send_back_to: tuple[str, ...] = declared(Keys(limits.MOST_PARTS), ())


@dataclass(frozen=True, slots=True)
class Field:
    """One answer of a step. weight: its share of the score; 0 leaves it out. fail_when: an answer that fails (P10)."""

    key: str = declared(Key())
    label: str = declared(Text(limits.LONGEST_LABEL, required=True))
    kind: FieldKind = declared(Word(FieldKind))
    label_zh: str = declared(_LABEL, "")
    help: str = declared(_HELP, "")
    help_zh: str = declared(_HELP, "")
    settings: FieldSettings | None = declared(SettingsByKind(), None)
    required: bool = declared(Flag(), False)
    critical: bool = declared(Flag(), False)
    weight: int = declared(Whole(0, limits.MOST_WEIGHT), 0)
    fail_when: Check | None = declared(OwnCheck(), None)
    condition: Condition | None = declared(Tree(), None)

    def __post_init__(self) -> None:
        if self.settings is None and self.kind in SETTINGS:
            object.__setattr__(self, "settings", SETTINGS[self.kind]())


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction. after: keys of steps that must be finished before. minutes: how long it should take."""

    key: str = declared(Key())
    title: str = declared(Text(limits.LONGEST_TITLE, required=True))
    title_zh: str = declared(_TITLE, "")
    instruction: str = declared(_MARKDOWN, "")
    instruction_zh: str = declared(_MARKDOWN, "")
    fields: tuple[Field, ...] = declared(Objects(Field, limits.MOST_FIELDS), ())
    condition: Condition | None = declared(Tree(), None)
    responsible: Responsible | None = declared(Object(Responsible), None)
    minutes: int | None = declared(Whole(1, limits.MOST_MINUTES, optional=True), None)
    due: DueRule | None = declared(Object(DueRule), None)
    approval: ApprovalRule | None = declared(Object(ApprovalRule), None)
    after: tuple[str, ...] = declared(Keys(limits.MOST_PARTS), ())
    critical: bool = declared(Flag(), False)
    weight: int = declared(Whole(0, limits.MOST_WEIGHT), 0)


@dataclass(frozen=True, slots=True)
class Repeats:
    """A section that is done once a row: a room, an item. row: what one is called."""

    row: str = declared(Text(limits.LONGEST_LABEL, required=True))
    row_zh: str = declared(_LABEL, "")
    least: int = declared(Whole(0, limits.MOST_ROWS), 1)
    most: int = declared(Whole(1, limits.MOST_ROWS), 20)


@dataclass(frozen=True, slots=True)
class Section:
    """Steps under one heading. A condition on it holds for all of them."""

    key: str = declared(Key())
    title: str = declared(Text(limits.LONGEST_TITLE, required=True))
    title_zh: str = declared(_TITLE, "")
    steps: tuple[Step, ...] = declared(Objects(Step, limits.MOST_STEPS), ())
    repeats: Repeats | None = declared(Object(Repeats), None)
    condition: Condition | None = declared(Tree(), None)


@dataclass(frozen=True, slots=True)
class RunRules:
    """What holds for a run as a whole. pass_percent: the score it needs; None where nobody judges it."""

    order: StepOrder = declared(Word(StepOrder), StepOrder.FREE)
    pass_percent: int | None = declared(Whole(0, 100, optional=True), None)
    due: DueRule | None = declared(Object(DueRule), None)


@dataclass(frozen=True, slots=True)
class Procedure:
    """The whole text of one version. intro: Markdown that stands above the first section."""

    sections: tuple[Section, ...] = declared(Objects(Section, limits.MOST_SECTIONS), ())
    rules: RunRules = declared(Object(RunRules, always=True), RunRules())
    intro: str = declared(_MARKDOWN, "")
    intro_zh: str = declared(_MARKDOWN, "")

    def steps(self) -> Iterator[tuple[Section, Step]]:
        """Every step with its section, in the order of the text."""
        for section in self.sections:
            for step in section.steps:
                yield section, step

    def fields(self) -> Iterator[tuple[Section, Step, Field]]:
        """Every field with its step and section, in the order of the text."""
        for section, step in self.steps():
            for field in step.fields:
                yield section, step, field

    def step(self, key: str) -> Step:
        """The step of that key. Raises KeyError."""
        return next((step for _, step in self.steps() if step.key == key), None) or _missing(key)

    def field(self, key: str) -> Field:
        """The field of that key. Raises KeyError."""
        return next((field for _, _, field in self.fields() if field.key == key), None) or _missing(key)


def _missing(key: str) -> NoReturn:
    raise KeyError(key)
