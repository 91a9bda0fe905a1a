"""What all forms of floor 0 share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.models import ModelChoiceIterator
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.models import Department, Position
from organization.models.base import name_key

INDENT = "\u2003"
NOTHING_CHOSEN = "—"
KEPT_WIDGETS = (forms.TextInput, forms.SearchInput, forms.Select)
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


@lru_cache(maxsize=2_000)
def _drawing(*_facts: object) -> list[SafeString]:
    """What a field looks like for these facts; empty until it is drawn."""
    return []


def _as_text(choices: Any) -> tuple[Any, ...]:
    """Choices and groups of choices as plain text, which holds no rows."""
    return tuple(
        (str(value), _as_text(label) if isinstance(label, list | tuple) else str(label)) for value, label in choices
    )


def field_of(form: forms.BaseForm, name: str) -> Any:
    """A field as what it was declared to be: `fields` knows only that it is one, not its choices or queryset."""
    return form.fields[name]


class ActorForm(forms.Form):
    """A form that offers what its actor may see."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(*args, **kwargs)
        self.offer()

    def offer(self) -> None:
        """Fill in the choices that depend on the actor."""


class FilterField(forms.BoundField):
    """A field of a filter form, drawn once for what it shows: the same few stand on every page of every list."""

    def as_field_group(self) -> SafeString:
        """The label and the control, with the errors where there are some."""
        field, widget = self.field, self.field.widget
        if self.errors or type(widget) not in KEPT_WIDGETS:
            return super().as_field_group()
        choices: list[Any] = []
        if isinstance(widget, forms.Select):
            # Read here, once: the widget would ask the database again, as would `list` for their number
            widget.choices = choices = list(iter(widget.choices))
        shown = (
            str(type(self.form)),
            self.html_name,
            get_language(),
            self.auto_id,
            str(field.label),
            str(field.help_text),
        )
        stands = (field.required, field.disabled, repr(self.value()), repr(widget.attrs), _as_text(choices))
        drawing = _drawing(*shown, *stands)
        if not drawing:
            drawing.append(super().as_field_group())
        return drawing[0]


class FilterForm(ActorForm):
    """Filters of a list: none is needed."""

    use_required_attribute = False
    bound_field_class = FilterField


class NamedForm(ActorForm):
    """A name in one language or in both."""

    name = forms.CharField(label=_("Name"), max_length=200)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200, required=False)


class DateInput(forms.DateInput):
    """The browser's own picker; always ISO, whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day within reach of every calendar computation."""

    def __init__(self, **kwargs: Any) -> None:
        limits = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]
        super().__init__(widget=DateInput, validators=limits, **kwargs)


class FewChoices(ModelChoiceIterator):
    """The choices of a short list, read in one statement: a cursor on the server costs three."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from (self.choice(row) for row in self.queryset)


class DepartmentField(forms.ModelChoiceField):
    """A department, indented by its place in the tree."""

    iterator = FewChoices

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Department.objects.none(), **({"empty_label": NOTHING_CHOSEN} | kwargs))

    def label_from_instance(self, obj: Department) -> str:
        return f"{INDENT * obj.depth}{obj.display_name}"

    def offer(self, actor: Actor, codename: str | None = None) -> None:
        """Offer the departments on which the actor holds the permission, or those it sees, in tree order."""
        self.queryset = Department.objects.visible_to(actor, codename).order_by("path")


class PositionField(forms.ModelChoiceField):
    """A position that is not in the bin, with its department where it has one."""

    iterator = FewChoices

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Position.objects.none(), **({"empty_label": NOTHING_CHOSEN} | kwargs))

    def label_from_instance(self, obj: Position) -> str:
        return f"{obj.display_name} · {obj.department.display_name}" if obj.department else obj.display_name

    def offer(self, actor: Actor, *, without: Position | None = None) -> None:
        """Offer the positions that the actor sees, by name; without: all but this one."""
        found = Position.objects.visible_to(actor).filter(deleted_at=None).select_related("department")
        self.queryset = found.exclude(pk=without.pk if without else None).order_by(name_key(), "pk")


def zone_choices(empty_label: Any = None) -> list[tuple[str, Any]]:
    """Every IANA zone by name."""
    names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
    zones: list[tuple[str, Any]] = [(name, name) for name in names]
    return [("", empty_label), *zones] if empty_label is not None else zones
