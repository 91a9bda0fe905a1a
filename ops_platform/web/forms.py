"""How Django's forms are drawn: `{{ form }}` and `{{ field.as_field_group }}` come out as components."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Set as FORM_RENDERER. Widgets stay Django's; label, help and errors are `components/field.html`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


def row_number(text: str) -> int | None:
    """The id of a row as an address or a hidden field gives it, None for anything else.

    `isdigit` alone is not enough: "²" is a digit that `int` refuses.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
