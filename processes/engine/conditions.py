"""Whether a condition holds: true, false, or not known yet because an answer is missing (Kleene 1952, strong logic)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

from processes.engine.content import (
    AllOf,
    Check,
    ChoiceSettings,
    Comparison,
    Condition,
    Field,
    FieldKind,
    NumberSettings,
    Operator,
)


class Blank(Enum):
    """An answer that will not come: its step is over without it, or does not apply."""

    BLANK = "blank"


BLANK = Blank.BLANK
_NEGATIVE = frozenset({Operator.IS_NOT, Operator.NONE_OF, Operator.LACKS, Operator.NOT_TICKED, Operator.EMPTY})


def holds(condition: Condition | None, answers: Mapping[str, Any], fields: Mapping[str, Field]) -> bool | None:
    """True, False, or None while an answer that decides is missing. No condition holds always.

    answers: by field key, as `check_answer` gives them; None or absent where nobody has answered yet, BLANK where nobody
    will. fields: those that the condition asks for, by key.
    """
    if condition is None:
        return True
    if isinstance(condition, Comparison):
        return compare(fields[condition.field], answers.get(condition.field), condition.operator, condition.value)
    found = [holds(part, answers, fields) for part in condition.parts]
    decisive = not isinstance(condition, AllOf)
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def compare(field: Field, answer: Any, operator: Operator, value: Any) -> bool | None:
    """One comparison. A blank is nothing: it is not equal to anything, so only what says “not” or “empty” holds of it."""
    if answer is None:
        return None
    if answer is BLANK:
        return operator in _NEGATIVE
    if operator in (Operator.FILLED, Operator.EMPTY):
        return operator is Operator.FILLED
    positive = _positive(field.kind, answer, operator, value)
    return not positive if operator in _NEGATIVE else positive


def fails(field: Field, answer: Any) -> bool:
    """Whether an answer fails (P10): by the field's own check, or by an option that is marked so."""
    if answer is None or answer is BLANK:
        return False
    if isinstance(field.settings, ChoiceSettings):
        chosen = set(answer) if isinstance(answer, list | tuple) else {answer}
        if any(option.fails and option.key in chosen for option in field.settings.options):
            return True
    check: Check | None = field.fail_when
    return check is not None and compare(field, answer, check.operator, check.value) is True


def _positive(kind: FieldKind, answer: Any, operator: Operator, value: Any) -> bool:
    """The comparison as though it said no “not”."""
    if operator in (Operator.TICKED, Operator.NOT_TICKED):
        return answer is True
    if operator in (Operator.ONE_OF, Operator.NONE_OF):
        return answer in value
    if operator in (Operator.INCLUDES, Operator.LACKS):
        return value in answer
    if operator is Operator.CONTAINS:
        return str(value).casefold() in str(answer).casefold()
    given, wanted = _ordered(kind, answer), _ordered(kind, value)
    if operator in (Operator.ABOVE, Operator.AFTER):
        return bool(given > wanted)
    if operator in (Operator.BELOW, Operator.BEFORE):
        return bool(given < wanted)
    if operator is Operator.AT_LEAST:
        return bool(given >= wanted)
    if operator is Operator.AT_MOST:
        return bool(given <= wanted)
    return bool(given == wanted)


def _ordered(kind: FieldKind, value: Any) -> Any:
    if kind in (FieldKind.NUMBER, FieldKind.RATING):
        return Decimal(str(value))
    if kind is FieldKind.DATE:
        return date.fromisoformat(value)
    if kind is FieldKind.TIME:
        return time.fromisoformat(value)
    return str(value).strip().casefold()


@dataclass(frozen=True, slots=True)
class Phrase:
    """One comparison in parts that a template puts into words: “Temperature” “is above” “8 °C”.

    label and values: pairs of the text and its Chinese twin; the twin is empty where there is none.
    """

    label: tuple[str, str]
    operator: Operator
    values: tuple[tuple[str, str], ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PhraseGroup:
    """Phrases joined by “and” (is_all) or by “or”."""

    is_all: bool
    parts: tuple[Phrase | PhraseGroup, ...]


def phrased(condition: Condition, fields: Mapping[str, Field]) -> Phrase | PhraseGroup:
    """The condition for people: labels instead of keys."""
    if not isinstance(condition, Comparison):
        return PhraseGroup(isinstance(condition, AllOf), tuple(phrased(part, fields) for part in condition.parts))
    field = fields[condition.field]
    return phrased_check(field, Check(condition.operator, condition.value))


def phrased_check(field: Field, check: Check) -> Phrase:
    """A check of one field for people."""
    values = check.value if isinstance(check.value, tuple) else () if check.value is None else (check.value,)
    labels: dict[str, tuple[str, str]] = {}
    if isinstance(field.settings, ChoiceSettings):
        labels = {option.key: (option.label, option.label_zh) for option in field.settings.options}
    unit = field.settings.unit if isinstance(field.settings, NumberSettings) else ""
    return Phrase(
        (field.label, field.label_zh), check.operator, tuple(labels.get(one, (one, "")) for one in values), unit
    )
