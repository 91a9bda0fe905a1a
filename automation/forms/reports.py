"""Forms of scheduled reports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from automation.choices import Rhythm
from metrics.forms.ranges import COMPARISONS, RANGES
from metrics.models import Dashboard
from metrics.queries.periods import CUSTOM
from organization.forms.base import FilterForm, NamedForm
from organization.models import Member, Role
from organization.models.base import name_key

FIELDS = ("name", "name_zh", "rhythm", "weekday", "month_day", "at", "period", "comparison", "words", "version")


class ReportFilters(FilterForm):
    """Search of the list."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)


class ReportForm(NamedForm):
    """What is sent, when, and to whom."""

    dashboard = forms.ModelChoiceField(label=_("Dashboard"), queryset=Dashboard.objects.none(), empty_label=None)
    period = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[("", _("As the dashboard shows it")), *(choice for choice in RANGES if choice[0] != CUSTOM)],
    )
    comparison = forms.ChoiceField(label=_("Compared with"), required=False, choices=COMPARISONS)
    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices)
    weekday = forms.TypedChoiceField(
        label=_("On"), choices=list(WEEKDAYS.items()), coerce=int, required=False,
        help_text=_("Counts for a weekly report."),
    )  # fmt: skip
    month_day = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=31, required=False,
        help_text=_("Counts for a monthly report. In shorter months it goes out on the last day."),
    )  # fmt: skip
    at = forms.TimeField(label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    members = forms.ModelMultipleChoiceField(
        label=_("Readers"), queryset=Member.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    roles = forms.ModelMultipleChoiceField(
        label=_("Everybody with the role"),
        queryset=Role.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(
        label=_("A word to the readers"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def offer(self) -> None:
        fields: Any = self.fields
        fields["dashboard"].queryset = Dashboard.objects.visible_to(self.actor).order_by(name_key(), "pk")
        fields["members"].queryset = (
            Member.objects.visible_to(self.actor).filter(is_active=True).order_by("name_pinyin", "pk")
        )
        fields["roles"].queryset = Role.objects.visible_to(self.actor).order_by(name_key(), "pk")

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        facts["month_day"] = facts.get("month_day") or 1
        facts["weekday"] = facts.get("weekday") or 0
        return facts


class ChangeReportForm(ReportForm):
    """Changes to a report as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
