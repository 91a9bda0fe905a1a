"""Notes on charts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.choices import AnnotationKind
from metrics.models import Kpi
from metrics.queries.annotations import object_at
from organization.forms.base import ActorForm, DayField

ONE, DEPARTMENT, ALL = "kpi", "department", "all"


class AnnotationForm(ActorForm):
    """What happened when, and what it links to."""

    text = forms.CharField(label=_("What happened"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=AnnotationKind.choices, initial=AnnotationKind.NOTE)
    first_on = DayField(label=_("On"))
    last_on = DayField(label=_("Until"), required=False, help_text=_("Where it lasted longer than a day."))
    link = forms.CharField(
        label=_("Link"),
        max_length=500,
        required=False,
        help_text=_("The address of a page here, such as a dashboard, a dataset or another KPI."),
    )

    def clean_link(self) -> Any:
        address = self.cleaned_data["link"].strip()
        found = object_at(self.actor, address) if address else None
        if address and found is None:
            raise forms.ValidationError(_("There is no such page, or it is not open to you."))
        return found


class NewAnnotationForm(AnnotationForm):
    """With the charts on which it stands. kpis: those to choose from, the first one chosen."""

    def __init__(self, *args: Any, kpis: list[Kpi], is_wide: bool, **kwargs: Any) -> None:
        self.kpis, self.is_wide = kpis, is_wide
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        choices: list[tuple[str, Any]] = [(str(kpi.pk), kpi.display_name) for kpi in self.kpis]
        departments = {kpi.department.pk: kpi.department for kpi in self.kpis if kpi.department}
        choices += [
            (f"{DEPARTMENT}-{pk}", _("All KPIs of %(department)s") % {"department": row.display_name})
            for pk, row in departments.items()
        ]
        if self.is_wide:
            choices.append((ALL, _("Every KPI")))
        self.fields["place"] = forms.ChoiceField(label=_("Stands on the charts of"), choices=choices)


class ChangeAnnotationForm(AnnotationForm):
    """Changes to a note as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
