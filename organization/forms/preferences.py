"""How a person likes the screens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organization.choices import Density, Language, Theme
from organization.forms.base import ActorForm, field_of, zone_choices

ROWS = (25, 50, 100, 200)


class PreferencesForm(ActorForm):
    """Kept with the account: the same on every device and in every organization."""

    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("In which zone you read when something happened. Days of figures stay the organization's own."),
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, required=False)
    density = forms.ChoiceField(label=_("Density"), choices=Density.choices, required=False)
    rows_per_page = forms.TypedChoiceField(
        label=_("Rows of a list"), coerce=int, choices=[(number, str(number)) for number in ROWS]
    )
    uses_keys = forms.BooleanField(
        label=_("Single-key shortcuts"), required=False, help_text=_("Press ? on any page to see them.")
    )

    def offer(self) -> None:
        zones = zone_choices(_("The organization's own"))
        field_of(self, "timezone").choices = zones


class LookForm(forms.Form):
    """One choice of the menu in the frame."""

    theme = forms.ChoiceField(choices=Theme.choices, required=False)
    density = forms.ChoiceField(choices=Density.choices, required=False)
    uses_keys = forms.TypedChoiceField(choices=[("1", ""), ("0", "")], coerce=lambda text: text == "1", required=False)

    def chosen(self) -> dict[str, Any]:
        """What was sent, and nothing else."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}
