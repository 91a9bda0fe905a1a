"""Forms about the data as a whole."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext

from organization.queries.retention import Kept


class TypedForm(forms.Form):
    """A name typed by hand, before what cannot be taken back."""

    typed = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, data: Any = None, *, label: Any, wanted: str) -> None:
        super().__init__(data)
        self.fields["typed"].label = label
        self.fields["typed"].help_text = gettext("Type: %(text)s") % {"text": wanted}


class EraseForm(TypedForm):
    """The person's name, and the state that was looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, version: int, **options: Any) -> None:
        super().__init__(data, **options)
        self.initial["version"] = version


class RetentionForm(forms.Form):
    """Days for each rule; empty for the installation's own."""

    def __init__(self, data: Any = None, *, kept: list[Kept]) -> None:
        super().__init__(data)
        for each in kept:
            rule = each.rule
            most = rule.most or None
            own = gettext("%(days)s days") % {"days": rule.most} if rule.most else gettext("for ever")
            limits = (
                gettext("From %(least)s to %(most)s days.") % {"least": rule.least, "most": most}
                if most
                else gettext("At least %(least)s days.") % {"least": rule.least}
            )
            self.fields[rule.key] = forms.IntegerField(
                label=rule.label,
                required=False,
                min_value=rule.least,
                max_value=most or 36_500,
                initial=each.chosen,
                help_text=f"{gettext('Empty: %(own)s.') % {'own': own}} {limits}",
            )
