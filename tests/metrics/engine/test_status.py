"""The table of cases of the traffic light: every direction, targets above, at and below 0, edges exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.engine.status import (
    Assessment,
    Direction,
    Margin,
    NoAttainment,
    Status,
    StatusReason,
    Target,
    assess,
)

D = Decimal
HIGHER, LOWER, IN_RANGE = Direction
ON, WARNING, OFF, UNKNOWN = Status


def share(amount: str) -> Margin:
    return Margin(D(amount))


def amount(amount: str) -> Margin:
    return Margin(D(amount), is_share=False)


def lights(target: Target, *values: str) -> list[Status]:
    return [assess(D(value), target).status for value in values]


@pytest.mark.parametrize(
    ("direction", "aim", "margin", "on_track", "warning", "off_track"),
    [
        # the amber zone runs from the target to the margin, both edges in it or better
        (HIGHER, "100", share("0.1"), ["100", "250"], ["99.99", "90"], ["89.99", "0", "-5"]),
        (HIGHER, "100", amount("5"), ["100"], ["99", "95"], ["94.99"]),
        (HIGHER, "100", None, ["100"], [], ["99.99"]),
        (HIGHER, "-100", share("0.1"), ["-100", "-50", "0", "7"], ["-100.01", "-110"], ["-110.01"]),
        (HIGHER, "0", amount("5"), ["0", "1"], ["-0.01", "-5"], ["-5.01"]),
        (HIGHER, "0", share("0.1"), ["0", "1"], [], ["-0.01"]),
        (LOWER, "100", share("0.1"), ["100", "0", "-3"], ["100.01", "110"], ["110.01"]),
        (LOWER, "100", amount("5"), ["100"], ["105"], ["105.01"]),
        (LOWER, "-100", share("0.1"), ["-100", "-150"], ["-99", "-90"], ["-89.99", "0"]),
        (LOWER, "0", amount("2"), ["0", "-1"], ["0.01", "2"], ["2.01"]),
        (LOWER, "0", share("0.5"), ["0"], [], ["0.01"]),
        (LOWER, "0", None, ["0"], [], ["1"]),
    ],
)
def test_m3_status_of_one_target_with_one_margin(direction, aim, margin, on_track, warning, off_track):
    for target in (Target(direction, D(aim), amber=margin), Target(direction, D(aim), red=margin)):
        assert lights(target, *on_track) == [ON] * len(on_track)
        assert lights(target, *warning) == [WARNING] * len(warning)
        assert lights(target, *off_track) == [OFF] * len(off_track)


@pytest.mark.parametrize(
    ("low", "high", "margin", "on_track", "warning", "off_track"),
    [
        # a share is of the width, 10 here, wherever the range lies
        ("20", "30", share("0.1"), ["20", "25", "30"], ["19", "19.99", "30.01", "31"], ["18.99", "31.01"]),
        ("-5", "5", share("0.1"), ["-5", "0", "5"], ["-6", "6"], ["-6.01", "6.01"]),
        ("-30", "-20", share("0.1"), ["-30", "-20"], ["-31", "-19"], ["-31.01", "-18.99"]),
        ("20", "30", amount("2"), ["20", "30"], ["18", "32"], ["17.99", "32.01"]),
        ("20", "30", None, ["20", "30"], [], ["19.99", "30.01"]),
        # one bound, or none between: a share of the bound's size
        ("20", None, share("0.1"), ["20", "9999"], ["18"], ["17.99"]),
        (None, "-20", share("0.1"), ["-20", "-9999"], ["-18"], ["-17.99"]),
        ("50", "50", share("0.1"), ["50"], ["45", "55"], ["44.99", "55.01"]),
        ("0", "0", share("0.1"), ["0"], [], ["0.01", "-0.01"]),
        ("0", None, amount("1"), ["0"], ["-1"], ["-1.01"]),
    ],
)
def test_m3_status_in_range(low, high, margin, on_track, warning, off_track):
    target = Target(IN_RANGE, low=low and D(low), high=high and D(high), amber=margin)

    assert lights(target, *on_track) == [ON] * len(on_track)
    assert lights(target, *warning) == [WARNING] * len(warning)
    assert lights(target, *off_track) == [OFF] * len(off_track)


@pytest.mark.parametrize(
    ("target", "on_track", "warning", "off_track"),
    [
        (Target(HIGHER, D(100), amber=share("0.05"), red=share("0.1")), ["100", "95"], ["94.99", "90"], ["89.99"]),
        (Target(LOWER, D(-100), amber=share("0.05"), red=share("0.1")), ["-100", "-95"], ["-94.99", "-90"], ["-89.99"]),
        (Target(HIGHER, D(0), amber=amount("1"), red=amount("3")), ["0", "-1"], ["-1.01", "-3"], ["-3.01"]),
        (Target(HIGHER, D(0), amber=share("0.05"), red=share("0.1")), ["0"], [], ["-0.01"]),
        (Target(HIGHER, D(100), amber=amount("5"), red=amount("5")), ["95"], [], ["94.99"]),
        (
            Target(IN_RANGE, low=D(0), high=D(10), amber=share("0.1"), red=share("0.2")),
            ["-1", "11"],
            ["-2", "12"],
            ["-2.01", "12.01"],
        ),
    ],
)
def test_m3_status_with_amber_and_red_margin(target, on_track, warning, off_track):
    assert lights(target, *on_track) == [ON] * len(on_track)
    assert lights(target, *warning) == [WARNING] * len(warning)
    assert lights(target, *off_track) == [OFF] * len(off_track)


def test_m3_assessment_tells_reason_distance_and_margin_left_out():
    target = Target(HIGHER, D(100), amber=share("0.05"), red=share("0.1"))

    assert assess(D(120), target) == Assessment(ON, StatusReason.MET, D(0), attainment=D("1.2"))
    assert assess(D(96), target) == Assessment(ON, StatusReason.WITHIN_MARGIN, D(4), attainment=D("0.96"))
    assert assess(D(92), target) == Assessment(WARNING, StatusReason.WITHIN_MARGIN, D(8), attainment=D("0.92"))
    assert assess(D(50), target) == Assessment(OFF, StatusReason.BEYOND_MARGIN, D(50), attainment=D("0.5"))
    assert assess(D(-1), Target(HIGHER, D(0), amber=share("0.1"))) == Assessment(
        OFF,
        StatusReason.BEYOND_MARGIN,
        D(1),
        margin_left_out=True,
        no_attainment=NoAttainment.TARGET_NOT_POSITIVE,
    )


@pytest.mark.parametrize(
    ("target", "value", "ratio", "reason"),
    [
        (Target(HIGHER, D(200)), "150", D("0.75"), None),
        (Target(HIGHER, D(200)), "-50", D("-0.25"), None),
        (Target(HIGHER, D(3)), "1", D("0.3333333333333333333333333333333333"), None),
        (Target(HIGHER, D(0)), "5", None, NoAttainment.TARGET_NOT_POSITIVE),
        (Target(HIGHER, D(-10)), "-5", None, NoAttainment.TARGET_NOT_POSITIVE),
        (Target(LOWER, D(10)), "20", D("0.5"), None),
        (Target(LOWER, D(10)), "8", D("1.25"), None),
        (Target(LOWER, D(10)), "0", None, NoAttainment.VALUE_NOT_POSITIVE),
        (Target(LOWER, D(10)), "-1", None, NoAttainment.VALUE_NOT_POSITIVE),
        (Target(LOWER, D(0)), "1", None, NoAttainment.TARGET_NOT_POSITIVE),
        (Target(IN_RANGE, low=D(1), high=D(2)), "1", None, NoAttainment.RANGE),
        (Target(IN_RANGE, D(5), low=D(1), high=D(9)), "1", None, NoAttainment.RANGE),
    ],
)
def test_m3_attainment_only_where_it_says_something(target, value, ratio, reason):
    found = assess(D(value), target)

    assert (found.attainment, found.no_attainment) == (ratio, reason)


@pytest.mark.parametrize("target", [None, Target(HIGHER), Target(LOWER, low=D(1)), Target(IN_RANGE, D(5))])
def test_m3_status_without_target_is_unknown(target):
    assert assess(D(1), target) == Assessment(UNKNOWN, StatusReason.NO_TARGET, no_attainment=NoAttainment.NO_TARGET)


def test_m3_status_without_value_is_unknown():
    assert assess(None, Target(HIGHER, D(1))) == Assessment(
        UNKNOWN, StatusReason.NO_VALUE, no_attainment=NoAttainment.NO_VALUE
    )


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"low": D(2), "high": D(1)}, "a range from 2 to 1"),
        ({"amber": share("0.2"), "red": share("0.1")}, "amber margin 0.2 is wider than the red one 0.1"),
        ({"amber": share("0.1"), "red": amount("5")}, "one margin is a share, the other an amount"),
    ],
)
def test_m3_target_that_contradicts_itself_is_refused(facts, message):
    with pytest.raises(ValueError, match=message):
        Target(IN_RANGE, **facts)


@pytest.mark.parametrize("wrong", ["-0.1", "NaN", "Infinity"])
def test_m3_margin_that_is_no_size_is_refused(wrong):
    with pytest.raises(ValueError, match=f"a margin of {wrong}"):
        share(wrong)


decimals = st.decimals(-1000, 1000, places=2)
margins = st.none() | st.builds(Margin, st.decimals(0, 2, places=2), st.booleans())


@given(decimals, decimals, margins)
def test_m3_higher_and_lower_are_mirror_images(value, aim, margin):
    higher = assess(value, Target(HIGHER, aim, amber=margin))
    lower = assess(-value, Target(LOWER, -aim, amber=margin))

    assert (higher.status, higher.reason, higher.distance) == (lower.status, lower.reason, lower.distance)


@given(decimals, decimals, decimals, margins)
def test_m3_a_better_value_never_has_a_worse_status(value, other, aim, margin):
    order = [OFF, WARNING, ON]
    target = Target(HIGHER, aim, amber=margin)

    worse, better = (order.index(assess(found, target).status) for found in sorted([value, other]))

    assert worse <= better


@given(decimals, decimals, margins)
def test_m3_a_range_with_one_bound_is_that_target(value, aim, margin):
    ranged = assess(value, Target(IN_RANGE, low=aim, amber=margin))
    higher = assess(value, Target(HIGHER, aim, amber=margin))

    assert (ranged.status, ranged.reason, ranged.distance) == (higher.status, higher.reason, higher.distance)
