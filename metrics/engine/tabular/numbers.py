"""Numbers as people write them, turned into plain text for PostgreSQL `numeric`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal

from .errors import Bad

INTEGER_DIGITS = 26  # numeric(38, 12)
DECIMALS = 12

# A whole column in one match: possessive, so a miss costs one pass and no backtracking. First without, then with
# thousands separators.
PLAIN_COLUMN = {
    ".": re.compile(r"(?:(?:-?[0-9]{1,26}(?:\.[0-9]{1,12})?)?\n)*+"),
    ",": re.compile(r"(?:(?:-?[0-9]{1,26}(?:,[0-9]{1,12})?)?\n)*+"),
}

GROUPED_COLUMN = {
    ".": re.compile(r"(?:(?:-?(?:[0-9]{1,3}(?:,[0-9]{3}){1,7}|[0-9]{1,26})(?:\.[0-9]{1,12})?)?\n)*+"),
    ",": re.compile(r"(?:(?:-?(?:[0-9]{1,3}(?:\.[0-9]{3}){1,7}|[0-9]{1,26})(?:,[0-9]{1,12})?)?\n)*+"),
}

_GROUP = r"[\s'’_]"
_CURRENCY = re.compile(
    r"(?:US|HK|NT|A|C|S)?\$|[€£¥₹₩₽元]|"
    r"(?<![A-Za-z])(?:USD|EUR|GBP|CNY|RMB|JPY|HKD|TWD|CHF|AUD|CAD|SGD|INR|KRW|SEK|NOK|DKK|PLN)(?![A-Za-z])",
    re.I,
)
_EXACT = Context(prec=120)


def _shape(point: str, comma: str) -> re.Pattern[str]:
    groups = rf"[0-9]{{1,3}}(?:(?P<sep>{comma}|{_GROUP})[0-9]{{3}})(?:(?P=sep)[0-9]{{3}})*"
    indian = rf"[0-9]{{1,2}}(?:{comma}[0-9]{{2}})+{comma}[0-9]{{3}}"
    return re.compile(
        rf"(?P<int>{groups}|{indian}|[0-9]+)?(?:{point}(?P<frac>[0-9]*))?(?:[eE](?P<exp>[+-]?[0-9]{{1,3}}))?"
    )


_SHAPES = {".": _shape(r"\.", ","), ",": _shape(",", r"\.")}


def read_number(text: str, decimal: str = ".") -> str | Bad:
    """Return the value as plain digits, or why there is none.

    Currency signs, group separators and spaces are dropped; parentheses or a trailing minus make it negative;
    a percentage becomes its ratio ("12.5%" is 0.125). More than 12 decimals are rounded half to even.
    """
    body = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
    negative = body.startswith("(") and body.endswith(")")
    if negative:
        body = body[1:-1].strip()
    body = _CURRENCY.sub("", body).strip()
    percent = body.endswith("%")
    body = body.removesuffix("%").strip()
    if body[:1] in ("-", "+"):
        negative ^= body[0] == "-"
        body = _CURRENCY.sub("", body[1:]).strip()
    elif len(body) > 1 and body.endswith("-"):
        negative, body = not negative, body[:-1].strip()
    match = _SHAPES[decimal].fullmatch(body)
    if not match or not (match["int"] or match["frac"]):
        return Bad("not_a_number")
    return _written(match, negative=negative, percent=percent)


def _written(match: re.Match[str], *, negative: bool, percent: bool) -> str | Bad:
    whole = re.sub(r"[^0-9]", "", match["int"] or "0")
    fraction = match["frac"] or ""
    shift = int(match["exp"] or 0) - (2 if percent else 0)
    if len(whole) > 400 or len(fraction) > 400:
        return Bad("number_range", {"digits": INTEGER_DIGITS})
    if shift or len(fraction) > DECIMALS:
        value = Decimal(f"{whole}.{fraction}").scaleb(shift, _EXACT) if len(whole + fraction) <= 120 else None
        if value is None or value.adjusted() >= INTEGER_DIGITS:
            return Bad("number_range", {"digits": INTEGER_DIGITS})
        if -int(value.as_tuple().exponent) > DECIMALS:
            value = value.quantize(Decimal(1).scaleb(-DECIMALS), ROUND_HALF_EVEN, _EXACT)
        whole, _, fraction = format(value, "f").partition(".")
    whole = whole.lstrip("0") or "0"
    if len(whole) > INTEGER_DIGITS:
        return Bad("number_range", {"digits": INTEGER_DIGITS})
    digits = f"{whole}.{fraction}" if fraction else whole
    return f"-{digits}" if negative and digits.strip("0.") else digits


def decimal_votes(texts: Iterable[str]) -> Counter[str]:
    """How many texts can only be read with "." and how many only with "," as the decimal mark."""
    votes: Counter[str] = Counter()
    for text in texts:
        if "," not in text and "." not in text:
            continue
        as_point, as_comma = (not isinstance(read_number(text, mark), Bad) for mark in ".,")
        if as_point != as_comma:
            votes["." if as_point else ","] += 1
        elif as_point and re.fullmatch(r"\D*0[.,]\d+\D*", text):
            votes["." if "." in text else ","] += 1  # "0,125": no one writes a group after a lone zero
    return votes
