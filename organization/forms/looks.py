"""How the product looks in an organization."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class BrandForm(forms.Form):
    """Name and colour; both may stay empty."""

    brand_name = forms.CharField(
        label=_("Name in the navigation"),
        max_length=24,
        required=False,
        help_text=_("Stands above the menu in place of “Ops Platform”. At most 24 letters."),
    )
    accent = forms.RegexField(
        label=_("Colour"),
        regex=r"^#?[0-9A-Fa-f]{6}$",
        required=False,
        help_text=_("Six digits such as #3355d0, for links, buttons and marks. Empty: the product’s own blue."),
        error_messages={"invalid": _("A colour is # and six digits or letters from a to f, such as #3355d0.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_accent(self) -> str:
        text = self.cleaned_data["accent"].lower()
        return f"#{text.removeprefix('#')}" if text else ""


class LookForm(BrandForm):
    """With the logo, which may be missing too."""

    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP. It is drawn anew, at most 512 pixels wide and high."),
    )
    without_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
