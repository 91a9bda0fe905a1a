"""Settings, tokens, and the filters of trail and events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organization.choices import Language, Pillar
from organization.forms.base import NOTHING_CHOSEN, ActorForm, DayField, FilterForm, NamedForm, field_of, zone_choices
from organization.models import Member
from organization.permissions import all_permissions
from organization.queries.audit import verb_choices
from organization.queries.kinds import kinds

LONGEST_DAYS = 366


class SettingsForm(NamedForm):
    """What the organization decides for everybody in it."""

    timezone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Days begin at its midnight. Changing it computes all KPIs anew.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    currency = forms.RegexField(
        label=_("Currency"), regex=r"^[A-Za-z]{3}$", help_text=_("Three letters, such as CNY, EUR or USD.")
    )
    week_starts_on = forms.TypedChoiceField(
        label=_("First day of the week"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        help_text=_("Changing it computes all KPIs anew."),
    )
    fiscal_year_starts_month = forms.TypedChoiceField(
        label=_("First month of the fiscal year"),
        coerce=int,
        choices=list(MONTHS.items()),
        help_text=_("Changing it computes all KPIs anew."),
    )

    hidden_pillars = forms.MultipleChoiceField(
        label=_("Left out of the menu"),
        choices=Pillar.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For everybody. Rights and figures stay as they are, and links still work."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def offer(self) -> None:
        field_of(self, "timezone").choices = zone_choices()

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()


class TokenForm(ActorForm):
    """A key for a machine: for whom, for what, for how long."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("What will use it: “Shop export”."))
    member = forms.ModelChoiceField(label=_("Acts for"), queryset=Member.objects.none(), empty_label=NOTHING_CHOSEN)
    codenames = forms.MultipleChoiceField(
        label=_("May do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than the member may do at the moment of the call."),
    )
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=LONGEST_DAYS, initial=90)

    def offer(self) -> None:
        field_of(self, "member").queryset = (
            Member.objects.visible_to(self.actor).filter(is_active=True).order_by("name_pinyin", "pk")
        )
        field_of(self, "codenames").choices = [
            (permission.codename, permission.label)
            for permission in all_permissions()
            if self.actor.holds(permission.codename)
        ]

    @property
    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        return self.lasting(self.cleaned_data)

    @staticmethod
    def lasting(values: Mapping[str, Any]) -> dict[str, Any]:
        """The cleaned values with the instant at which their days are over."""
        others = {name: value for name, value in values.items() if name != "days"}
        return others | {"expires_at": timezone.now() + timedelta(days=values["days"])}


class PeriodForm(forms.Form):
    """From when until when; both may be left open."""

    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)


class AuditFilters(FilterForm):
    """How the trail is narrowed."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.SearchInput({"placeholder": _("Name, or a text in the details")}),
        help_text=_("Names are found in the whole trail, other texts among the newest 20,000 entries of the filter."),
    )
    by = forms.ModelChoiceField(
        label=pgettext_lazy("audit", "By whom"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=_("All"),
    )
    verb = forms.ChoiceField(label=_("What"), required=False)
    object_type = forms.ChoiceField(label=pgettext_lazy("audit", "Of what"), required=False)
    object_id = forms.IntegerField(label=pgettext_lazy("audit", "Number"), required=False, min_value=1, max_value=2**62)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)

    def offer(self) -> None:
        field_of(self, "by").queryset = Member.objects.visible_to(self.actor).order_by("name_pinyin", "pk")
        field_of(self, "verb").choices = [("", _("All")), *verb_choices()]
        field_of(self, "object_type").choices = [
            ("", _("All")),
            *((label, kind.label) for label, kind in kinds().items()),
        ]
