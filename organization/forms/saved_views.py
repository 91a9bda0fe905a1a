"""The shape of a saved view."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ViewForm(forms.Form):
    """A name, and whether everybody gets it."""

    name = forms.CharField(label=_("Name of the view"), max_length=60)
    is_shared = forms.BooleanField(label=_("For everybody"), required=False)


class NewViewForm(ViewForm):
    """The list and what its address says."""

    list_name = forms.CharField(max_length=100)
    query = forms.CharField(max_length=5000, required=False)
