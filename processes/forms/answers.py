"""Fields of a step as people fill them in: drawn from the text of a version, and read back as answers.

    drawn = drawn_fields(step.fields, values)                    every field as a template draws it
    {% include "processes/fields/field.html" with one=one %}     with `one` of `drawn`
    sent = read_answers(step.fields, request.POST, request.FILES)

Values have the shapes of `engine.answers.check_answer`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from ops_platform.web.addresses import address
from ops_platform.web.formats import listed
from processes.engine import answers as engine
from processes.engine.content import (
    ChoiceSettings,
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
from processes.engine.content.rules import plain_number
from processes.queries.words import in_language

UPLOADS = (FieldKind.PHOTO, FieldKind.FILE, FieldKind.SIGNATURE)
GROUPS = (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.RATING, FieldKind.TABLE, *UPLOADS)
SPARE_ROWS = 1


@dataclass(frozen=True)
class Choice:
    """One thing to choose: an option, a person, a star, a file that is there already."""

    value: str
    label: str
    is_chosen: bool = False
    url: str = ""
    is_picture: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    name: str
    id: str
    label: str
    kind: str
    value: Any
    unit: str = ""


@dataclass(frozen=True)
class Drawn:
    """A field as a template draws it. applies: False hides it; error: what is wrong with what was sent."""

    key: str
    kind: str
    name: str
    id: str
    label: str
    help: str
    value: Any = ""
    is_required: bool = False
    is_critical: bool = False
    is_disabled: bool = False
    applies: bool = True
    error: str = ""
    note: str = ""
    choices: Sequence[Choice] = ()
    rows: Sequence[Sequence[Cell]] = ()
    columns: Sequence[str] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    hint: str = ""

    @property
    def template(self) -> str:
        """The template of the control."""
        return f"processes/fields/{self.kind}.html"

    @property
    def is_group(self) -> bool:
        """Whether it is several controls under one legend."""
        return self.kind in GROUPS

    @property
    def described_by(self) -> str:
        """Ids of what stands below the control."""
        return f"{self.id}-said" if not (self.help or self.hint) else f"{self.id}-help {self.id}-said"


@dataclass(frozen=True)
class Sent:
    """What came in. values: answers by key, tidied; uploads: new files by key; errors: a sentence by key."""

    values: Mapping[str, Any]
    uploads: Mapping[str, Sequence[Any]]
    errors: Mapping[str, str]


def drawn_fields(
    fields: Iterable[Field],
    values: Mapping[str, Any] | None = None,
    *,
    prefix: str = "",
    disabled: bool = False,
    hidden: Collection[str] = (),
    errors: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
    files: Mapping[str, Any] | None = None,
    people: Sequence[tuple[str, str]] = (),
) -> list[Drawn]:
    """The fields of a step in the reader's language. prefix: before every name and id; disabled: to look at, as in a preview.

    hidden: keys of fields that do not apply now. files: attachments by their number as text. people: number and name of
    those who may be chosen.
    """
    values, errors, notes = values or {}, errors or {}, notes or {}
    drawn = []
    for one in fields:
        facts = _DRAW.get(one.kind, _plain)(one, values.get(one.key), f"{prefix}{one.key}", files or {}, people)
        drawn.append(
            Drawn(
                key=one.key,
                kind=one.kind.value,
                name=f"{prefix}{one.key}",
                id=f"field-{prefix}{one.key}",
                label=in_language(one.label, one.label_zh),
                help=in_language(one.help, one.help_zh),
                is_required=one.required,
                is_critical=one.critical,
                is_disabled=disabled,
                applies=one.key not in hidden,
                error=errors.get(one.key, ""),
                note=notes.get(one.key, ""),
                **facts,
            )
        )
    return drawn


def read_answers(fields: Iterable[Field], data: Any, files: Any, *, prefix: str = "", only: str = "") -> Sent:
    """The answers among what was sent. A field that was not on the page (its `has` mark is missing) is left alone.

    only: the name of the one field that is meant, though the whole form came along.
    """
    values: dict[str, Any] = {}
    uploads: dict[str, Sequence[Any]] = {}
    errors: dict[str, str] = {}
    on_page = {name for name in data.getlist("has") if not only or name == only}
    for one in fields:
        name = f"{prefix}{one.key}"
        if name not in on_page:
            continue
        if one.kind in UPLOADS:
            uploads[one.key] = files.getlist(f"{name}.upload")
        raw = _raw(one, data, name)
        try:
            values[one.key] = raw if uploads.get(one.key) else engine.check_answer(one, raw).value
        except engine.BadAnswer as error:
            values[one.key], errors[one.key] = raw, _(error.message) % error.params
    return Sent(values, uploads, errors)


def answer_text(one: Field, value: Any, *, files: Mapping[str, Any], people: Mapping[str, str]) -> str:
    """An answer as people read it, on one line; files by name, people by their own."""
    if value is None or value == "":
        return ""
    if one.kind is FieldKind.CHECKBOX:
        return _("Yes") if value else _("No")
    if isinstance(one.settings, ChoiceSettings):
        chosen = value if isinstance(value, list) else [value]
        return listed(in_language(o.label, o.label_zh) for o in one.settings.options if o.key in chosen)
    if one.kind in UPLOADS:
        return listed(files[key].name if key in files else key for key in _listed(value))
    if one.kind is FieldKind.PERSON:
        return people.get(str(value), str(value))
    if isinstance(one.settings, TableSettings):
        lines = [listed(str(cell) for cell in row.values() if cell not in (None, "")) for row in value]
        return listed(lines, are_clauses=True)
    if isinstance(one.settings, RatingSettings):
        return f"{value} / {one.settings.stars}"
    unit = one.settings.unit if isinstance(one.settings, NumberSettings) else ""
    return f"{value} {unit}".strip()


# --- drawing ---------------------------------------------------------------------------------------------------------------
def _plain(one: Field, value: Any, name: str, files: Any, people: Any) -> dict[str, Any]:
    attributes = {}
    if isinstance(one.settings, TextSettings):
        attributes["maxlength"] = str(one.settings.longest)
    if isinstance(one.settings, LinkSettings) and one.settings.target is LinkTarget.ADDRESS:
        attributes |= {"type": "url", "inputmode": "url", "placeholder": "https://"}
    if one.kind is FieldKind.CHECKBOX:
        return {"value": value is True}
    return {"value": "" if value is None else value, "attributes": attributes}


def _number(one: Field, value: Any, name: str, files: Any, people: Any) -> dict[str, Any]:
    settings = one.settings
    assert isinstance(settings, NumberSettings)
    # No type=number: it takes away what it does not understand, and turns with the wheel
    mode = "numeric" if settings.decimals == 0 and (settings.least or 0) >= 0 else "decimal"
    if settings.least is None or settings.least < 0:
        mode = "text"  # phones have no minus on their number pads
    return {
        "value": "" if value is None else value,
        "attributes": {"inputmode": mode},
        "unit": settings.unit,
        "hint": _limits(settings),
    }


def _limits(settings: NumberSettings) -> str:
    least, most = settings.least, settings.most
    facts = {"least": _written(least), "most": _written(most)}
    if least is not None and most is not None:
        return _("From %(least)s to %(most)s") % facts
    if least is not None:
        return _("At least %(least)s") % facts
    return _("At most %(most)s") % facts if most is not None else ""


def _written(number: Any) -> str:
    return "" if number is None else plain_number(number)


def _choice(one: Field, value: Any, name: str, files: Any, people: Any) -> dict[str, Any]:
    assert isinstance(one.settings, ChoiceSettings)
    chosen = value if isinstance(value, list) else [value]
    options = one.settings.options
    return {
        "choices": [Choice(o.key, in_language(o.label, o.label_zh), o.key in chosen) for o in options],
        "value": value,
    }


def _rating(one: Field, value: Any, name: str, files: Any, people: Any) -> dict[str, Any]:
    assert isinstance(one.settings, RatingSettings)
    stars = range(1, one.settings.stars + 1)
    return {"choices": [Choice(str(star), str(star), str(star) == str(value)) for star in stars], "value": value}


def _upload(one: Field, value: Any, name: str, files: Any, people: Any) -> dict[str, Any]:
    kept = [_file(files.get(key), key) for key in _listed(value) if key in files or one.kind is not FieldKind.SIGNATURE]
    attributes = {} if one.kind is FieldKind.FILE else {"accept": "image/*"}
    if one.kind is FieldKind.PHOTO:
        attributes["capture"] = "environment"
    hint = ""
    if isinstance(one.settings, FileSettings):
        attributes |= {"multiple": ""} if one.settings.most > 1 else {}
        hint = _("At most %(most)s") % {"most": one.settings.most} if one.settings.most > 1 else ""
    typed = "" if kept or not isinstance(value, str) else value
    return {"choices": kept, "value": typed, "attributes": attributes, "hint": hint}


def _file(attachment: Any, key: str) -> Choice:
    if attachment is None:
        return Choice(key, key, True)
    is_picture = attachment.content_type.startswith("image/")
    return Choice(key, attachment.name, True, address("organization:attachment", attachment.pk), is_picture)


def _table(one: Field, value: Any, name: str, files: Any, people: Any) -> dict[str, Any]:
    assert isinstance(one.settings, TableSettings)
    columns, given = one.settings.columns, list(value or [])
    spare = max(one.settings.least - len(given), min(SPARE_ROWS, one.settings.most - len(given)), 0)
    rows = [
        [
            Cell(
                f"{name}.{number}.{column.key}",
                f"field-{name}-{number}-{column.key}",
                in_language(column.label, column.label_zh),
                column.kind.value,
                row.get(column.key),
                column.unit,
            )
            for column in columns
        ]
        for number, row in enumerate([*given, *[{} for _empty in range(spare)]])
    ]
    return {"rows": rows, "columns": [in_language(c.label, c.label_zh) for c in columns], "value": len(rows)}


def _person(one: Field, value: Any, name: str, files: Any, people: Any) -> dict[str, Any]:
    return {"choices": [Choice(key, label, key == str(value)) for key, label in people], "value": value}


_DRAW = {
    FieldKind.NUMBER: _number,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choice,
    FieldKind.RATING: _rating,
    FieldKind.PHOTO: _upload,
    FieldKind.FILE: _upload,
    FieldKind.SIGNATURE: _upload,
    FieldKind.TABLE: _table,
    FieldKind.PERSON: _person,
}


# --- reading ---------------------------------------------------------------------------------------------------------------
def _raw(one: Field, data: Any, name: str) -> Any:
    if one.kind in (FieldKind.CHOICES, FieldKind.PHOTO, FieldKind.FILE):
        return data.getlist(name)
    if one.kind is FieldKind.CHECKBOX:
        return name in data
    if isinstance(one.settings, TableSettings):
        return _rows(one.settings, data, name)
    text = data.get(name, "")
    return text.strip() if one.kind is FieldKind.SIGNATURE else text


def _rows(settings: TableSettings, data: Any, name: str) -> list[dict[str, Any]]:
    """Rows in which something stands, in the order of their numbers."""
    start = f"{name}."
    numbers = {key[len(start) :].split(".")[0] for key in data if key.startswith(start)}
    rows = []
    for number in sorted((n for n in numbers if n.isascii() and n.isdecimal() and len(n) < 6), key=int):
        row: dict[str, Any] = {}
        for column in settings.columns:
            cell = f"{start}{number}.{column.key}"
            row[column.key] = cell in data if column.kind is FieldKind.CHECKBOX else data.get(cell, "")
        if any(value for value in row.values()):
            rows.append(row)
    return rows


def _listed(value: Any) -> list[str]:
    if value in (None, ""):
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
