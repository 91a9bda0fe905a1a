"""Dates as people write them, and the instants they mean."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.engine.tabular import detect, guess_mapping
from metrics.engine.tabular.convert import to_instant
from metrics.engine.tabular.dates import DateStyle, order_evidence, pivot_of, read_moment
from metrics.engine.tabular.errors import Bad
from tests.metrics.engine.tabular.helpers import read_all, read_text, text_file


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2015-06-17", datetime(2015, 6, 17)),
        ("2015-06-17T08:05", datetime(2015, 6, 17, 8, 5)),
        ("2015-06-17 08:05:09.250", datetime(2015, 6, 17, 8, 5, 9, 250000)),
        ("2016/8/3 14:01:13", datetime(2016, 8, 3, 14, 1, 13)),
        ("20150617", datetime(2015, 6, 17)),
        ("20150617083000", datetime(2015, 6, 17, 8, 30)),
        ("17.06.2015", datetime(2015, 6, 17)),
        ("23-Sep-11", datetime(2011, 9, 23)),
        ("23 September 2011 5:30 pm", datetime(2011, 9, 23, 17, 30)),
        ("June 17, 2015", datetime(2015, 6, 17)),
        ("Jun 17 2015 12:00 AM", datetime(2015, 6, 17)),
        ("Wed, 17 Jun 2015 10:00:00 GMT", datetime(2015, 6, 17, 10, tzinfo=UTC)),
        ("2015-06-17T08:05:00Z", datetime(2015, 6, 17, 8, 5, tzinfo=UTC)),
        ("2011年3月5日", datetime(2011, 3, 5)),
        ("2011年3月5日 下午3:07", datetime(2011, 3, 5, 15, 7)),
        ("2011年3月", datetime(2011, 3, 1)),
        ("Apr 2020", datetime(2020, 4, 1)),
        ("2020-04", datetime(2020, 4, 1)),
        ("2020", datetime(2020, 1, 1)),
        ("42172", datetime(2015, 6, 17)),
        ("42172.5", datetime(2015, 6, 17, 12)),
    ],
)
def test_m5_a_written_date_is_read(text: str, moment: datetime) -> None:
    assert read_moment(text, DateStyle("dmy", 1950)) == moment


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0000-00-00", "date_impossible"),
        ("0000-00-00 00:00:00", "date_impossible"),
        ("2015-02-29", "date_impossible"),
        ("31/04/2015", "date_impossible"),
        ("2015-06-17 25:00", "date_impossible"),
        ("1799-12-31", "date_range"),
        ("2201-01-01", "date_range"),
        ("soon", "date_unreadable"),
        ("1/2/3/4", "date_unreadable"),
    ],
)
def test_m5_impossible_dates_are_refused_by_name(text: str, code: str) -> None:
    found = read_moment(text, DateStyle())

    assert isinstance(found, Bad)
    assert found.code == code


def test_m5_order_decides_between_day_and_month() -> None:
    assert read_moment("3/4/2015", DateStyle("dmy")) == datetime(2015, 4, 3)
    assert read_moment("3/4/2015", DateStyle("mdy")) == datetime(2015, 3, 4)
    assert read_moment("15/3/4", DateStyle("ymd", 1950)) == datetime(2015, 3, 4)


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["3/4/2015", "13/4/2015"], "dmy"),
        (["3/4/2015", "3/14/2015"], "mdy"),
        (["01-01-13", "01-02-13", "01-03-13"], "dmy"),
        (["62/07/01", "64/08/31"], "ymd"),
        (["3/4/2015", "5/6/2015"], None),
        ([], None),
    ],
)
def test_m5_the_data_decide_the_order(texts: list[str], order: str | None) -> None:
    assert order_evidence(texts).order == order


def test_m5_an_undecidable_order_is_reported() -> None:
    preview = detect(text_file("date,amount\n3/4/2015,1\n5/6/2015,2\n7/8/2015,3\n"))

    assert [(n.code, n.params) for n in preview.notes] == [("date_order_unclear", {"column": "date", "order": "mdy"})]


def test_m5_a_decided_column_decides_for_its_neighbour() -> None:
    preview = detect(text_file("ordered on,shipped on\n3/4/2015,13/4/2015\n5/6/2015,25/6/2015\n"))

    assert [(c.date_order, c.ambiguous) for c in preview.columns] == [("dmy", False), ("dmy", False)]


def test_m5_an_order_decided_far_down_the_file_counts() -> None:
    rows = "".join(f"{1 + i % 12}/{1 + i % 11}/2015,{i}\n" for i in range(12_000))

    preview = detect(text_file(f"date,amount\n{rows}25/12/2015,1\n"))

    assert (preview.columns[0].date_order, preview.columns[0].ambiguous) == ("dmy", False)


@pytest.mark.parametrize(
    ("years", "meant"),
    [
        ([62, 70, 85, 99, 0, 6], {62: 1962, 99: 1999, 6: 2006}),
        ([13, 14, 15, 16, 17], {13: 2013, 17: 2017}),
        ([62], {62: 1962}),
        ([11], {11: 2011}),
        ([98, 99, 0, 1], {98: 1998, 1: 2001}),
    ],
)
def test_m5_two_digit_years_are_one_run_that_is_not_in_the_future(years: list[int], meant: dict[int, int]) -> None:
    pivot = pivot_of(Counter(years), 2040)

    assert {year: pivot + (year - pivot) % 100 for year in meant} == meant


@given(st.dates(date(1800, 1, 1), date(2200, 12, 31)))
def test_m5_every_date_survives_every_spelling(day: date) -> None:
    expected = datetime(day.year, day.month, day.day)

    for spelling, style in [
        ("%Y-%m-%d", DateStyle()),
        ("%Y/%m/%d", DateStyle()),
        ("%Y年%m月%d日", DateStyle()),
        ("%d.%m.%Y", DateStyle("dmy")),
        ("%m/%d/%Y", DateStyle("mdy")),
        ("%d %b %Y", DateStyle()),
        ("%B %d, %Y", DateStyle()),
        ("%Y%m%d", DateStyle()),
    ]:
        assert read_moment(day.strftime(spelling), style) == expected


@given(st.text(max_size=30))
def test_m5_any_text_is_a_date_in_range_or_refused(text: str) -> None:
    found = read_moment(text, DateStyle())

    if isinstance(found, Bad):
        assert found.code in ("date_unreadable", "date_impossible", "date_range")
    else:
        assert 1800 <= found.year <= 2200


def test_m5_local_times_become_utc_in_winter_and_summer() -> None:
    paris = ZoneInfo("Europe/Paris")

    assert to_instant(datetime(2024, 1, 15, 12), paris) == (datetime(2024, 1, 15, 11, tzinfo=UTC), False)
    assert to_instant(datetime(2024, 7, 15, 12), paris) == (datetime(2024, 7, 15, 10, tzinfo=UTC), False)


def test_m5_times_in_a_clock_change_are_shifted_and_counted_or_taken_first() -> None:
    rows = "2024-03-31 02:30,1\n2024-03-31 02:30,2\n2024-10-27 02:30,3\n2024-03-31 03:30,4\n"

    result = read_text("time,amount\n" + rows, tz="Europe/Paris")

    assert result.columns["time"] == [
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC),  # 02:30 does not exist; it is 03:30 in summer time
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC),  # occurs twice; the first is still summer time
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
    ]
    assert result.shifted == 2


def test_m5_a_zone_in_the_text_wins_over_the_organization() -> None:
    result = read_text("time,amount\n2024-03-31T02:30:00+08:00,1\n2024-03-31T02:30:00Z,2\n", tz="Europe/Paris")

    assert result.columns["time"] == [
        datetime(2024, 3, 30, 18, 30, tzinfo=UTC),
        datetime(2024, 3, 31, 2, 30, tzinfo=UTC),
    ]
    assert result.shifted == 0


def test_m5_day_numbers_in_a_date_column_are_dates() -> None:
    file = text_file("date,amount\n42172,1\n42173,2\n")

    result = read_all(file, guess_mapping(detect(file)))

    assert result.columns["date"] == [datetime(2015, 6, 17, tzinfo=UTC), datetime(2015, 6, 18, tzinfo=UTC)]
