"""Departments and their duties."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organization.forms.base import (
    NOTHING_CHOSEN,
    ActorForm,
    DayField,
    DepartmentField,
    FilterForm,
    NamedForm,
    field_of,
)
from organization.models import Department, Member, WorkCalendar
from organization.models.base import name_key

EXTRA_DUTIES = 3


class DepartmentFilters(FilterForm):
    """The search of the department list."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)


class DepartmentForm(NamedForm):
    """What a department is called, who leads it, and by which calendar it works."""

    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Short and unique; imports find the department by it.")
    )
    head = forms.ModelChoiceField(
        label=_("Head"), queryset=Member.objects.none(), required=False, empty_label=NOTHING_CHOSEN
    )
    calendar = forms.ModelChoiceField(
        label=_("Working calendar"),
        queryset=WorkCalendar.objects.none(),
        required=False,
        empty_label=_("As the department above"),
    )

    def offer(self) -> None:
        field_of(self, "head").queryset = (
            Member.objects.visible_to(self.actor).filter(is_active=True).order_by("name_pinyin", "pk")
        )
        field_of(self, "calendar").queryset = WorkCalendar.objects.visible_to(self.actor).order_by(name_key())


class NewDepartmentForm(DepartmentForm):
    """A department with its place in the tree."""

    parent = DepartmentField(label=_("Part of"), required=False, empty_label=_("The whole organization"))

    field_order = ("name", "name_zh", "code", "parent", "head", "calendar")

    def offer(self) -> None:
        super().offer()
        field_of(self, "parent").offer(self.actor, "organization.department.edit")


class ChangeDepartmentForm(DepartmentForm):
    """Changes to a department as somebody saw it."""

    is_active = forms.BooleanField(label=_("In use"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class MoveDepartmentForm(ActorForm):
    """Where a department shall stand."""

    parent = DepartmentField(label=_("Part of"), required=False, empty_label=_("The whole organization"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        self.department = department
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        field = self.fields["parent"]
        field.offer(self.actor, "organization.department.edit")  # type: ignore[attr-defined]
        path = self.department.path
        field.queryset = field.queryset.exclude(path__gte=path, path__lt=path[:-1] + "0")  # type: ignore[attr-defined]


class DropForm(MoveDepartmentForm):
    """Where it was dropped: any department that the actor may change; that it is no circle is seen by the service."""

    def offer(self) -> None:
        field_of(self, "parent").offer(self.actor, "organization.department.edit")


class SeenForm(forms.Form):
    """What the editor of several lines saw: the version of what they belong to."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class DutyForm(ActorForm):
    """One thing that a department answers for; a line without a name is left out."""

    name = forms.CharField(label=_("Duty"), max_length=200, required=False)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200, required=False)
    description = forms.CharField(
        label=_("What it includes"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Member.objects.none(), required=False, empty_label=NOTHING_CHOSEN
    )

    def offer(self) -> None:
        field_of(self, "owner").queryset = (
            Member.objects.visible_to(self.actor).filter(is_active=True).order_by("name_pinyin", "pk")
        )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if not facts.get("name") and any(facts.values()):
            self.add_error("name", _("Name the duty, or empty the whole line."))
        return facts


DutyFormSet = forms.formset_factory(DutyForm, extra=EXTRA_DUTIES, max_num=100, absolute_max=100)


class DayForm(forms.Form):
    """On which day."""

    on = DayField(label=_("As it was on"))
