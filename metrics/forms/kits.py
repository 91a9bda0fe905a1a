"""Correcting which column is what before a starter kit is applied."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.kits import Kit
from metrics.models import Dataset


class KitForm(forms.Form):
    """One choice a part of the kit, among the columns that can be it."""

    def __init__(self, *args: Any, kit: Kit, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = list(dataset.columns.all())
        for part in kit.parts:
            fitting = [(column.key, column.display_name) for column in columns if column.role in part.roles]
            self.fields[part.key] = forms.ChoiceField(
                label=part.label, choices=[("", _("None")), *fitting], required=False
            )
