"""Dates and times as people write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from .errors import Bad

FIRST_YEAR, LAST_YEAR = 1800, 2200
ORDERS = ("dmy", "mdy", "ymd")

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(?P<name>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_TIME = (
    r"(?:(?:\s*T\s*|\s+|,\s*)(?P<before>上午|下午|AM|PM)?\s*(?P<hour>\d{1,2})(?::|时|点)(?P<minute>\d{2})分?"
    r"(?::?(?P<second>\d{2})秒?(?:[.,](?P<fraction>\d{1,9}))?)?\s*(?P<after>AM|PM)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_YEAR_FIRST = r"(?P<year>\d{4})\s*(?P<mark>[-/.年])\s*(?P<month>\d{1,2})\s*(?:[-/.月]\s*(?P<day>\d{1,2})\s*日?|月)?"
_PATTERNS = [
    re.compile(_WEEKDAY + body + _TIME, re.I)
    for body in (
        _YEAR_FIRST,
        r"(?P<a>\d{1,2})\s*(?P<mark>[-/. ])\s*(?P<b>\d{1,2})\s*(?P=mark)\s*(?P<c>\d{4}|\d{1,2})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-\s/.]*{_MONTH}[-\s/.,]*(?P<year>\d{{4}}|\d{{2}})",
        rf"{_MONTH}[-\s/.]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s,./-]+(?P<year>\d{{4}}|\d{{2}})",
        rf"(?P<year>\d{{4}})[-\s/.]+{_MONTH}[-\s/.]+(?P<day>\d{{1,2}})",
        rf"{_MONTH}[-\s/.,']*(?P<year>\d{{4}}|\d{{2}})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<year>(?:18|19|20|21)\d\d)",
    )
]
_EPOCH_1900, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - local by meaning
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})[T ]?(\d{2})(\d{2})(\d{2})?Z?")
# The commonest spelling that is not ISO, ahead of the thorough patterns: three times as fast.
_COMMON = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
_SERIAL = re.compile(r"\d{5,6}(?:\.\d+)?")
_NUMERIC = _PATTERNS[1]
_LIKELY = re.compile(
    r"\d{1,4}\s*[-/.年]\s*\d|[A-Za-z]{3,9}\D{0,3}\d|\d\D{0,3}[A-Za-z]{3,9}\D{0,3}\d|\d{4}$|\d{8}|\d{5}"
)


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How one column writes dates.

    order: of day, month and year where all three are numbers and the year does not come first.
    pivot: first year of the hundred that two-digit years stand for.
    epoch_1904: numbers are days since 1 January 1904, not since the last day of 1899.
    """

    order: str = "dmy"
    pivot: int = 1950
    epoch_1904: bool = False


def read_moment(text: str, style: DateStyle) -> datetime | Bad:
    """Return the moment written in `text`: naive unless it names its offset, midnight unless it names a time."""
    text = text.strip()
    if len(text) >= 8 and text[:4].isdigit() and text[4] == "-" and text.isascii():
        try:
            return _within(datetime.fromisoformat(text))
        except ValueError:
            pass  # other spellings, and the impossible dates told apart below
    if common := _COMMON.fullmatch(text):
        a, b, year, hour, minute, second = (int(part or 0) for part in common.groups())
        month, day = (a, b) if style.order == "mdy" else (b, a)
        return _moment(year, month, day, hour, minute, second)
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            return _built(match, style)
    if match := _STAMP.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        return _moment(year, month, day, hour, minute, second)
    if _SERIAL.fullmatch(text):
        return _from_serial(float(text), style)
    return Bad("date_unreadable")


def looks_like_date(text: str) -> bool:
    """Cheap test before the real one: most texts are no dates and need not meet eight patterns."""
    return len(text) <= 40 and _LIKELY.search(text) is not None


def _built(match: re.Match[str], style: DateStyle) -> datetime | Bad:
    parts = match.groupdict()
    if parts.get("a"):
        values = (parts["a"], parts["b"], parts["c"])
        order = "dmy" if style.order == "ymd" and len(parts["c"]) == 4 else style.order
        named = dict(zip(order, values, strict=True))
        if len(named["y"]) not in (2, 4):
            return Bad("date_unreadable")
        year, month, day = named["y"], int(named["m"]), int(named["d"])
    else:
        year, day = parts["year"], int(parts.get("day") or 1)
        month = MONTHS[parts["name"].lower()] if parts.get("name") else int(parts.get("month") or 1)
    full_year = int(year) if len(year) == 4 else style.pivot + (int(year) - style.pivot) % 100
    hour = int(parts.get("hour") or 0)
    half = (parts.get("before") or parts.get("after") or "").upper()
    if half:
        if not 1 <= hour <= 12:
            return Bad("date_impossible")
        hour = hour % 12 + (12 if half in ("PM", "下午") else 0)
    microsecond = int((parts.get("fraction") or "").ljust(6, "0")[:6])
    clock = (hour, int(parts.get("minute") or 0), int(parts.get("second") or 0), microsecond)
    return _moment(full_year, month, day, *clock, zone=parts.get("zone") or "")


def _moment(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0, zone: str = ""
) -> datetime | Bad:
    try:
        return _within(datetime(year, month, day, hour, minute, second, micro, tzinfo=_offset(zone)))
    except ValueError:
        return Bad("date_impossible")


def _within(moment: datetime) -> datetime | Bad:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return Bad("date_range", {"first": FIRST_YEAR, "last": LAST_YEAR})
    return moment


def _offset(zone: str) -> timezone | None:
    if not zone:
        return None
    if zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def _from_serial(serial: float, style: DateStyle) -> datetime | Bad:
    """Excel's day numbers. Those before 1 March 1900, where Excel has a day that never was, are out of reach here."""
    first = _EPOCH_1904 if style.epoch_1904 else _EPOCH_1900
    if serial > 110_000:
        return Bad("date_range", {"first": FIRST_YEAR, "last": LAST_YEAR})
    return _within(first + timedelta(seconds=round(serial * 86_400)))


@dataclass(frozen=True, slots=True)
class OrderEvidence:
    """What a column says about its order: `order` is None where no text in it decides; `guess` is then the likelier."""

    order: str | None
    guess: str
    numeric: int
    two_digit_years: Counter[int]


def order_evidence(texts: Iterable[str]) -> OrderEvidence:
    """Weigh dates whose three parts are numbers. A part above 12 is no month; a constant part beside a varying one
    is the day of a monthly series ("01-01-13", "01-02-13"), which decides too."""
    firsts: Counter[int] = Counter()
    seconds: Counter[int] = Counter()
    thirds: Counter[int] = Counter()
    numeric, short, marks = 0, 0, Counter[str]()
    for text in texts:
        match = _NUMERIC.fullmatch(text.strip())
        if not match:
            continue
        numeric += 1
        firsts[int(match["a"])] += 1
        seconds[int(match["b"])] += 1
        thirds[int(match["c"])] += 1
        short += len(match["c"]) == 2
        marks[match["mark"]] += 1
    years = Counter({year % 100: count for year, count in thirds.items()}) if short else Counter[int]()
    if not numeric:
        return OrderEvidence(None, "dmy", 0, years)
    order = _decided(firsts, seconds, thirds, all_short=short == numeric)
    if order == "ymd":
        years = Counter({year: count for year, count in firsts.items() if year < 100})
    guess = order or ("mdy" if marks.most_common(1)[0][0] == "/" else "dmy")
    return OrderEvidence(order, guess, numeric, years)


def _decided(firsts: Counter[int], seconds: Counter[int], thirds: Counter[int], *, all_short: bool) -> str | None:
    first_over = sum(count for value, count in firsts.items() if value > 12)
    second_over = sum(count for value, count in seconds.items() if value > 12)
    if first_over or second_over:
        if all_short and not second_over and max(thirds) <= 31 and max(firsts) > 31:
            return "ymd"
        # A few impossible dates must not turn the rest: the larger side decides.
        return "dmy" if first_over > second_over else "mdy"
    if len(firsts) == 1 and len(seconds) > 2:
        return "dmy"
    if len(seconds) == 1 and len(firsts) > 2:
        return "mdy"
    return None


def pivot_of(two_digit_years: Counter[int], latest: int) -> int:
    """First year of the century meant by two-digit years, from the years that occur.

    They are taken as one run on the circle 00-99, cut at its widest gap; the run ends at the last such year that is
    not after `latest`. 62 to 99 and 00 to 06 thus mean 1962 to 2006. The unused years are shared out to both ends.
    """
    years = sorted(year for year in two_digit_years if 0 <= year <= 99)
    if not years:
        return latest - 99
    gaps = [((years[(i + 1) % len(years)] - year - 1) % 100, year) for i, year in enumerate(years)]
    gap, end = max(gaps)
    if len(years) == 1:
        gap = 99
    last = latest - (latest - end) % 100
    spare = min(gap // 2, latest - last)
    return last + spare - 99
