"""What a property of a procedure may hold: read from plain JSON, written back to it.

A dataclass of the content declares each property with one of the functions below; reading, writing and comparing two
versions all go by these declarations, so a property that is added is read, written, hashed and compared at once.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, ClassVar

from metrics.engine.translation import N_
from processes.engine.content.limits import LARGEST_NUMBER, MOST_DECIMALS
from processes.engine.content.problems import Place

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SURROGATES = re.compile("[\ud800-\udfff\0]")


class Rule:
    """How one property is read and written. siblings: the whole object that the property is part of.

    reads_absent: whether a property that is not given is read too, as None.
    """

    reads_absent: ClassVar[bool] = False

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> Any:
        """The value; where it is no good a problem is noted and something harmless comes back."""
        raise NotImplementedError

    def write(self, value: Any) -> Any:
        """The value as plain JSON."""
        return value

    def is_left_out(self, value: Any, default: Any) -> bool:
        """Whether the value is what reading would give without it."""
        return bool(value == default)


@dataclass(frozen=True)
class Text(Rule):
    """A text. lines: whether it may have several."""

    longest: int
    lines: bool = False
    required: bool = False

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> str:
        if not isinstance(raw, str) or _SURROGATES.search(raw):
            place.wrong(N_("This is no text."))
            return ""
        text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not self.lines:
            text = " ".join(text.split())
        if len(text) > self.longest:
            place.wrong(N_("This text is longer than %(most)d characters."), most=self.longest)
        if self.required and not text:
            place.wrong(N_("A text is missing here."))
        return text


class Key(Rule):
    """What an element is known by from version to version."""

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> str:
        if not isinstance(raw, str) or not KEY.fullmatch(raw):
            place.wrong(N_("A key is made of small letters, digits and underscores, and begins with a letter."))
            return ""
        return raw


class KeyOrNone(Key):
    """The key of another element, or an empty text."""

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> str:
        return "" if raw == "" else super().read(raw, place, siblings)


@dataclass(frozen=True)
class Keys(Rule):
    """Keys of other elements."""

    most: int

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> tuple[str, ...]:
        found = _items(raw, self.most, place)
        keys = tuple(Key().read(item, place.item(index), siblings) for index, item in enumerate(found))
        if len(set(keys)) < len(keys):
            place.wrong(N_("The same key stands here twice."))
        return keys

    def write(self, value: tuple[str, ...]) -> list[str]:
        return list(value)


class Flag(Rule):
    """Yes or no."""

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> bool:
        if not isinstance(raw, bool):
            place.wrong(N_("This is either true or false."))
        return raw is True


@dataclass(frozen=True)
class Whole(Rule):
    """A whole number, or nothing where that is allowed."""

    low: int
    high: int
    optional: bool = False

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> int | None:
        if raw is None and self.optional:
            return None
        if not isinstance(raw, int) or isinstance(raw, bool) or not self.low <= raw <= self.high:
            place.wrong(N_("This is a whole number from %(low)d to %(high)d."), low=self.low, high=self.high)
            return self.low
        return raw


class Number(Rule):
    """An exact number or nothing; kept as text, since JSON's numbers are not exact everywhere."""

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> Decimal | None:
        if raw is None:
            return None
        number = as_decimal(raw)
        if number is None:
            place.wrong(N_("This is no number, or one with too many digits."))
        return number

    def write(self, value: Decimal | None) -> str | None:
        return None if value is None else plain_number(value)


@dataclass(frozen=True)
class Word(Rule):
    """One of a few words."""

    words: type[StrEnum]

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> StrEnum:
        try:
            return self.words(raw)
        except ValueError:
            place.wrong(N_("This is one of: %(choices)s."), choices=", ".join(self.words))
            return next(iter(self.words))

    def write(self, value: StrEnum) -> str:
        return value.value


@dataclass(frozen=True)
class Object(Rule):
    """One part with properties of its own, or nothing. always: nothing means all its defaults."""

    kind: type
    always: bool = False

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> Any:
        if raw is None:
            return self.kind() if self.always else None
        return read_object(self.kind, raw, place)

    def write(self, value: Any) -> Any:
        return None if value is None else write_object(value)


@dataclass(frozen=True)
class Objects(Rule):
    """A list of parts."""

    kind: type
    most: int

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> tuple[Any, ...]:
        found = _items(raw, self.most, place)
        return tuple(read_object(self.kind, item, place.item(index)) for index, item in enumerate(found))

    def write(self, value: tuple[Any, ...]) -> list[Any]:
        return [write_object(item) for item in value]


def declared(rule: Rule, default: Any = MISSING) -> Any:
    """A property of a dataclass that is read by `rule`; one without a default must be given."""
    return dataclasses.field(default=default, metadata={"rule": rule})


def rule_of(one: dataclasses.Field[Any]) -> Rule:
    """The rule that a property was declared with."""
    rule: Rule = one.metadata["rule"]
    return rule


def read_object(kind: type, raw: Any, place: Place) -> Any:
    """An instance of the dataclass `kind`. Notes problems at `place`; None where `raw` is no object at all."""
    if not isinstance(raw, Mapping):
        place.wrong(N_("Here stand names with values."))
        return None
    properties = dataclasses.fields(kind)
    key = raw.get("key")
    if isinstance(key, str) and KEY.fullmatch(key):
        place = place.within(key)
    known = {one.name for one in properties}
    for name in raw:
        if name not in known:
            place.wrong(N_("“%(name)s” is not known here."), name=str(name)[:60])
    values: dict[str, Any] = {}
    for one in properties:
        if one.name in raw or rule_of(one).reads_absent:
            values[one.name] = rule_of(one).read(raw.get(one.name), place.at(one.name), raw)
        elif one.default is MISSING:
            place.at(one.name).wrong(N_("This is missing."))
            values[one.name] = None
    return kind(**values)


def write_object(value: Any) -> dict[str, Any]:
    """Plain JSON that `read_object` reads back to an equal object: only what differs from the default.

    A property that is added later, with its default, therefore changes the hash of no text that was written before.
    """
    return {
        one.name: rule_of(one).write(getattr(value, one.name))
        for one in dataclasses.fields(value)
        if not rule_of(one).is_left_out(getattr(value, one.name), one.default)
    }


def as_decimal(raw: Any) -> Decimal | None:
    """The number, exact to six decimals and below 10^15; None for anything else."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= LARGEST_NUMBER:
        return None
    exponent = number.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MOST_DECIMALS:
        return None
    return number


def plain_number(number: Decimal) -> str:
    """The one way a number is written: no exponent, no trailing zeros, no minus before a zero."""
    text = f"{number.normalize():f}"
    return "0" if text == "-0" else text


def _items(raw: Any, most: int, place: Place) -> list[Any]:
    if not isinstance(raw, list | tuple):
        place.wrong(N_("Here stands a list."))
        return []
    if len(raw) > most:
        place.wrong(N_("There are more than %(most)d here."), most=most)
        return []
    return list(raw)
