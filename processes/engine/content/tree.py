"""Conditions as they stand in a procedure: groups of comparisons, read from and written to plain JSON.

{"all": [...]}, {"any": [...]} or {"field": "temperature", "is": "above", "value": "8"}.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from metrics.engine.translation import N_
from processes.engine.content.kinds import WITH_LIST, WITHOUT_VALUE, Operator
from processes.engine.content.limits import DEEPEST_CONDITION, LONGEST_VALUE, MOST_PARTS
from processes.engine.content.problems import Place
from processes.engine.content.rules import Key, Rule, Text, Word, as_decimal, plain_number

Value = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """An answer held against a value. Numbers, dates and times stand as text; an operator of lists has a tuple."""

    field: str
    operator: Operator
    value: Value = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """True where every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where one part is."""

    parts: tuple[Condition, ...]


Condition = Comparison | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Check:
    """What is asked of a field's own answer, such as that it fails above 8."""

    operator: Operator
    value: Value = None


def comparisons(condition: Condition | None) -> Iterator[Comparison]:
    """Every comparison of a condition, in its order."""
    if isinstance(condition, Comparison):
        yield condition
    elif condition is not None:
        for part in condition.parts:
            yield from comparisons(part)


class Tree(Rule):
    """A condition, or nothing."""

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> Condition | None:
        return None if raw is None else _read(raw, place, 1)

    def write(self, value: Condition | None) -> Any:
        return None if value is None else _write(value)


class OwnCheck(Rule):
    """A check of the field that it stands in, or nothing."""

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> Check | None:
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            place.wrong(N_("Here stand names with values."))
            return None
        _refuse_unknown(raw, ("is", "value"), place)
        return Check(*_operator_and_value(raw, place))

    def write(self, value: Check | None) -> Any:
        return None if value is None else _compared(value.operator, value.value)


def _read(raw: Any, place: Place, depth: int) -> Condition | None:
    if not isinstance(raw, Mapping):
        place.wrong(N_("Here stand names with values."))
        return None
    if depth > DEEPEST_CONDITION:
        place.wrong(N_("Groups of conditions go at most %(most)d deep."), most=DEEPEST_CONDITION)
        return None
    for name, group in (("all", AllOf), ("any", AnyOf)):
        if name in raw:
            _refuse_unknown(raw, (name,), place)
            return group(_parts(raw[name], place.at(name), depth))
    _refuse_unknown(raw, ("field", "is", "value"), place)
    key = Key().read(raw.get("field"), place.at("field"), raw)
    return Comparison(key, *_operator_and_value(raw, place))


def _parts(raw: Any, place: Place, depth: int) -> tuple[Condition, ...]:
    if not isinstance(raw, list | tuple) or not 1 <= len(raw) <= MOST_PARTS:
        place.wrong(N_("A group holds 1 to %(most)d conditions."), most=MOST_PARTS)
        return ()
    found = (_read(part, place.item(index), depth + 1) for index, part in enumerate(raw))
    return tuple(part for part in found if part is not None)


def _operator_and_value(raw: Mapping[str, Any], place: Place) -> tuple[Operator, Value]:
    operator = Operator(Word(Operator).read(raw.get("is"), place.at("is"), raw))
    value = raw.get("value")
    if operator in WITHOUT_VALUE:
        if value is not None:
            place.at("value").wrong(N_("This comparison takes no value."))
        return operator, None
    if operator not in WITH_LIST:
        return operator, _text(value, place.at("value"))
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_PARTS:
        place.at("value").wrong(N_("Here stands a list of 1 to %(most)d values."), most=MOST_PARTS)
        return operator, ()
    return operator, tuple(_text(one, place.at("value").item(index)) for index, one in enumerate(value))


def _text(raw: Any, place: Place) -> str:
    if isinstance(raw, int | float | Decimal) and (number := as_decimal(raw)) is not None:
        return plain_number(number)
    return Text(LONGEST_VALUE, required=True).read(raw, place, {})


def _refuse_unknown(raw: Mapping[str, Any], known: tuple[str, ...], place: Place) -> None:
    for name in raw:
        if name not in known:
            place.wrong(N_("“%(name)s” is not known here."), name=str(name)[:60])


def _write(value: Condition) -> dict[str, Any]:
    if isinstance(value, Comparison):
        return {"field": value.field, **_compared(value.operator, value.value)}
    return {"all" if isinstance(value, AllOf) else "any": [_write(part) for part in value.parts]}


def _compared(operator: Operator, value: Value) -> dict[str, Any]:
    if value is None:
        return {"is": operator.value}
    return {"is": operator.value, "value": list(value) if isinstance(value, tuple) else value}
