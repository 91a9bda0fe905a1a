"""Which stretch of time, by which grain and against what: the controls above every chart, in the address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.choices import GrainCode
from metrics.queries.periods import ALL, CUSTOM, Asked
from organization.engine.named_ranges import NamedRange
from organization.engine.periods import Grain
from organization.forms.base import DayField, field_of

RANGES = (
    (NamedRange.TODAY, _("Today")),
    (NamedRange.YESTERDAY, _("Yesterday")),
    (NamedRange.THIS_WEEK, _("This week")),
    (NamedRange.LAST_WEEK, _("Last week")),
    (NamedRange.THIS_MONTH, _("This month")),
    (NamedRange.LAST_MONTH, _("Last month")),
    (NamedRange.THIS_QUARTER, _("This quarter")),
    (NamedRange.LAST_QUARTER, _("Last quarter")),
    (NamedRange.THIS_YEAR, _("This year")),
    (NamedRange.LAST_YEAR, _("Last year")),
    (NamedRange.LAST_7_DAYS, _("7 days")),
    (NamedRange.LAST_30_DAYS, _("30 days")),
    (NamedRange.LAST_90_DAYS, _("90 days")),
    (NamedRange.LAST_12_MONTHS, _("12 months")),
    (ALL, _("All data")),
    (CUSTOM, _("From … to …")),
)
COMPARISONS = (("", _("Nothing")), ("previous", _("The time before")), ("year", _("A year earlier")))
ANCHORS = (("", _("As fits the data")), ("today", _("Today")), ("data", _("The newest data")))


class RangeForm(forms.Form):
    """The controls. What makes no sense in an address is left out, with its error shown."""

    use_required_attribute = False

    range = forms.ChoiceField(label=_("Period"), choices=RANGES, required=False)
    grain = forms.ChoiceField(label=_("By"), required=False)
    compare = forms.ChoiceField(label=_("Compared with"), choices=COMPARISONS, required=False)
    anchor = forms.ChoiceField(label=_("Seen from"), choices=ANCHORS, required=False)
    first_on = DayField(label=_("From"), required=False)
    last_on = DayField(label=_("To"), required=False)
    known = DayField(label=_("As known on"), required=False)

    def __init__(
        self, data: Any = None, *, default_range: str, grains: Iterable[Grain] = Grain, own_grain_label: Any = ""
    ) -> None:
        self.default_range = default_range
        super().__init__(data, initial={"range": default_range})
        labels = {code.name.lower(): code.label for code in GrainCode}
        choices: list[tuple[str, Any]] = [(grain.value, labels[grain.value]) for grain in grains]
        field_of(self, "grain").choices = [("", own_grain_label), *choices]
        self.is_valid()
        if self.is_bound and not self.data.get("range"):
            given = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            given["range"] = default_range
            self.data = given

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        first_on, last_on = facts.get("first_on"), facts.get("last_on")
        if facts.get("range") == CUSTOM and not (first_on and last_on):
            self.add_error("first_on", _("Give both days."))
        if first_on and last_on and first_on > last_on:
            self.add_error("last_on", _("The last day comes before the first."))
        return facts

    @property
    def is_refined(self) -> bool:
        """Whether the address says more than a period."""
        return self.is_bound and any(value for name, value in self.data.items() if name not in ("range", "cursor"))

    @property
    def asked(self) -> Asked:
        """What the address asks for, as far as it makes sense."""
        facts = getattr(self, "cleaned_data", {})
        wanted = facts.get("range") or self.default_range
        is_custom = wanted == CUSTOM and facts.get("first_on") and facts.get("last_on") and not self.errors
        if wanted == CUSTOM and not is_custom:
            wanted = self.default_range
        return Asked(
            range=wanted,
            grain=Grain(facts["grain"]) if facts.get("grain") else None,
            comparison=facts.get("compare", ""),
            anchor=facts.get("anchor", ""),
            first_on=facts.get("first_on") if is_custom else None,
            last_on=facts.get("last_on") if is_custom else None,
            known_on=facts.get("known"),
        )
