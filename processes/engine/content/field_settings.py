"""What each kind of field may be told besides its label: one dataclass a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from metrics.engine.translation import N_
from processes.engine.content import limits
from processes.engine.content.kinds import FieldKind, LinkTarget
from processes.engine.content.problems import Place
from processes.engine.content.rules import (
    Flag,
    Key,
    Number,
    Objects,
    Rule,
    Text,
    Whole,
    Word,
    declared,
    read_object,
    write_object,
)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. score: the share of the field's weight that it earns, in percent; None leaves the field out of the score."""

    key: str = declared(Key())
    label: str = declared(Text(limits.LONGEST_LABEL, required=True))
    label_zh: str = declared(Text(limits.LONGEST_LABEL), "")
    score: int | None = declared(Whole(0, 100, optional=True), 100)
    fails: bool = declared(Flag(), False)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; its kind is text, number, date or checkbox."""

    key: str = declared(Key())
    label: str = declared(Text(limits.LONGEST_LABEL, required=True))
    label_zh: str = declared(Text(limits.LONGEST_LABEL), "")
    kind: FieldKind = declared(Word(FieldKind), FieldKind.TEXT)
    unit: str = declared(Text(40), "")
    required: bool = declared(Flag(), False)


COLUMN_KINDS = (FieldKind.TEXT, FieldKind.NUMBER, FieldKind.DATE, FieldKind.CHECKBOX)


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """No settings at all: signature, person, date, time, checkbox."""


@dataclass(frozen=True, slots=True)
class TextSettings(FieldSettings):
    """longest: in characters."""

    longest: int = declared(Whole(1, limits.LONGEST_ANSWER), 2000)


@dataclass(frozen=True, slots=True)
class NumberSettings(FieldSettings):
    """least, most: hard limits, both included. warn_below, warn_above: beyond them an answer is out of range."""

    unit: str = declared(Text(40), "")
    decimals: int = declared(Whole(0, limits.MOST_DECIMALS), 2)
    least: Decimal | None = declared(Number(), None)
    most: Decimal | None = declared(Number(), None)
    warn_below: Decimal | None = declared(Number(), None)
    warn_above: Decimal | None = declared(Number(), None)


@dataclass(frozen=True, slots=True)
class ChoiceSettings(FieldSettings):
    """One of the options, or several of them."""

    options: tuple[Option, ...] = declared(Objects(Option, limits.MOST_OPTIONS), ())


@dataclass(frozen=True, slots=True)
class RatingSettings(FieldSettings):
    """stars: how many there are."""

    stars: int = declared(Whole(2, 10), 5)


@dataclass(frozen=True, slots=True)
class FileSettings(FieldSettings):
    """least, most: how many photos or files."""

    least: int = declared(Whole(1, limits.MOST_FILES), 1)
    most: int = declared(Whole(1, limits.MOST_FILES), 5)


@dataclass(frozen=True, slots=True)
class TableSettings(FieldSettings):
    """least, most: how many rows."""

    columns: tuple[Column, ...] = declared(Objects(Column, limits.MOST_COLUMNS), ())
    least: int = declared(Whole(0, limits.MOST_ROWS), 0)
    most: int = declared(Whole(1, limits.MOST_ROWS), 50)


@dataclass(frozen=True, slots=True)
class LinkSettings(FieldSettings):
    """target: what is linked."""

    target: LinkTarget = declared(Word(LinkTarget), LinkTarget.CUSTOMER)


SETTINGS: dict[FieldKind, type[FieldSettings]] = {
    FieldKind.TEXT: TextSettings,
    FieldKind.LONG_TEXT: TextSettings,
    FieldKind.NUMBER: NumberSettings,
    FieldKind.CHOICE: ChoiceSettings,
    FieldKind.CHOICES: ChoiceSettings,
    FieldKind.CHECKBOX: FieldSettings,
    FieldKind.DATE: FieldSettings,
    FieldKind.TIME: FieldSettings,
    FieldKind.PHOTO: FileSettings,
    FieldKind.FILE: FileSettings,
    FieldKind.SIGNATURE: FieldSettings,
    FieldKind.RATING: RatingSettings,
    FieldKind.TABLE: TableSettings,
    FieldKind.PERSON: FieldSettings,
    FieldKind.LINK: LinkSettings,
}


class SettingsByKind(Rule):
    """Settings of the kind that stands beside them; None is all defaults."""

    reads_absent = True

    def read(self, raw: Any, place: Place, siblings: Mapping[str, Any]) -> FieldSettings | None:
        if siblings.get("kind") not in SETTINGS:
            return None  # what is wrong is said of the kind
        settings: FieldSettings = read_object(SETTINGS[FieldKind(siblings["kind"])], {} if raw is None else raw, place)
        _check(settings, place)
        return settings

    def write(self, value: FieldSettings | None) -> Any:
        return {} if value is None else write_object(value)

    def is_left_out(self, value: FieldSettings | None, default: object) -> bool:
        return self.write(value) == {}


def _check(settings: FieldSettings, place: Place) -> None:
    if isinstance(settings, NumberSettings):
        _check_limits(settings, place)
    elif isinstance(settings, ChoiceSettings):
        _check_parts(settings.options, place.at("options"), N_("A choice needs at least one option."))
    elif isinstance(settings, TableSettings):
        _check_parts(settings.columns, place.at("columns"), N_("A table needs at least one column."))
        for index, column in enumerate(settings.columns):
            if column.kind not in COLUMN_KINDS:
                words = ", ".join(COLUMN_KINDS)
                place.at("columns").item(index).at("kind").wrong(N_("This is one of: %(choices)s."), choices=words)
    if isinstance(settings, FileSettings | TableSettings) and settings.least > settings.most:
        place.wrong(N_("The smallest number is above the largest."))


def _check_limits(settings: NumberSettings, place: Place) -> None:
    ordered = [
        number
        for number in (settings.least, settings.warn_below, settings.warn_above, settings.most)
        if number is not None
    ]
    if ordered != sorted(ordered):
        place.wrong(N_("The limits contradict each other: smallest, warning below, warning above, largest must rise."))


def _check_parts(parts: tuple[Option, ...] | tuple[Column, ...], place: Place, empty: str) -> None:
    if not parts:
        place.wrong(empty)
    keys = [part.key for part in parts]
    for index, key in enumerate(keys):
        if key and key in keys[:index]:
            place.item(index).at("key").wrong(N_("The key “%(key)s” is taken."), key=key)
