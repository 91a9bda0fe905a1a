"""Changes against a base: exact ratios, signs of negative bases, running periods like for like."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from metrics.engine.comparison import Change, Goal, NoChange, Verdict, change, compare, elapsed_part
from metrics.engine.status import Direction

D = Decimal
HIGHER = Goal(Direction.HIGHER)
LOWER = Goal(Direction.LOWER)
GOOD, BAD, NEUTRAL = Verdict
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "base", "absolute", "relative"),
    [
        ("110", "100", "10", "0.1"),
        ("90", "100", "-10", "-0.1"),
        ("0", "100", "-100", "-1"),
        ("-50", "100", "-150", "-1.5"),
        # of negative bases: the sign is the way it moved
        ("-50", "-100", "50", "0.5"),
        ("-150", "-100", "-50", "-0.5"),
        ("100", "-100", "200", "2"),
        ("0", "-100", "100", "1"),
        ("4", "3", "1", "0.3333333333333333333333333333333333"),
        ("5.00", "5", "0", "0"),
    ],
)
def test_m7_change_absolute_and_relative(value, base, absolute, relative):
    found = change(D(value), D(base), HIGHER)

    assert (found.absolute, found.relative, found.no_change) == (D(absolute), D(relative), None)


@pytest.mark.parametrize(
    ("value", "base", "expected"),
    [
        (None, D(1), Change(None, D(1), no_change=NoChange.NO_VALUE)),
        (D(1), None, Change(D(1), None, no_change=NoChange.NO_BASE)),
        (None, None, Change(None, None, no_change=NoChange.NO_VALUE)),
        (D(3), D(0), Change(D(3), D(0), D(3), None, GOOD, NoChange.BASE_ZERO)),
        (D(0), D(0), Change(D(0), D(0), D(0), None, NEUTRAL, NoChange.BASE_ZERO)),
    ],
)
def test_m7_change_with_missing_or_zero_base_has_no_ratio(value, base, expected):
    assert change(value, base, HIGHER) == expected


@pytest.mark.parametrize(
    ("goal", "up", "down", "same"),
    [
        (HIGHER, GOOD, BAD, NEUTRAL),
        (LOWER, BAD, GOOD, NEUTRAL),
        (Goal(Direction.IN_RANGE), NEUTRAL, NEUTRAL, NEUTRAL),
        (Goal(Direction.IN_RANGE, D(0), D(5)), BAD, GOOD, NEUTRAL),
        (Goal(Direction.IN_RANGE, D(15), D(20)), GOOD, BAD, NEUTRAL),
        (Goal(Direction.IN_RANGE, D(0), D(20)), NEUTRAL, NEUTRAL, NEUTRAL),
        (Goal(Direction.IN_RANGE, D(10), None), NEUTRAL, BAD, NEUTRAL),
        (Goal(Direction.IN_RANGE, None, D(10)), BAD, NEUTRAL, NEUTRAL),
        (Goal(Direction.IN_RANGE, D(9), D(11)), BAD, BAD, NEUTRAL),
    ],
)
def test_m7_verdict_by_direction(goal, up, down, same):
    found = [change(D(value), D(10), goal).verdict for value in (13, 7, 10)]

    assert found == [up, down, same]


def test_m7_compare_aligns_by_position():
    found = compare([D(11), None, D(5)], [D(10), D(1), None], HIGHER)

    assert found == [
        Change(D(11), D(10), D(1), D("0.1"), GOOD),
        Change(None, D(1), no_change=NoChange.NO_VALUE),
        Change(D(5), None, no_change=NoChange.NO_BASE),
    ]
    assert compare([], [], HIGHER) == []
    with pytest.raises(ValueError, match="zip"):
        compare([D(1)], [D(1), D(2)], HIGHER)


def test_m6_compare_running_period_with_the_same_elapsed_part_or_not_at_all():
    values, bases = [D(100), D(40)], [D(80), D(90)]

    whole = compare(values, bases, HIGHER, running=[1])
    alike = compare(values, bases, HIGHER, running=[1], elapsed_bases={1: D(50)})
    missing = compare(values, bases, HIGHER, running=[1], elapsed_bases={1: None})

    assert whole[1] == Change(D(40), None, no_change=NoChange.PARTIAL)
    assert alike[1] == Change(D(40), D(50), D(-10), D("-0.2"), BAD)
    assert missing[1] == Change(D(40), None, no_change=NoChange.NO_BASE)
    assert whole[0] == alike[0] == missing[0] == Change(D(100), D(80), D(20), D("0.25"), GOOD)


def test_m7_compare_ignores_an_elapsed_base_of_an_ended_period():
    assert compare([D(2)], [D(1)], HIGHER, elapsed_bases={0: D(2)}) == [Change(D(2), D(1), D(1), D(1), GOOD)]


def berlin(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=BERLIN)


FEBRUARY, MARCH, APRIL = ((berlin(month, 1), berlin(month + 1, 1)) for month in (2, 3, 4))


@pytest.mark.parametrize(
    ("period", "base", "as_of", "cut"),
    [
        (MARCH, FEBRUARY, berlin(3, 15, 10), berlin(2, 15, 10)),
        (MARCH, FEBRUARY, berlin(3, 1), berlin(2, 1)),
        (MARCH, FEBRUARY, berlin(3, 31, 10), berlin(3, 1)),
        # the same hour on the wall though the clocks changed on 29 March
        (APRIL, MARCH, berlin(4, 30, 10), berlin(3, 30, 10)),
        (MARCH, FEBRUARY, datetime(2026, 3, 15, 9, tzinfo=UTC), berlin(2, 15, 10)),
        # ended: the whole base
        (FEBRUARY, MARCH, berlin(3, 1), berlin(4, 1)),
        (FEBRUARY, MARCH, berlin(3, 1) - timedelta(hours=1), berlin(3, 28, 23)),
    ],
)
def test_m6_elapsed_part_ends_at_the_same_time_on_the_wall(period, base, as_of, cut):
    assert elapsed_part(period, base, as_of=as_of) == (base[0], cut)


def test_m6_elapsed_part_refuses_what_has_no_answer():
    with pytest.raises(ValueError, match="is before the period"):
        elapsed_part(MARCH, FEBRUARY, as_of=berlin(2, 28))
    with pytest.raises(ValueError, match="need a timezone"):
        elapsed_part(MARCH, FEBRUARY, as_of=datetime(2026, 3, 2))
