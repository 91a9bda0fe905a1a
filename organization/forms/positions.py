"""Positions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organization.forms.base import (
    NOTHING_CHOSEN,
    ActorForm,
    DepartmentField,
    FilterForm,
    NamedForm,
    PositionField,
    field_of,
)
from organization.models import Position


class PositionFilters(FilterForm):
    """How the list of positions is narrowed."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.SearchInput({"placeholder": _("Name or pinyin")}),
    )
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("All"))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("In use")), ("bin", _("In the bin")), ("all", _("All"))],
    )

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)


class PositionForm(NamedForm):
    """What a position is called, and where it is."""

    department = DepartmentField(label=_("Department"), required=False, empty_label=_("Any department"))
    description = forms.CharField(
        label=_("Description"), required=False, max_length=500, widget=forms.Textarea({"rows": 3})
    )

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)


class ChangePositionForm(PositionForm):
    """Changes to a position as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class MergePositionForm(ActorForm):
    """Which position takes the place of this one."""

    into = PositionField(label=_("Merge into"), empty_label=NOTHING_CHOSEN)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, position: Position, **kwargs: Any) -> None:
        self.position = position
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        field_of(self, "into").offer(self.actor, without=self.position)
