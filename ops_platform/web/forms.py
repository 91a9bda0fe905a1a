"""How Django's forms are drawn: `{{ form }}` and `{{ field.as_field_group }}` come out as components."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Set as FORM_RENDERER. Widgets stay Django's; label, help and errors are `components/field.html`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
