"""Working calendars: hours of the week, days that differ, official lists."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organization.choices import DayKind
from organization.forms.base import DayField, NamedForm, field_of, zone_choices
from organization.queries.calendars import loadable_years

RANGE = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013\u2014~\u81f3]\s*(\d{1,2}):(\d{2})")
SEPARATORS = re.compile(r"[,;\uff0c\uff1b\u3001\s]*")
LAST_HOUR = 24


class RangesField(forms.CharField):
    """Ranges of a day as people write them: "09:00-12:00, 13:00-18:00". 24:00 is the day's end; empty is free."""

    def to_python(self, value: Any) -> tuple[tuple[time, time], ...]:  # type: ignore[override]  # not text in the end
        text = super().to_python(value) or ""
        found = RANGE.findall(text)
        if SEPARATORS.sub("", RANGE.sub("", text)):
            raise forms.ValidationError(_("Write ranges like 09:00-12:00, 13:00-18:00."))
        try:
            return tuple((_time(hour, minute), _time(end, end_minute)) for hour, minute, end, end_minute in found)
        except ValueError as error:
            raise forms.ValidationError(_("Hours go from 00:00 to 24:00.")) from error

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, tuple | list):
            return ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in value)
        return value


def _time(hour: str, minute: str) -> time:
    if int(hour) == LAST_HOUR and int(minute) == 0:
        return time(0)
    return time(int(hour), int(minute))


class CalendarForm(NamedForm):
    """What a calendar is called, and whose clock it follows."""

    timezone = forms.ChoiceField(label=_("Time zone"), required=False)

    def offer(self) -> None:
        field_of(self, "timezone").choices = zone_choices(_("The organization's own"))


class ChangeCalendarForm(CalendarForm):
    """Changes to a calendar."""

    is_default = forms.BooleanField(
        label=_("Default"), required=False, help_text=_("Departments without a calendar of their own work by it.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class HoursForm(forms.Form):
    """The ranges of the seven weekdays."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday, label in WEEKDAYS.items():
            self.fields[f"day{weekday}"] = RangesField(label=label, required=False, max_length=200)
        self.fields["day0"].help_text = _(
            "Ranges like 09:00-12:00, 13:00-18:00. Empty is a free day; an end before its start is on the next day."
        )

    @property
    def weekly(self) -> list[tuple[tuple[time, time], ...]]:
        """Seven tuples of ranges, Monday first."""
        return [self.cleaned_data[f"day{weekday}"] for weekday in range(7)]


class DayForm(NamedForm):
    """A day that differs from its weekday."""

    day_on = DayField(label=pgettext_lazy("calendar", "Day"))
    kind = forms.ChoiceField(label=_("Kind"), choices=DayKind.choices)
    ranges = RangesField(
        label=pgettext_lazy("calendar", "Hours"),
        required=False,
        max_length=200,
        help_text=_("Of a working day. Empty: the ordinary hours."),
    )

    field_order = ("day_on", "kind", "ranges", "name", "name_zh")

    def offer(self) -> None:
        self.fields["name"].required = False

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("kind") == DayKind.NON_WORKING and facts.get("ranges"):
            self.add_error("ranges", _("A day off has no hours."))
        return facts


class OfficialDaysForm(forms.Form):
    """Which official list to load."""

    year = forms.TypedChoiceField(label=_("Year"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "year").choices = [(year, year) for year in reversed(loadable_years("CN"))]
