"""Figures and periods as text, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from ops_platform.web import formats
from ops_platform.web.formats import Unit

YUAN = Unit("money", "CNY", 2)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (Decimal("1234.50"), None, "1,234.50"),
        (1234, None, "1,234"),
        (0.1, None, "0.1"),
        (Decimal("-1234567.891"), 2, "−1,234,567.89"),
        (Decimal("2.675"), 2, "2.68"),
        (Decimal("1E+3"), None, "1,000"),
        (Decimal("12345678901234567890123456789.123456789"), None, "12,345,678,901,234,567,890,123,456,789.123456789"),
        (Decimal("0.00000000012"), None, "0.00000000012"),
        (Decimal("-0.004"), 2, "0.00"),
        (None, None, "–"),
        (float("nan"), None, "–"),
        (Decimal("Infinity"), 2, "–"),
    ],
)
def test_number_keeps_every_digit_unless_told(value, digits, text):
    assert formats.number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal("1234.5"), YUAN, "¥1,234.50"),
        (Decimal("-1234.5"), YUAN, "−¥1,234.50"),
        (10, Unit("money", "CHF", 0), "CHF\N{NO-BREAK SPACE}10"),
        (Decimal("0.12345"), Unit("percent", digits=1), "12.3%"),
        (Decimal("0.12345"), Unit("percent"), "12.345%"),
        (Decimal("1"), Unit("percent"), "100%"),
        (85, Unit("duration", "minutes", 0), "85\N{NO-BREAK SPACE}min"),
        (Decimal("3.20"), Unit("number", "kg"), "3.20\N{NO-BREAK SPACE}kg"),
        (None, YUAN, "–"),
    ],
)
def test_in_unit_writes_sign_figure_and_unit(value, unit, text):
    assert formats.in_unit(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (Decimal("999.5"), YUAN, "¥999.50", "¥999.50"),
        (Decimal("9999.4"), YUAN, "¥9,999", "¥9,999"),
        (12_345, None, "12.3K", "1.23万"),
        (1_234_000, None, "1.23M", "123.4万"),
        (1_200_000, None, "1.2M", "120万"),
        (Decimal("999996"), None, "1M", "100万"),
        (Decimal("-123456789"), YUAN, "−¥123.5M", "−¥1.23亿"),
        (7_000_000_000_000, None, "7T", "7万亿"),
        (Decimal("0.9342"), Unit("percent", digits=1), "93.4%", "93.4%"),
        (100_000, None, "100K", "10万"),
        (None, None, "–", "–"),
    ],
)
def test_compact_counts_in_thousands_or_in_wan(value, unit, english, chinese):
    with translation.override("en"):
        assert formats.compact(value, unit) == english
    with translation.override("zh-hans"):
        assert formats.compact(value, unit) == chinese


def test_signed_percent_shows_the_direction():
    assert [formats.signed_percent(Decimal(x)) for x in ("0.125", "-0.03", "0")] == ["+12.5%", "−3.0%", "0.0%"]


@pytest.mark.parametrize(
    ("grain", "english", "chinese"),
    [
        ("hour", "1 Nov 2026 13:00", "2026年11月1日 13:00"),
        ("day", "Sun 1 Nov 2026", "2026年11月1日"),
        ("week", "week of 1 Nov 2026", "2026年11月1日起一周"),
        ("month", "Nov 2026", "2026年11月"),
        ("quarter", "Q4 2026", "2026年第4季度"),
        ("year", "2026", "2026年"),
    ],
)
def test_period_label_names_the_bucket(grain, english, chinese):
    start = datetime(2026, 11, 1, 13, 0, tzinfo=UTC)
    with translation.override("en"):
        assert formats.period_label(start, grain) == english
    with translation.override("zh-hans"):
        assert formats.period_label(start, grain) == chinese


def test_period_label_takes_the_name_of_a_fiscal_year():
    assert formats.period_label(date(2026, 4, 1), "year", year_name="FY2026") == "FY2026"


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=7, seconds=59), "7 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(days=40), "40 d ago"),
        (timedelta(minutes=-90), "in 1 h"),
    ],
)
def test_ago_names_one_rough_unit(before, text):
    now = datetime(2026, 11, 1, 13, 0, tzinfo=UTC)
    assert formats.ago(now - before, now) == text


def test_absolute_names_the_zone():
    with timezone.override("Asia/Shanghai"):
        assert formats.absolute(datetime(2026, 3, 1, 6, 5, tzinfo=UTC)) == "2026-03-01 14:05 CST"


@pytest.mark.parametrize(
    ("language", "texts"), [("en", ("a, b", "a; b", "Code: S")), ("zh-hans", ("a、b", "a；b", "Code：S"))]
)
def test_o7_lists_and_pairs_are_punctuated_as_their_language_does(language, texts):
    with translation.override(language):
        found = formats.listed(["a", "b"]), formats.listed(["a", "b"], are_clauses=True), formats.named("Code", "S")
    assert found == texts
