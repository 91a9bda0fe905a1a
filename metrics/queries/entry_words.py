"""Sentences about figures that people enter."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from metrics.engine.entry_figures import HUNDRED, Refused
from metrics.models import DatasetColumn, EntryPlan
from metrics.queries.entries import is_percent
from ops_platform.web import formats
from organization.engine.period_labels import label
from organization.engine.periods import Period, PeriodRule


@dataclass(frozen=True)
class NamedPeriod:
    """A period by its names in both languages, as facts of work items keep them."""

    name: str
    name_zh: str

    @classmethod
    def of(cls, period: Period, rule: PeriodRule) -> NamedPeriod:
        return cls(*(label(period, rule, language, full=True) for language in ("en", "zh-hans")))


def refusal_sentence(fault: Refused, column: DatasetColumn) -> str:
    """Why a figure is not taken, and what would be."""
    if fault.code in ("below", "above"):
        bound = fault.facts["bound"] * HUNDRED if is_percent(column) else fault.facts["bound"]
        shown = formats.number(bound) + ("%" if is_percent(column) else "")
        if fault.code == "below":
            return _("%(column)s is at least %(bound)s.") % {"column": column.display_name, "bound": shown}
        return _("%(column)s is at most %(bound)s.") % {"column": column.display_name, "bound": shown}
    if fault.code == "no_percent":
        return _("%(column)s is no percentage. Enter it without the percent sign.") % {"column": column.display_name}
    if fault.code == "number_range":
        return _("This number has too many digits.")
    return _("This is not a number. Enter digits, such as 1234.5.")


def who_enters(plan: EntryPlan) -> str:
    """The member, or the role with its department."""
    if plan.member is not None:
        return plan.member.name
    if plan.role is None:
        return ""
    if plan.department is not None:
        return _("%(role)s in %(department)s") % {
            "role": plan.role.display_name,
            "department": plan.department.display_name,
        }
    return plan.role.display_name
