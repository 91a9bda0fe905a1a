"""The reference aggregation: hand-computed buckets, and that merging fine parts equals computing the coarse."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.engine.expressions import evaluate, parse
from metrics.engine.rollups import (
    MERGEABLE,
    Aggregation,
    Kind,
    Parts,
    Row,
    combine,
    grouped,
    parts_of,
    percentile,
    roll_up,
    roll_up_parts,
)

D = Decimal
BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=UTC)


def row(when: datetime, key: str, value: str | None, **dims: str | None) -> Row:
    return Row(when, key, None if value is None else D(value), dims)


DAYS = [(at(1), at(2)), (at(2), at(3)), (at(3), at(4))]
ROWS = [
    row(at(1, 9), "k2", "10.50", country="FR", product="a", customer="c1", invoice="i1"),
    row(at(1, 9), "k1", "-2", country="FR", product="b", customer="c1", invoice="i1"),
    row(at(1), "k3", "4", country="DE", product="a", customer="c2", invoice="i2"),
    row(at(1, 23, 59), "k4", None, country=None, product="a", customer="c1", invoice="i3"),
    row(at(2), "k5", "7", country="FR", product="a", customer=None, invoice="i4"),
    row(at(4), "k6", "1000", country="FR", product="a", customer="c9", invoice="i9"),
    row(at(1) - timedelta(microseconds=1), "k7", "1000", country="FR", product="a", customer="c9", invoice="i9"),
]


@pytest.mark.parametrize(
    ("aggregation", "first_day", "second_day"),
    [
        (Aggregation(Kind.SUM), "12.50", "7"),
        (Aggregation(Kind.COUNT), "3", "1"),
        (Aggregation(Kind.AVERAGE), "4.166666666666666666666666666666667", "7"),
        (Aggregation(Kind.MINIMUM), "-2", "7"),
        (Aggregation(Kind.MAXIMUM), "10.50", "7"),
        (Aggregation(Kind.FIRST), "4", "7"),
        (Aggregation(Kind.LAST), "10.50", "7"),
        (Aggregation(Kind.MEDIAN), "4", "7"),
        (Aggregation(Kind.PERCENTILE, fraction=D("0.75")), "7.25", "7"),
        (Aggregation(Kind.DISTINCT, of="invoice"), "3", "1"),
        (Aggregation(Kind.DISTINCT, of="customer"), "2", None),
        (Aggregation(Kind.REPEAT, of="customer", per="invoice"), "1", None),
        (Aggregation(Kind.REPEAT, of="customer", per="invoice", at_least=3), "0", None),
        (Aggregation(Kind.REPEAT, of="customer", per="invoice", at_least=1), "2", None),
    ],
)
def test_m2_roll_up_each_aggregation_by_day(aggregation, first_day, second_day):
    expected = {(at(1),): D(first_day)}
    if second_day is not None:
        expected[(at(2),)] = D(second_day)

    assert roll_up(ROWS, DAYS, aggregation) == expected
    assert roll_up(reversed(ROWS), DAYS, aggregation) == expected


def test_m2_roll_up_by_one_and_two_dimensions():
    total = Aggregation(Kind.SUM)

    assert roll_up(ROWS, DAYS, total, by=["country"]) == {
        (at(1), "FR"): D("8.50"),
        (at(1), "DE"): D(4),
        (at(2), "FR"): D(7),
    }
    assert roll_up(ROWS, DAYS, total, by=["country", "product"]) == {
        (at(1), "FR", "a"): D("10.50"),
        (at(1), "FR", "b"): D(-2),
        (at(1), "DE", "a"): D(4),
        (at(2), "FR", "a"): D(7),
    }
    assert roll_up(ROWS, DAYS, Aggregation(Kind.DISTINCT, of="invoice"), by=["country"]) == {
        (at(1), "FR"): D(1),
        (at(1), "DE"): D(1),
        (at(1), None): D(1),
        (at(2), "FR"): D(1),
    }


def test_m2_first_and_last_of_one_instant_are_decided_by_the_row_key():
    rows = [row(at(1), key, value) for key, value in [("b", "2"), ("c", "3"), ("a", "1")]]

    assert roll_up(rows, DAYS, Aggregation(Kind.FIRST)) == {(at(1),): D(1)}
    assert roll_up(rows, DAYS, Aggregation(Kind.LAST)) == {(at(1),): D(3)}


def test_m2_stock_takes_the_value_at_the_end_of_the_period():
    stock = [row(at(day), f"d{day}", value) for day, value in [(1, "100"), (2, "80"), (3, "120")]]

    assert roll_up(stock, [(at(1), at(4))], Aggregation(Kind.LAST)) == {(at(1),): D(120)}


def test_m2_sums_are_exact_over_any_spread():
    rows = [row(at(1), str(n), value) for n, value in enumerate(["1E+30", "0.01", "-1E+30", "0.02"])]

    assert roll_up(rows, DAYS, Aggregation(Kind.SUM)) == {(at(1),): D("0.03")}
    assert roll_up([row(at(1), str(n), "0.1") for n in range(10)], DAYS, Aggregation(Kind.SUM)) == {(at(1),): D(1)}


def test_m2_days_of_23_and_25_hours_hold_their_own_rows():
    # Every half hour has one row; the hour of autumn that comes twice on the wall is two hours.
    for month, day, hours in [(3, 29, 23), (10, 25, 25), (5, 4, 24)]:
        start, end = datetime(2026, month, day, tzinfo=BERLIN), datetime(2026, month, day + 1, tzinfo=BERLIN)
        first = start.astimezone(UTC) - timedelta(hours=3)
        rows = [
            row((first + timedelta(minutes=30 * n)).astimezone(BERLIN), str(n), "1") for n in range(2 * (hours + 6))
        ]

        assert roll_up(rows, [(start, end)], Aggregation(Kind.COUNT)) == {(start,): D(2 * hours)}


def test_m2_hour_that_comes_twice_is_two_periods():
    first = datetime(2026, 10, 25, 2, tzinfo=BERLIN)
    second = first.replace(fold=1)
    rows = [row(first.replace(minute=5), "a", "1"), row(second.replace(minute=5), "b", "2")]
    periods = [(first, second), (second, datetime(2026, 10, 25, 3, tzinfo=BERLIN))]

    assert roll_up(rows, periods, Aggregation(Kind.SUM)) == {
        (datetime(2026, 10, 25, 0, tzinfo=UTC),): D(1),
        (datetime(2026, 10, 25, 1, tzinfo=UTC),): D(2),
    }


def test_m2_ratio_of_sums_never_the_average_of_ratios():
    returned = [row(at(1), "a", "2"), row(at(2), "b", "90")]
    sold = [row(at(1), "a", "10"), row(at(2), "b", "100")]
    total = Aggregation(Kind.SUM)

    [days, whole] = [
        evaluate(
            parse("returned / sold"),
            {
                "returned": list(roll_up(returned, periods, total).values()),
                "sold": list(roll_up(sold, periods, total).values()),
            },
        )
        for periods in (DAYS, [(at(1), at(4))])
    ]

    assert days == [D("0.2"), D("0.9")]
    assert [round(ratio, 3) for ratio in whole if ratio is not None] == [D("0.836")]


def test_m2_average_of_merged_parts_is_not_the_average_of_averages():
    few = parts_of([row(at(1), str(n), "1" if n < 2 else "0") for n in range(10)])
    many = parts_of([row(at(2), str(n), "1" if n < 90 else "0") for n in range(100)])

    assert [part.value(Kind.AVERAGE) for part in (few, many)] == [D("0.2"), D("0.9")]
    assert combine([few, many]).value(Kind.AVERAGE) == D("0.8363636363636363636363636363636364")


def test_m2_parts_of_a_few_values():
    rows = [row(at(1, 2), "b", "3"), row(at(1, 1), "a", "-1.5"), row(at(1, 3), "c", None)]

    assert parts_of(rows) == Parts(
        n=2,
        sum=D("1.5"),
        sum_of_squares=D("11.25"),
        minimum=D("-1.5"),
        maximum=D(3),
        first=(at(1, 1), "a", D("-1.5")),
        last=(at(1, 2), "b", D(3)),
    )
    assert parts_of(rows[2:]) is None
    assert combine([]) is None


def test_m2_kinds_that_need_the_rows_do_not_come_from_parts():
    parts = parts_of(ROWS)

    for kind in set(Kind) - MERGEABLE:
        with pytest.raises(ValueError, match="cannot be merged"):
            parts.value(kind)


def test_m2_periods_out_of_order_and_naive_times_are_refused():
    for periods in ([DAYS[1], DAYS[0]], [(at(1), at(3)), (at(2), at(4))], [(at(1), at(1))]):
        with pytest.raises(ValueError, match="in order, without overlap"):
            grouped(ROWS, periods)
    with pytest.raises(ValueError, match="no timezone"):
        grouped([row(datetime(2026, 5, 1), "a", "1")], DAYS)


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [("0", "1"), ("0.25", "2.5"), ("0.5", "4"), ("0.9", "30.4"), ("0.99", "46.24"), ("1", "48")],
)
def test_m2_percentile_interpolates(fraction, expected):
    rows = [row(at(1), str(n), value) for n, value in enumerate(["48", "4", None, "1", "2.5", "4"])]

    assert percentile(rows, D(fraction)) == D(expected)


@pytest.mark.parametrize("fraction", ["-0.01", "1.01"])
def test_m2_percentile_outside_of_0_to_1_is_refused(fraction):
    with pytest.raises(ValueError, match="a percentile at"):
        percentile(ROWS, D(fraction))


values = st.decimals(-10_000, 10_000, places=3)
rows_of_days = st.lists(
    st.builds(
        lambda minute, value, country: (minute, value, country),
        st.integers(0, 3 * 24 * 60 - 1),
        st.none() | values,
        st.sampled_from(["FR", "DE", None]),
    ),
    max_size=40,
).map(
    lambda found: [
        Row(at(1) + timedelta(minutes=minute), f"k{n}", value, {"country": country})
        for n, (minute, value, country) in enumerate(found)
    ]
)


@settings(deadline=None)
@given(rows_of_days)
def test_m2_merging_hours_equals_computing_days_for_every_mergeable_kind(rows):
    instants = [at(1) + timedelta(hours=n) for n in range(3 * 24 + 1)]
    hours = roll_up_parts(rows, list(pairwise(instants)), by=["country"])

    for kind in MERGEABLE:
        computed = roll_up(rows, DAYS, Aggregation(kind), by=["country"])
        merged = {}
        for start, end in DAYS:
            for country in ("FR", "DE", None):
                whole = combine(
                    part for (hour, entry), part in hours.items() if start <= hour < end and entry == country
                )
                if whole is not None:
                    merged[start, country] = whole.value(kind)

        assert merged == computed


@settings(deadline=None)
@given(rows_of_days)
def test_m2_merging_entries_equals_the_total(rows):
    whole = roll_up_parts(rows, DAYS)
    split = roll_up_parts(rows, DAYS, by=["country"])

    assert whole == {
        (start,): combine(part for (day, _), part in split.items() if day == start)
        for start, _ in DAYS
        if any(day == start for day, _ in split)
    }


@settings(deadline=None)
@given(st.lists(values, min_size=1, max_size=30), st.decimals(0, 1, places=3))
def test_m2_percentile_and_median_agree_with_other_implementations(found, fraction):
    rows = [Row(at(1), str(n), value) for n, value in enumerate(found)]

    assert percentile(rows, D("0.5")) == median(found)
    assert float(percentile(rows, fraction)) == pytest.approx(
        numpy.percentile([float(value) for value in found], float(fraction * 100)), abs=1e-6
    )
