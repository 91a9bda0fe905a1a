"""What may be answered: every kind of field checks, and tidies, what comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from metrics.engine.translation import N_
from processes.engine.conditions import fails
from processes.engine.content import (
    ChoiceSettings,
    Column,
    Field,
    FieldKind,
    FileSettings,
    LinkSettings,
    LinkTarget,
    NumberSettings,
    RatingSettings,
    TableSettings,
    TextSettings,
)
from processes.engine.content.limits import LONGEST_REFERENCE, LONGEST_VALUE
from processes.engine.content.rules import as_decimal, plain_number


class BadAnswer(ValueError):
    """An answer that the field cannot take. message: a sentence of the catalogue; params: its placeholders."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.message, self.params = message, params


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it is kept, plain JSON; None when nothing was given. needs: what must come with it (P10)."""

    value: Any
    is_out_of_range: bool = False
    is_failed: bool = False
    needs: frozenset[str] = frozenset()


NOTE, PHOTO, ACTION = "note", "photo", "action"


def check_answer(field: Field, raw: Any) -> Answered:
    """The answer, tidied. Raises BadAnswer. An empty one is no error here: `missing_fields` says what a step lacks.

    Shapes: texts, dates (2026-03-01) and times (08:30) are text, numbers too ("7.5"); a choice is the key of its option,
    choices a list of them; checkbox true or false; rating a whole number; photo and file a list of references to
    attachments, signature one; table a list of objects by column key; person a reference; link a reference, or an
    address.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], ()):
        return Answered(None)
    value = _CHECKS[field.kind](field, raw)
    failed = fails(field, value)
    needs = frozenset({NOTE, PHOTO, ACTION} if field.critical else {NOTE}) if failed else frozenset()
    return Answered(value, _is_out_of_range(field, value), failed, needs)


def _is_out_of_range(field: Field, value: Any) -> bool:
    settings = field.settings
    if not isinstance(settings, NumberSettings):
        return False
    number = Decimal(value)
    below = settings.warn_below is not None and number < settings.warn_below
    return below or (settings.warn_above is not None and number > settings.warn_above)


def _text(field: Field, raw: Any) -> str:
    longest = field.settings.longest if isinstance(field.settings, TextSettings) else LONGEST_VALUE
    if not isinstance(raw, str) or "\0" in raw or any("\ud800" <= sign <= "\udfff" for sign in raw):
        raise BadAnswer(N_("“%(label)s” takes a text."), label=field.label)
    text = raw.replace("\r\n", "\n").strip()
    if len(text) > longest:
        raise BadAnswer(N_("“%(label)s” takes at most %(most)d characters."), label=field.label, most=longest)
    return text if field.kind is FieldKind.LONG_TEXT else " ".join(text.split())


def _number(field: Field, raw: Any) -> str:
    settings = field.settings
    assert isinstance(settings, NumberSettings)
    number = as_decimal(raw)
    if number is None:
        raise BadAnswer(N_("“%(label)s” takes a number."), label=field.label)
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > settings.decimals:
        raise BadAnswer(
            N_("“%(label)s” takes at most %(decimals)d decimals."), label=field.label, decimals=settings.decimals
        )
    if settings.least is not None and number < settings.least:
        raise BadAnswer(
            N_("“%(label)s” is at least %(least)s."), label=field.label, least=_measured(settings.least, settings)
        )
    if settings.most is not None and number > settings.most:
        raise BadAnswer(
            N_("“%(label)s” is at most %(most)s."), label=field.label, most=_measured(settings.most, settings)
        )
    return plain_number(number)


def _measured(number: Decimal, settings: NumberSettings) -> str:
    return f"{plain_number(number)} {settings.unit}".strip()


def _choice(field: Field, raw: Any) -> str:
    assert isinstance(field.settings, ChoiceSettings)
    if not isinstance(raw, str) or raw not in {option.key for option in field.settings.options}:
        raise BadAnswer(N_("“%(label)s” has no such choice."), label=field.label)
    return raw


def _choices(field: Field, raw: Any) -> list[str]:
    if not isinstance(raw, list | tuple):
        raise BadAnswer(N_("“%(label)s” has no such choice."), label=field.label)
    assert isinstance(field.settings, ChoiceSettings)
    chosen = {_choice(field, one) for one in raw}
    return [option.key for option in field.settings.options if option.key in chosen]


def _checkbox(field: Field, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise BadAnswer(N_("“%(label)s” is either ticked or not."), label=field.label)
    return raw


def _date(field: Field, raw: Any) -> str:
    try:
        return date.fromisoformat(raw).isoformat()
    except (TypeError, ValueError):
        raise BadAnswer(N_("“%(label)s” takes a date."), label=field.label) from None


def _time(field: Field, raw: Any) -> str:
    try:
        found = time.fromisoformat(raw)
    except (TypeError, ValueError):
        found = None
    if found is None or found.tzinfo is not None:
        raise BadAnswer(N_("“%(label)s” takes a time of day."), label=field.label)
    return found.strftime("%H:%M")


def _files(field: Field, raw: Any) -> list[str]:
    settings = field.settings
    assert isinstance(settings, FileSettings)
    if not isinstance(raw, list | tuple):
        raise BadAnswer(N_("“%(label)s” takes files."), label=field.label)
    found = [_reference(field, one) for one in raw]
    if len(set(found)) < len(found) or not settings.least <= len(found) <= settings.most:
        raise BadAnswer(
            N_("“%(label)s” takes %(least)d to %(most)d files."),
            label=field.label,
            least=settings.least,
            most=settings.most,
        )
    return found


def _reference(field: Field, raw: Any) -> str:
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str) or not raw.isprintable() or len(raw) > LONGEST_REFERENCE:
        raise BadAnswer(N_("“%(label)s” points at nothing that is there."), label=field.label)
    return raw


def _rating(field: Field, raw: Any) -> int:
    assert isinstance(field.settings, RatingSettings)
    number = as_decimal(raw)
    if number is None or number != int(number) or not 1 <= number <= field.settings.stars:
        raise BadAnswer(N_("“%(label)s” takes 1 to %(stars)d stars."), label=field.label, stars=field.settings.stars)
    return int(number)


def _table(field: Field, raw: Any) -> list[dict[str, Any]]:
    settings = field.settings
    assert isinstance(settings, TableSettings)
    if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
        raise BadAnswer(N_("“%(label)s” takes rows."), label=field.label)
    known = {column.key for column in settings.columns}
    if any(set(row) - known for row in raw):
        raise BadAnswer(N_("“%(label)s” has no such column."), label=field.label)
    rows = [_row(settings.columns, row, number) for number, row in enumerate(raw, start=1)]
    if not settings.least <= len(rows) <= settings.most:
        raise BadAnswer(
            N_("“%(label)s” takes %(least)d to %(most)d rows."),
            label=field.label,
            least=settings.least,
            most=settings.most,
        )
    return rows


def _row(columns: tuple[Column, ...], raw: Mapping[str, Any], number: int) -> dict[str, Any]:
    row = {}
    for column in columns:
        cell = Field(column.key, column.label, column.kind)
        value = check_answer(cell, raw.get(column.key)).value
        if value is None and column.required:
            raise BadAnswer(N_("Row %(row)d lacks “%(label)s”."), row=number, label=column.label)
        row[column.key] = value
    return row


def _link(field: Field, raw: Any) -> str:
    assert isinstance(field.settings, LinkSettings)
    if field.settings.target is not LinkTarget.ADDRESS:
        return _reference(field, raw)
    if not isinstance(raw, str) or len(raw) > LONGEST_VALUE or not raw.isprintable():
        raise BadAnswer(N_("“%(label)s” takes an address that begins with https://."), label=field.label)
    try:
        parts = urlsplit(raw)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAnswer(N_("“%(label)s” takes an address that begins with https://."), label=field.label)
    return raw


_CHECKS = {
    FieldKind.TEXT: _text,
    FieldKind.LONG_TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.CHECKBOX: _checkbox,
    FieldKind.DATE: _date,
    FieldKind.TIME: _time,
    FieldKind.PHOTO: _files,
    FieldKind.FILE: _files,
    FieldKind.SIGNATURE: _reference,
    FieldKind.RATING: _rating,
    FieldKind.TABLE: _table,
    FieldKind.PERSON: _reference,
    FieldKind.LINK: _link,
}
