"""Forms that start a run and that end one before its time."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from organization.forms.base import NOTHING_CHOSEN, ActorForm, DepartmentField, field_of


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class StartForm(ActorForm):
    """What a run is about, whose it is and until when; all of it may be left to the text."""

    title = forms.CharField(
        label=_("What it is about"),
        max_length=200,
        required=False,
        help_text=_("Tells this run from others of the same SOP. Empty for the name of the SOP."),
    )
    department = DepartmentField(label=_("Department"), required=False, empty_label=NOTHING_CHOSEN)
    due_at = forms.DateTimeField(
        label=_("Due"), required=False, widget=MomentInput, help_text=_("Empty for what the SOP says.")
    )

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)


class CancelForm(forms.Form):
    """Why a run ends before its time."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
