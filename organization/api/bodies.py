"""JSON bodies by the forms of the pages: what a page takes, and refuses, the API takes and refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from organization.api.problems import BadBody, Unacceptable

MOST_ITEMS = 1_000
LONGEST_LIST_OF_CHOICES = 40
WIDEST = 2**63
SEEN = "version"
Place = dict[str, Any]


class WrongType(ValueError):
    """A value of another JSON type than the field takes; the text says which it takes."""


def body_schema(form: type[forms.Form], *, is_partial: bool = False, without: Iterable[str] = ()) -> dict[str, Any]:
    """JSON schema of the body that `facts_from` takes. is_partial: what is not sent stays."""
    fields = {name: field for name, field in form.base_fields.items() if name not in without}
    required = [] if is_partial else [name for name, field in fields.items() if field.required and name != SEEN]
    found: dict[str, Any] = {
        "type": "object",
        "properties": {name: field_schema(field) for name, field in fields.items()},
        "additionalProperties": False,
    }
    if required:
        found["required"] = required
    return found


def field_schema(field: forms.Field) -> dict[str, Any]:
    """JSON schema of one field of a form."""
    found = _kind(field)
    if not field.required and not isinstance(field, forms.BooleanField | forms.MultipleChoiceField):
        kind = found["type"]
        found["type"] = [*kind, "null"] if isinstance(kind, list) else [kind, "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    words = ": ".join(str(text) for text in (field.label, field.help_text) if text)
    return found | ({"description": words} if words else {})


def facts_from(
    body: Any, form: type[Any], *, row: Any = None, seen: int | None = None, **options: Any
) -> dict[str, Any]:
    """The cleaned values that were sent, judged by `form`, which is made with `options`.

    row: the object that is changed; what is not sent is taken from it for the judgement, and stays. seen: the version
    from `If-Match`, where the form has one. Raises BadBody for a body of another shape, Unacceptable for one that the
    form refuses.
    """
    sent = _sent(body, form.base_fields, seen)
    data: MultiValueDict[str, Any] = MultiValueDict()
    if row is not None:
        for name in form.base_fields:
            if name != SEEN and hasattr(row, name):
                data.setlist(name, _written(getattr(row, name)))
    wrong: list[Place] = []
    for name, value in sent.items():
        try:
            data.setlist(name, typed(form.base_fields[name], value))
        except WrongType as error:
            wrong.append({"field": name, "reason": str(error)})
    if wrong:
        raise BadBody(wrong)
    made = form(data, **options)
    made.is_valid()
    counted = set(form.base_fields) if row is None else {*sent, "__all__"}
    found = [
        {"field": "" if name == "__all__" else name, "reason": str(reason)}
        for name, reasons in made.errors.items()
        if name in counted or name == "__all__"
        for reason in reasons
    ]
    if found:
        raise Unacceptable(found)
    names = made.cleaned_data if row is None else sent
    return {name: made.cleaned_data[name] for name in names}


def typed(field: forms.Field, value: Any) -> list[str]:
    """What a browser would have sent for the JSON value. Raises WrongType."""
    if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise WrongType(_("This is a list."))
        kind = _number if isinstance(field, forms.ModelMultipleChoiceField) else _text
        return [kind(item) for item in value]
    if isinstance(field, forms.BooleanField):
        if not isinstance(value, bool):
            raise WrongType(_("This is true or false."))
        return [str(value).lower()]
    if value is None:
        if field.required:
            raise WrongType(_("This cannot be null."))
        return [""]
    return [_reader(field)(value)]


def _reader(field: forms.Field) -> Callable[[Any], str]:
    if isinstance(field, forms.DecimalField | forms.FloatField):
        return _figure
    is_number = isinstance(field, forms.IntegerField | forms.ModelChoiceField)
    return _number if is_number or getattr(field, "coerce", None) is int else _text


def _kind(field: forms.Field) -> dict[str, Any]:
    if isinstance(field, forms.BooleanField):
        return {"type": "boolean"}
    if isinstance(field, forms.ModelMultipleChoiceField):
        return {"type": "array", "items": {"type": "integer"}, "maxItems": MOST_ITEMS}
    if isinstance(field, forms.MultipleChoiceField):
        return {"type": "array", "items": {"type": "string"}, "maxItems": MOST_ITEMS}
    if isinstance(field, forms.ModelChoiceField):
        return {"type": "integer"}
    if isinstance(field, forms.DecimalField):
        return {"type": ["string", "number"]}
    if isinstance(field, forms.IntegerField):
        limits: Any = field
        return {"type": "integer"} | _bounds(minimum=limits.min_value, maximum=limits.max_value)
    if isinstance(field, forms.ChoiceField):
        return _choice(field)
    return _text_kind(field)


def _choice(field: Any) -> dict[str, Any]:
    kind = "integer" if getattr(field, "coerce", None) is int else "string"
    values = [value for value, _label in field.choices]
    if not values or len(values) > LONGEST_LIST_OF_CHOICES:
        return {"type": kind}
    if kind == "integer":
        return {"type": kind, "enum": [int(value) for value in values if value != ""]}
    return {"type": kind, "enum": [str(value) for value in values]}


def _text_kind(field: forms.Field) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string"}
    if isinstance(field, forms.DateField):
        return found | {"format": "date"}
    if isinstance(field, forms.EmailField):
        found["format"] = "email"
    if isinstance(field, forms.SlugField):
        found["pattern"] = "^[-a-zA-Z0-9_]+$"
    elif isinstance(field, forms.RegexField):
        found["pattern"] = field.regex.pattern
    return found | _bounds(maxLength=getattr(field, "max_length", None), minLength=1 if field.required else None)


def _bounds(**limits: int | None) -> dict[str, int]:
    return {name: limit for name, limit in limits.items() if limit is not None}


def _sent(body: Any, fields: Mapping[str, forms.Field], seen: int | None) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise BadBody([{"field": "", "reason": _("The body is a JSON object.")}])
    unknown = sorted(set(body) - set(fields))
    if unknown:
        raise BadBody([{"field": name[:100], "reason": _("There is no such member here.")} for name in unknown[:20]])
    sent = dict(body)
    if SEEN in fields and seen is not None:
        sent[SEEN] = seen
    return sent


def _number(value: Any) -> str:
    # Its size comes first: 1e999999999 made whole would be a gigabyte of digits
    is_small = isinstance(value, int | Decimal) and not isinstance(value, bool) and -WIDEST < value < WIDEST
    if not is_small or value != int(value):
        raise WrongType(_("This is a whole number."))
    return str(int(value))


def _figure(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise WrongType(_("This is a number, or its digits as text."))
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongType(_("This is a text."))
    return value


def _written(value: Any) -> list[str]:
    if value is None:
        return [""]
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, Model):
        return [str(value.pk)]
    if isinstance(value, datetime | date | time):
        return [value.isoformat()]
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [str(value)]
