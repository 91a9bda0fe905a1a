"""What a period is called, in English and Simplified Chinese, and its name for machines.

A fiscal year is named by the calendar year in which it ends ("FY2026" runs April 2025 to March 2026). Where it starts
in January it is the calendar year and is written plainly ("2026", "Q3 2026").

The words stand here and not in the catalogue, because the order of the parts differs by language too.
"""

from datetime import date, datetime, timedelta

from organization.engine.grains import Grain, Period, PeriodRule
from organization.engine.local_time import zone

# fmt: off
_MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]
# fmt: on
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_WEEKDAYS_ZH = "一二三四五六日"


def label(period: Period, rule: PeriodRule, language: str, *, full: bool = False) -> str:
    """Name of the period in `language` ("en"; "zh-hans" or any other Chinese; English for the rest).

    The short form is for chart axes: hours, days and weeks leave the year to the axis. `full` is for sentences and
    tooltips and says it all. An hour that occurs twice carries its UTC offset, so that no two neighbours share a name.
    """
    return (_chinese if language.lower().startswith("zh") else _english)(period, rule, full)


def period_key(period: Period, rule: PeriodRule) -> str:
    """Name for machines, the same in every language and unique within a rule and grain.

    "2025-11-09T14:00+01:00", "2025-11-09", "2025-W45", "2025-11", "2026-Q3", "2026" (fiscal years by `fiscal_year`).
    """
    first = period.first_on
    if period.grain is Grain.HOUR:
        return _local(period.start, rule).isoformat(timespec="minutes")
    if period.grain is Grain.DAY:
        return first.isoformat()
    if period.grain is Grain.WEEK:
        year, week = week_number(first)
        return f"{year}-W{week:02}"
    if period.grain is Grain.MONTH:
        return f"{first:%Y-%m}"
    year = fiscal_year(first, rule)
    return f"{year}-Q{fiscal_quarter(first, rule)}" if period.grain is Grain.QUARTER else str(year)


def fiscal_year(day: date, rule: PeriodRule) -> int:
    """Number of the fiscal year that contains `day`: the calendar year in which that fiscal year ends."""
    start = rule.fiscal_year_starts_month
    return day.year + (start > 1 and day.month >= start)


def fiscal_quarter(day: date, rule: PeriodRule) -> int:
    """Number, 1 to 4, of the fiscal quarter that contains `day`."""
    return (day.month - rule.fiscal_year_starts_month) % 12 // 3 + 1


def week_number(first_on: date) -> tuple[int, int]:
    """Year and number of the week that begins on `first_on`, as ISO 8601 counts, for any first weekday.

    A week belongs to the year that holds most of its days, which is the year of its fourth.
    """
    middle = first_on + timedelta(days=3)
    return middle.year, (middle - date(middle.year, 1, 1)).days // 7 + 1


def _english(period: Period, rule: PeriodRule, full: bool) -> str:
    first, last = period.first_on, period.last_on
    month = _MONTHS[first.month - 1]
    match period.grain:
        case Grain.HOUR:
            day = f"{_WEEKDAYS[first.weekday()]} {first.day} {month} {first.year}," if full else _day(first)
            return f"{day} {_hour(period, rule, full)}"
        case Grain.DAY:
            return f"{_WEEKDAYS[first.weekday()]} {first.day} {month} {first.year}" if full else _day(first)
        case Grain.WEEK:
            year, week = week_number(first)
            days = f"{first.day if first.month == last.month else _day(first)}–{_day(last)}"
            return f"Week {week}, {year} ({days})" if full else f"W{week}"
        case Grain.MONTH:
            return f"{month if full else month[:3]} {first.year}"
    fiscal = rule.fiscal_year_starts_month > 1
    name = f"{'FY' if fiscal else ''}{fiscal_year(first, rule)}"
    if period.grain is Grain.QUARTER:
        name = f"Q{fiscal_quarter(first, rule)} {name}"
    if not full or (period.grain is Grain.YEAR and not fiscal):
        return name
    opening = month[:3] if first.year == last.year else f"{month[:3]} {first.year}"
    return f"{name} ({opening}–{_MONTHS[last.month - 1][:3]} {last.year})"


def _chinese(period: Period, rule: PeriodRule, full: bool) -> str:
    first, last = period.first_on, period.last_on
    day = f"{first.month}月{first.day}日"
    match period.grain:
        case Grain.HOUR:
            prefix = f"{first.year}年{day} 周{_WEEKDAYS_ZH[first.weekday()]}" if full else day
            return f"{prefix} {_hour(period, rule, full)}"
        case Grain.DAY:
            return f"{first.year}年{day} 周{_WEEKDAYS_ZH[first.weekday()]}" if full else day
        case Grain.WEEK:
            year, week = week_number(first)
            closing = f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"
            return f"{year}年第{week}周（{day}至{closing}）" if full else f"第{week}周"
        case Grain.MONTH:
            return f"{first.year}年{first.month}月"
    fiscal = rule.fiscal_year_starts_month > 1
    name = f"{fiscal_year(first, rule)}{'财年' if fiscal else '年'}"
    if period.grain is Grain.QUARTER:
        name = f"{name}第{fiscal_quarter(first, rule)}季度"
    if not full or (period.grain is Grain.YEAR and not fiscal):
        return name
    closing = f"{last.month}月" if first.year == last.year else f"{last.year}年{last.month}月"
    return f"{name}（{first.year}年{first.month}月至{closing}）"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def _hour(period: Period, rule: PeriodRule, full: bool) -> str:
    """ "14:00", "14:00–15:00", and for an hour that occurs twice "01:00 (UTC-5)"."""
    start = _local(period.start, rule)
    clock = f"{start:%H:%M}"
    if full:
        # Added to the local start, not read from the end: 01:00–02:00 stays so when the clock then goes back to 01:00.
        clock += f"–{start.replace(tzinfo=None) + period.duration:%H:%M}"
    other = start.replace(fold=1 - start.fold)
    return f"{clock} (UTC{_offset(start)})" if start.utcoffset() != other.utcoffset() else clock


def _offset(local: datetime) -> str:
    text = f"{local:%z}"
    minutes = "" if text[3:] == "00" else f":{text[3:5]}"
    return f"{text[0]}{int(text[1:3])}{minutes}"


def _local(instant: datetime, rule: PeriodRule) -> datetime:
    return instant.astimezone(zone(rule.timezone))
