"""Moments read by day and time of day are the moments of the thorough reading, or are left to it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.engine.tabular.clocks import DayAndTime
from metrics.engine.tabular.convert import Converter, to_instant
from metrics.engine.tabular.dates import DateStyle, read_moment
from metrics.engine.tabular.mapping import ColumnPlan

ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia")
number = st.integers(0, 99).map(str) | st.integers(0, 12).map("{:02}".format)
year = st.integers(1890, 2110).map(str) | number
days = st.tuples(year, st.sampled_from("-/."), number, st.sampled_from("-/."), number | year).map("".join)
times = st.tuples(number, st.just(":"), number, st.sampled_from(["", ":00", ":59", ":7", ".5", " PM", "Z", "+02:00"]))
texts = st.tuples(days, st.sampled_from([" ", "T", "  ", ""]), times.map("".join) | st.just("")).map("".join)


@given(st.lists(texts, max_size=20), st.sampled_from(ZONES), st.sampled_from(["dmy", "mdy", "ymd"]))
def test_m5_fast_reading_agrees_with_the_thorough_one(written: list[str], zone: str, order: str) -> None:
    tz, style = ZoneInfo(zone), DateStyle(order)

    for text, instant in zip(written, DayAndTime(style, tz).instants(written), strict=True):
        if instant is not None:
            moment = read_moment(text, style)
            assert isinstance(moment, datetime), text
            assert to_instant(moment, tz) == (instant, False), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01 14:05", datetime(2026, 3, 1, 13, 5, tzinfo=UTC)),
        ("2026-07-01T14:05:09", datetime(2026, 7, 1, 12, 5, 9, tzinfo=UTC)),
        ("1/3/2026 8:26", datetime(2026, 3, 1, 7, 26, tzinfo=UTC)),
        ("2026-03-29 14:05", None),  # the clock changes on that day
        ("2026-03-01 2:05 PM", None),
        ("2026-03-01 14:05+02:00", None),
        ("2026-02-30 14:05", None),
        ("1-1/1890T0:10", None),
        ("2026-03-01", None),
        ("", None),
    ],
)
def test_m5_common_spellings_are_read_fast(text: str, expected: datetime | None) -> None:
    assert DayAndTime(DateStyle("dmy"), ZoneInfo("Europe/Berlin")).instants([text]) == [expected]


def test_m5_a_column_of_many_moments_reads_as_cell_by_cell() -> None:
    """Across the clock change of March, with a missing cell, a bad one and one that the change skips."""
    plan = ColumnPlan(0, "When", "when", "When", "instant", "datetime")
    start = datetime(2026, 3, 28, tzinfo=ZoneInfo("Europe/Berlin"))
    texts = [f"2026-03-{28 + minute // 1440} {minute // 60 % 24:02}:{minute % 60:02}" for minute in range(4 * 1440)]
    texts[17], texts[1500] = "", "2026-03-32 00:01"
    whole, single = (Converter(plan, DateStyle(), ".", ZoneInfo("Europe/Berlin"), 1000) for _ in range(2))
    whole.convert(texts[:100])  # after a chunk of different texts the fast way is taken

    values, bad, shifted = whole.convert(texts)

    expected = [single.convert([text]) for text in texts]
    assert values == [value for (value,), _, _ in expected]
    assert bad == [(index, why) for index, (_, found, _) in enumerate(expected) for _, why in found]
    assert shifted == sum(count for _, _, count in expected) == 60
    assert values[0] == start
