"""Confirming what cannot be taken back."""

from __future__ import annotations

from django import forms


class ConfirmForm(forms.Form):
    """Nothing to fill in: pressing the button is the answer, and refusals have a place to stand."""
