"""Filters of the runs, and what is asked before something is done with many of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.forms.base import NOTHING_CHOSEN, ActorForm, DepartmentField, FilterForm, field_of
from organization.models import Member
from processes.choices import Lane, RunState
from processes.forms.sops import people
from processes.forms.starting import CancelForm
from processes.models import Sop


class BoardFilters(FilterForm):
    """Whose runs, and of which SOP."""

    department = DepartmentField(label=_("Department"), required=False, empty_label=_("All"))
    sop = forms.ModelChoiceField(label=_("SOP"), queryset=Sop.objects.none(), required=False, empty_label=_("All"))

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)
        field_of(self, "sop").queryset = Sop.objects.visible_to(self.actor).order_by("name_key", "pk")


class RunFilters(BoardFilters):
    """Those of the board, a search, the state, and the lane of the board."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), *((one.value, one.label) for one in RunState)]
    )
    lane = forms.ChoiceField(
        label=_("On the board"), required=False, choices=[("", _("All")), *((one.value, one.label) for one in Lane)]
    )

    field_order = ("q", "department", "sop", "state", "lane")


class GiveRunForm(ActorForm):
    """To whom the open steps of runs go."""

    to = forms.ModelChoiceField(label=_("Give to"), queryset=Member.objects.none(), empty_label=NOTHING_CHOSEN)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def offer(self) -> None:
        field_of(self, "to").queryset = people(self.actor)


def give_form(actor: Actor, data: Any) -> GiveRunForm:
    """To whom many runs go."""
    return GiveRunForm(data, actor=actor)


def cancel_form(_actor: Actor, data: Any) -> CancelForm:
    """Why many runs end."""
    return CancelForm(data)
