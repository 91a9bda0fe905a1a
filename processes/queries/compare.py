"""Two texts side by side: what each part says in words, and which words of it changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext

from ops_platform.web import formats
from processes.engine.content import (
    ApprovalRule,
    ChoiceSettings,
    DueRule,
    Field,
    FieldSettings,
    NumberSettings,
    Procedure,
    Repeats,
    Responsible,
    RunRules,
    Section,
    Step,
    TableSettings,
)
from processes.engine.differences import Row, RowState, side_by_side
from processes.queries.words import (
    KIND_LABELS,
    ORDER_LABELS,
    PROPERTY_LABELS,
    SETTING_LABELS,
    TARGET_LABELS,
    approval_words,
    check_words,
    condition_words,
    due_words,
    in_language,
    who_words,
)

_TOKENS = re.compile(r"[^\W\d_\u3400-\u9fff]+|\d+|\s+|.", re.DOTALL)
_BELOW = frozenset({"key", "sections", "steps", "fields"})

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a text; whether they are only in this one of the two."""

    text: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One property that differs, in words, each side with its changed words marked."""

    label: str
    before: list[Piece]
    after: list[Piece]


@dataclass(frozen=True, slots=True)
class Compared:
    """One part of both texts. kind: section, step or field, or procedure for the whole."""

    kind: str
    state: RowState
    title: str
    changes: list[Change]


def compared(before: Procedure, after: Procedure, names: Names, *, all_rows: bool = False) -> list[Compared]:
    """The parts that differ, in the order of `after`; with all_rows those that do not, too."""
    found = []
    for row in side_by_side(before, after):
        changes = _changes(row, before, after, names)
        state = RowState.SAME if row.state is RowState.CHANGED and not changes else row.state
        if all_rows or state is not RowState.SAME:
            found.append(Compared(row.name[0], state, _title(row), changes))
    return found


def properties(procedure: Procedure, kind: str, key: str, names: Names) -> dict[str, str]:
    """What a part says, property by property, in words; what says nothing is left out. Empty where the part is missing."""
    part = _part(procedure, kind, key)
    if part is None:
        return {}
    said = {}
    for one in fields(part):
        if one.name not in _BELOW:
            text = _said(getattr(part, one.name), part, procedure, names)
            if text:
                said[one.name] = text
    return said


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """The properties that differ."""
    found = []
    for name in PROPERTY_LABELS:
        one, two = before.get(name, ""), after.get(name, "")
        if one != two:
            found.append(Change(str(PROPERTY_LABELS[name]), *marked(one, two)))
    return found


def marked(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces: words of Latin letters as a whole, Chinese by the character."""
    one, two = _TOKENS.findall(before), _TOKENS.findall(after)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if a < b:
            left.append(Piece("".join(one[a:b]), tag != "equal"))
        if c < d:
            right.append(Piece("".join(two[c:d]), tag != "equal"))
    return left, right


def _changes(row: Row, before: Procedure, after: Procedure, names: Names) -> list[Change]:
    kind, key = row.name
    return changes_between(properties(before, kind, key, names), properties(after, kind, key, names))


def _title(row: Row) -> str:
    shown = row.after or row.before
    if shown is None or row.name[0] == "procedure":
        return gettext("The whole")
    values = shown.properties
    if row.name[0] == "field":
        return in_language(str(values["label"]), str(values.get("label_zh", "")))
    return in_language(str(values["title"]), str(values.get("title_zh", "")))


def _part(procedure: Procedure, kind: str, key: str) -> Procedure | Section | Step | Field | None:
    if kind == "procedure":
        return procedure
    parts: dict[str, Any] = {
        "section": procedure.sections,
        "step": [step for _section, step in procedure.steps()],
        "field": [field for _section, _step, field in procedure.fields()],
    }
    return next((part for part in parts[kind] if part.key == key), None)


def _said(value: Any, part: Any, procedure: Procedure, names: Names) -> str:
    if value is None or value == "" or value is False or value == ():
        return ""
    if value is True:
        return gettext("Yes")
    if isinstance(value, Responsible):
        return who_words(value, names, procedure)
    if isinstance(value, DueRule):
        return due_words(value, procedure)
    if isinstance(value, ApprovalRule):
        back = [_step_title(procedure, key) for key in value.send_back_to]
        lines = [approval_words(value, names, procedure)]
        lines += [gettext("May be sent back to: %(steps)s") % {"steps": formats.listed(back)}] if back else []
        lines += [] if value.no_self else [gettext("People may approve their own work")]
        return "\n".join(lines)
    if isinstance(value, RunRules):
        return _rules(value, procedure)
    if isinstance(value, Repeats):
        facts = {"row": in_language(value.row, value.row_zh), "least": value.least, "most": value.most}
        return gettext("Once a %(row)s, %(least)d to %(most)d times") % facts
    if isinstance(value, FieldSettings):
        return _settings(value)
    if isinstance(value, tuple):
        return formats.listed(_step_title(procedure, key) for key in value)
    if is_dataclass(value):
        is_check = not hasattr(value, "field") and not hasattr(value, "parts")
        return check_words(part, value) if is_check else condition_words(value, procedure)  # type: ignore[arg-type]
    if isinstance(value, StrEnum):
        return str(KIND_LABELS.get(value, value))
    return "" if value == 0 else str(value)


def _rules(rules: RunRules, procedure: Procedure) -> str:
    lines = [str(ORDER_LABELS[rules.order])]
    if rules.pass_percent is not None:
        lines.append(gettext("A run needs %(percent)d%% of the score") % {"percent": rules.pass_percent})
    if rules.due:
        lines.append(gettext("Due: %(due)s") % {"due": due_words(rules.due, procedure)})
    return "\n".join(lines)


def _settings(settings: FieldSettings) -> str:
    lines = []
    if isinstance(settings, ChoiceSettings):
        for option in settings.options:
            notes = [gettext("fails")] if option.fails else []
            notes += [] if option.score in (None, 100) else [f"{option.score}%"]
            label = in_language(option.label, option.label_zh)
            lines.append(f"{label} ({', '.join(notes)})" if notes else label)
        return "\n".join(lines)
    if isinstance(settings, TableSettings):
        lines = [f"{in_language(one.label, one.label_zh)}: {KIND_LABELS[one.kind]}" for one in settings.columns]
    for one in fields(settings):
        value = getattr(settings, one.name)
        if one.name == "columns" or value is None or value == "":
            continue
        if value == one.default and not (isinstance(settings, NumberSettings) and one.name == "unit"):
            continue
        lines.append(f"{SETTING_LABELS[one.name]}: {TARGET_LABELS.get(value, value)}")
    return "\n".join(lines)


def _step_title(procedure: Procedure, key: str) -> str:
    step = next((one for _section, one in procedure.steps() if one.key == key), None)
    return in_language(step.title, step.title_zh) if step else key
