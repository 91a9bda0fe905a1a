"""The ranges that pickers offer by name. Each is whole local days, as UTC instants [start, end)."""

from datetime import datetime
from enum import StrEnum

from organization.engine.grains import Grain, PeriodRule
from organization.engine.periods import period_of, shift


class NamedRange(StrEnum):
    """The names, in the order in which a picker lists them. Years are fiscal; the values stand in URLs."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this-week"
    LAST_WEEK = "last-week"
    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"
    THIS_QUARTER = "this-quarter"
    LAST_QUARTER = "last-quarter"
    THIS_YEAR = "this-year"
    LAST_YEAR = "last-year"
    LAST_7_DAYS = "last-7-days"
    LAST_30_DAYS = "last-30-days"
    LAST_90_DAYS = "last-90-days"
    LAST_12_MONTHS = "last-12-months"


# Per name: the grain, and the first and last period of it counted from the one that contains `as_of`.
_REACH = {
    NamedRange.TODAY: (Grain.DAY, 0, 0),
    NamedRange.YESTERDAY: (Grain.DAY, -1, -1),
    NamedRange.THIS_WEEK: (Grain.WEEK, 0, 0),
    NamedRange.LAST_WEEK: (Grain.WEEK, -1, -1),
    NamedRange.THIS_MONTH: (Grain.MONTH, 0, 0),
    NamedRange.LAST_MONTH: (Grain.MONTH, -1, -1),
    NamedRange.THIS_QUARTER: (Grain.QUARTER, 0, 0),
    NamedRange.LAST_QUARTER: (Grain.QUARTER, -1, -1),
    NamedRange.THIS_YEAR: (Grain.YEAR, 0, 0),
    NamedRange.LAST_YEAR: (Grain.YEAR, -1, -1),
    NamedRange.LAST_7_DAYS: (Grain.DAY, -6, 0),
    NamedRange.LAST_30_DAYS: (Grain.DAY, -29, 0),
    NamedRange.LAST_90_DAYS: (Grain.DAY, -89, 0),
    NamedRange.LAST_12_MONTHS: (Grain.MONTH, -11, 0),
}


def named_range(name: NamedRange, as_of: datetime, rule: PeriodRule) -> tuple[datetime, datetime]:
    """Start and end of the range called `name`, seen from the aware instant `as_of`.

    "This" ranges reach to the end of the period, beyond `as_of`. "Last n" ranges end with today, or with this month,
    and count it: what happened this morning is on the chart.
    """
    grain, first, last = _REACH[name]
    current = period_of(grain, as_of, rule)
    return shift(current, first, rule).start, shift(current, last, rule).end
