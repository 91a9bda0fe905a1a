"""Figures entered by hand: the cells of a grid, waiving a period, and plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.choices import Aggregation, Direction, GrainCode, Unit
from metrics.engine.entry_figures import Refused, read_figure
from metrics.models import DatasetColumn
from metrics.queries.entries import is_percent
from metrics.queries.entry_words import refusal_sentence
from metrics.services.entries import LONGEST_REASON, Cell
from metrics.services.entry_plans import TOGETHER
from organization.forms.base import NOTHING_CHOSEN, ActorForm, DayField, DepartmentField, NamedForm, field_of
from organization.models import Department, Member, Role

LONGEST_FIGURE = 60


@dataclass(frozen=True)
class Sent:
    """A cell as it was sent. problem: why its text is no figure; the cell is then None."""

    key: str
    text: str
    cell: Cell | None
    problem: str = ""


def sent_cells(data: Mapping[str, Any], columns: Iterable[DatasetColumn]) -> list[Sent]:
    """The cells of a form: fields `v.<cell>` with the text and `s.<cell>` with the version that was seen."""
    by_id = {column.pk: column for column in columns}
    return [
        _sent(name[2:], str(data[name])[:LONGEST_FIGURE], str(data.get(f"s.{name[2:]}", "")), by_id)
        for name in data
        if name.startswith("v.")
    ]


def place_in_key(key: str) -> tuple[int, int | None, date] | None:
    """Column, department and first day that a cell's key names; None for any other text."""
    parts = key.split(".")
    try:
        column_id, department_id, starts_on = int(parts[0]), int(parts[1]) or None, date.fromisoformat(parts[2])
    except (ValueError, IndexError):
        return None
    if column_id >= 2**63 or (department_id or 0) >= 2**63:
        return None
    return column_id, department_id, starts_on


def _sent(key: str, text: str, version: str, by_id: Mapping[int, DatasetColumn]) -> Sent:
    place = place_in_key(key)
    column = by_id.get(place[0]) if place else None
    if place is None or column is None:
        return Sent(key, text, None, str(_("There is no such cell.")))
    value = read_figure(text, is_percent=is_percent(column))
    if isinstance(value, Refused):
        return Sent(key, text, None, refusal_sentence(value, column))
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 19 else 0
    return Sent(key, text, Cell(*place, value, number))


class ReasonForm(forms.Form):
    """Why there is nothing to enter in a period."""

    reason = forms.CharField(label=_("Why there is nothing to enter"), max_length=LONGEST_REASON)


class EntererForm(ActorForm):
    """Who enters the figures, and by when."""

    member = forms.ModelChoiceField(
        label=_("Entered by"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=NOTHING_CHOSEN,
        help_text=_("One person, or below a role."),
    )
    role = forms.ModelChoiceField(
        label=_("Or by whoever has the role"), queryset=Role.objects.none(), required=False, empty_label=NOTHING_CHOSEN
    )
    role_department = DepartmentField(label=_("Role in"), required=False, empty_label=_("The whole organization"))
    due_days = forms.IntegerField(
        label=_("Due after"),
        min_value=0,
        max_value=250,
        initial=3,
        help_text=_("Working days after the end of a period by which its figures should be there."),
    )

    def offer(self) -> None:
        super().offer()
        members = Member.objects.visible_to(self.actor).filter(is_active=True).order_by("name_pinyin", "pk")
        field_of(self, "member").queryset = members
        field_of(self, "role").queryset = Role.objects.order_by("pk")
        field_of(self, "role_department").offer(self.actor)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if not self.errors and bool(facts.get("member")) == bool(facts.get("role")):
            self.add_error("member", _("Choose the person or the role that enters the figures."))
        return facts


class ChangePlanForm(EntererForm):
    """Changes to a plan as somebody saw it."""

    is_active = forms.BooleanField(label=_("In use"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class EnteredKpiForm(EntererForm, NamedForm):
    """A new KPI whose figures people enter."""

    field_order = (
        "name", "name_zh", "key", "unit", "decimals", "direction", "grain", "starts_on", "together", "department",
        "places", "lowest", "highest", "member", "role", "role_department", "due_days",
    )  # fmt: skip

    key = forms.SlugField(label=_("Short name"), max_length=60, help_text=_("Formulas of other KPIs use it."))
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices)
    decimals = forms.IntegerField(label=_("Decimal places"), min_value=0, max_value=6, initial=0)
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction.choices)
    grain = forms.TypedChoiceField(
        label=_("Entered every"), choices=GrainCode.choices[1:], coerce=int, initial=GrainCode.MONTH
    )
    starts_on = DayField(label=_("First period"), help_text=_("Any day in it."))
    together = forms.ChoiceField(
        label=_("Longer periods show"),
        choices=[(kind.value, kind.label) for kind in TOGETHER],
        initial=Aggregation.SUM,
        help_text=_("How the figures of several periods, or of several departments, become one."),
    )
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("The whole organization"))
    places = forms.ModelMultipleChoiceField(
        label=_("A figure for each of these departments"),
        queryset=Department.objects.none(),
        required=False,
        help_text=_("Choose none for one figure for the whole."),
    )
    lowest = forms.CharField(label=_("Never below"), max_length=40, required=False)
    highest = forms.CharField(label=_("Never above"), max_length=40, required=False)

    def offer(self) -> None:
        super().offer()
        field_of(self, "department").offer(self.actor)
        departments = Department.objects.visible_to(self.actor).filter(is_active=True).order_by("path")
        field_of(self, "places").queryset = departments

    def clean_lowest(self) -> Decimal | None:
        return self._bound("lowest")

    def clean_highest(self) -> Decimal | None:
        return self._bound("highest")

    def _bound(self, name: str) -> Decimal | None:
        value = read_figure(self.cleaned_data[name], is_percent=self.data.get("unit") == Unit.PERCENT)
        if isinstance(value, Refused):
            raise forms.ValidationError(_("This is not a number. Enter digits, such as 1234.5."))
        return value
