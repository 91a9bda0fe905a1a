"""Datasets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.choices import Unit
from metrics.forms.kpis import TEXTAREA
from metrics.models import Dataset
from organization.forms.base import NamedForm


class DeriveForm(NamedForm):
    """A measure computed from others of the same row."""

    key = forms.RegexField(
        r"^[a-z][a-z0-9_]*$",
        label=_("Short name"),
        max_length=60,
        help_text=_("Small letters, digits and _; expressions name it so."),
    )
    expression = forms.CharField(label=_("Computed as"), max_length=2000, strip=False, widget=forms.Textarea(TEXTAREA))
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices)

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        self.dataset = dataset
        super().__init__(*args, **kwargs)

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if self.dataset.columns.filter(key=key).exists():
            raise forms.ValidationError(_("The dataset has a column of this short name already."))
        return key
