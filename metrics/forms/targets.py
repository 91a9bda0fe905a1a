"""The grid of targets: a line a period."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.choices import Direction, GrainCode, MarginKind, Unit
from metrics.models import Kpi
from metrics.services.targets import TargetSpec
from organization.engine.periods import Period
from organization.forms.base import ActorForm, DepartmentField, field_of

HUNDRED = Decimal(100)


class TargetPlaceForm(ActorForm):
    """Whose targets, per what, and of which year: in the address."""

    use_required_attribute = False

    grain = forms.TypedChoiceField(label=_("Per"), choices=GrainCode.choices[1:], coerce=int, required=False)
    department = DepartmentField(label=_("For"), required=False, empty_label=_("The whole"))
    year = forms.IntegerField(label=_("Year"), min_value=1900, max_value=2200, required=False)

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)


class TargetGridForm(ActorForm):
    """A line a period: a target from here on, or empty to go on as before. Percentages are entered as such."""

    version = forms.CharField(widget=forms.HiddenInput, max_length=64)
    margin_kind = forms.ChoiceField(label=_("Margins"), choices=MarginKind.choices)
    warning_margin = forms.DecimalField(
        label=_("Warning within"),
        min_value=0,
        max_digits=20,
        decimal_places=6,
        required=False,
        help_text=_("Missed by no more than this is a warning, by more is off track."),
    )

    def __init__(self, *args: Any, kpi: Kpi, periods: Sequence[Period], **kwargs: Any) -> None:
        self.kpi, self.periods = kpi, periods
        self.bounds = ("low", "high") if kpi.direction == Direction.IN_RANGE else ("value",)
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        labels = {"value": _("Target"), "low": _("Lowest"), "high": _("Highest")}
        for period in self.periods:
            for bound in self.bounds:
                self.fields[f"{bound}_{period.first_on}"] = forms.DecimalField(
                    label=labels[bound], required=False, max_digits=20, decimal_places=6
                )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        for period in self.periods:
            low, high = facts.get(f"low_{period.first_on}"), facts.get(f"high_{period.first_on}")
            if low is not None and high is not None and low > high:
                self.add_error(f"low_{period.first_on}", _("The lowest value stands above the highest."))
        return facts

    def targets(self) -> list[TargetSpec]:
        """What the lines say, as the store keeps it: ratios from 0 to 1."""
        return [
            TargetSpec(period.first_on, **{bound: self._stored(f"{bound}_{period.first_on}") for bound in self.bounds})
            for period in self.periods
        ]

    def margin(self) -> Decimal:
        """The margin as the store keeps it."""
        entered: Decimal = self.cleaned_data.get("warning_margin") or Decimal(0)
        is_share = self.cleaned_data["margin_kind"] == MarginKind.RELATIVE or self.kpi.unit == Unit.PERCENT
        return entered / HUNDRED if is_share else entered

    def _stored(self, name: str) -> Decimal | None:
        entered: Decimal | None = self.cleaned_data.get(name)
        return entered / HUNDRED if entered is not None and self.kpi.unit == Unit.PERCENT else entered


def entered(value: Decimal | None, *, is_share: bool) -> Decimal | None:
    """What the form shows for what the store keeps, without trailing noughts."""
    if value is None:
        return None
    shown = value * HUNDRED if is_share else value
    return Decimal(f"{shown.normalize():f}")
