"""Numbers, changes and periods as people read them, by unit and language. Text comes out; nothing is lost unasked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext, pgettext

Number = Decimal | int | float
Grain = Literal["hour", "day", "week", "month", "quarter", "year"]

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"
CURRENCY_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}
SCALES = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))
CHINESE_SCALES = ((Decimal(10) ** 12, "万亿"), (Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万"))
_reader_zone: ContextVar[ZoneInfo | None] = ContextVar("reader_zone", default=None)


@dataclass(frozen=True, slots=True)
class Unit:
    """How a figure is written.

    kind: `percent` takes a ratio (0.25 is "25%"); `money` takes a currency code as symbol; `duration` one of seconds,
    minutes, hours, days; `number` any text that stands after the figure ("kg"), or none.
    digits: decimal places; None keeps those the value has.
    """

    kind: Literal["number", "percent", "money", "duration"] = "number"
    symbol: str = ""
    digits: int | None = None

    @property
    def prefix(self) -> str:
        """What stands before the figure: the currency's sign."""
        return CURRENCY_SIGNS.get(self.symbol, f"{self.symbol}\N{NO-BREAK SPACE}") if self.kind == "money" else ""

    @property
    def suffix(self) -> str:
        """What stands after the figure, without a space before it."""
        if self.kind == "percent":
            return "%"
        if self.kind == "duration":
            return {
                "seconds": pgettext("unit", "s"),
                "minutes": pgettext("unit", "min"),
                "hours": pgettext("unit", "h"),
                "days": pgettext("unit", "d"),
            }[self.symbol]
        return self.symbol if self.kind == "number" else ""


def is_chinese() -> bool:
    """Whether the active language is a Chinese one."""
    return (get_language() or "").startswith("zh")


def listed(texts: Iterable[str], *, are_clauses: bool = False) -> str:
    """Texts one after another: "a, b" and "甲、乙"; clauses with more between them: "a; b" and "甲；乙"."""
    if are_clauses:
        return ("；" if is_chinese() else "; ").join(texts)
    return ("、" if is_chinese() else ", ").join(texts)


def named(name: str, text: str) -> str:
    """What something is called before what it is: "Code: S" and "编码：S"."""
    return gettext("%(name)s: %(text)s") % {"name": name, "text": text}


def exact(value: Number) -> Decimal:
    """The value as Decimal; a float by the shortest text that means it."""
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def rounded(value: Decimal, digits: int | None) -> Decimal:
    """Half away from zero, as on an invoice; untouched when `digits` is None."""
    if digits is None:
        return value
    with localcontext(prec=_enough(value) + digits):
        return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _enough(value: Decimal) -> int:
    """A precision at which nothing of the value is rounded away: the context's usual 28 digits are too few for some."""
    return len(value.as_tuple().digits) + abs(value.adjusted()) + 4


def _times_hundred(ratio: Decimal) -> Decimal:
    """0.1250 -> 12.5, exactly."""
    with localcontext(prec=_enough(ratio)):
        return Decimal(f"{ratio.scaleb(2).normalize():f}")


def _signless(value: Decimal) -> str:
    return f"{value.copy_abs():,f}"


def _sign(value: Decimal, *, signed: bool = False) -> str:
    if value < 0:
        return MINUS
    return "+" if signed and value > 0 else ""


def number(value: Number | None, digits: int | None = None) -> str:
    """`1234.50` -> "1,234.50": thousands grouped, all digits kept unless `digits` says how many."""
    if value is None or not exact(value).is_finite():
        return NOTHING
    figure = rounded(exact(value), digits)
    return _sign(figure) + _signless(figure)


def in_unit(value: Number | None, unit: Unit | None = None, *, signed: bool = False) -> str:
    """The full figure with its unit: "¥1,234.50", "12.5%", "85 min", "−3 kg"."""
    if value is None or not exact(value).is_finite():
        return NOTHING
    unit = unit or Unit()
    figure = exact(value)
    if unit.kind == "percent":
        figure = _times_hundred(figure)
    figure = rounded(figure, unit.digits)
    return _sign(figure, signed=signed) + unit.prefix + _signless(figure) + _spaced(unit)


def _spaced(unit: Unit) -> str:
    if not unit.suffix or unit.kind == "percent":
        return unit.suffix
    return f"\N{NO-BREAK SPACE}{unit.suffix}"


def compact(value: Number | None, unit: Unit | None = None) -> str:
    """Short for tiles and axes: "1.2M", "¥123.4万", "12.5%", without the unit's suffix except %.

    Three digits or more always stay: "1.28M", "12.8万", "123.4万". Below ten thousand the figure is shown as it is,
    with the unit's digits below one thousand. Show the full one beside it, in `title`.
    """
    if value is None or not exact(value).is_finite():
        return NOTHING
    unit = unit or Unit()
    figure = exact(value)
    if unit.kind == "percent":
        return in_unit(figure, Unit("percent", digits=1 if unit.digits is None else unit.digits))
    if abs(figure) < 10_000:
        digits = unit.digits if abs(figure) < 1_000 or not unit.digits else 0
        return _sign(figure) + unit.prefix + _signless(rounded(figure, digits))
    scales = CHINESE_SCALES if is_chinese() else SCALES
    for size, name in scales:
        # 999,960 is 1M, not 1,000K: compare what will be shown.
        if rounded(abs(figure) / size, 2) >= 1:
            shown = rounded(figure / size, 2 if abs(figure) < 10 * size else 1)
            return _sign(figure) + unit.prefix + _trimmed(_signless(shown)) + name
    raise AssertionError(figure)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(ratio: Number | None, digits: int = 1) -> str:
    """`0.125` -> "12.5%"."""
    return in_unit(ratio, Unit("percent", digits=digits))


def signed_percent(ratio: Number | None, digits: int = 1) -> str:
    """A change as a share, with its sign: "+12.5%", "−3.0%", "0.0%"."""
    return in_unit(ratio, Unit("percent", digits=digits), signed=True)


def period_label(start: date, grain: Grain, *, year_name: str = "") -> str:
    """The name of the bucket that begins on `start`, a date or an instant in the organization's zone.

    `year_name` replaces the calendar year in quarters and years, for fiscal years ("FY2026").
    """
    chinese = is_chinese()
    year = year_name or (f"{start.year}年" if chinese else str(start.year))
    if grain == "year":
        return year
    if grain == "quarter":
        quarter = (start.month + 2) // 3
        return f"{year}第{quarter}季度" if chinese else f"Q{quarter} {year}"
    if grain == "month":
        return f"{start.year}年{start.month}月" if chinese else f"{MONTHS_3[start.month].capitalize()} {start.year}"
    written = day(start)
    if grain == "week":
        return f"{written}起一周" if chinese else f"week of {written}"
    if grain == "hour" and isinstance(start, datetime):
        return f"{written} {start:%H:%M}"
    return written if chinese else f"{WEEKDAYS_ABBR[start.weekday()]} {written}"


def day(on: date) -> str:
    """A day as people write it: "9 Dec 2011", "2011年12月9日"."""
    if is_chinese():
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {MONTHS_3[on.month].capitalize()} {on.year}"


def absolute(instant: datetime) -> str:
    """An instant with its zone, the same in every language: "2026-03-01 14:05 CST"."""
    return f"{timezone.localtime(instant, _reader_zone.get()):%Y-%m-%d %H:%M %Z}"


def ago(instant: datetime, now: datetime) -> str:
    """How long before `now`, in one rough unit: "3 hours ago"; a moment ahead is "in 3 hours"."""
    seconds = int((now - instant).total_seconds())
    size = abs(seconds)
    if size < 60:
        return gettext("just now")
    for length, before, after in (
        (86_400, gettext("%(count)d d ago"), gettext("in %(count)d d")),
        (3_600, gettext("%(count)d h ago"), gettext("in %(count)d h")),
        (60, gettext("%(count)d min ago"), gettext("in %(count)d min")),
    ):
        if size >= length:
            return (before if seconds > 0 else after) % {"count": size // length}
    raise AssertionError(seconds)


@contextmanager
def read_in(zone: str) -> Iterator[None]:
    """Tell instants in the zone of who reads; empty for the running one. Days and periods stay the organization's own."""
    token = _reader_zone.set(ZoneInfo(zone) if zone else None)
    try:
        yield
    finally:
        _reader_zone.reset(token)
