"""Shares of a whole, steps of a funnel, cohorts and warmth, against numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from metrics.engine.cohorts import average_shares, cohorts
from metrics.engine.heat import heat
from metrics.engine.shares import funnel, pareto

D = Decimal


def test_m13_pareto_cumulates_and_finds_where_the_line_is_reached() -> None:
    found = pareto([D(50), D(30), D(15), D(5)], D(100), D("0.8"))

    assert found is not None
    assert found.cumulated == (D("0.5"), D("0.8"), D("0.95"), D(1))
    assert found.vital == 2


def test_m13_pareto_of_a_line_that_is_never_reached_has_no_vital_part() -> None:
    found = pareto([D(5)], D(10), D("0.8"))

    assert found is not None
    assert (found.cumulated, found.vital) == ((D("0.5"),), 0)


@pytest.mark.parametrize(("values", "whole"), [([D(5), D(-1)], D(4)), ([], D(0)), ([D(0)], D(0)), ([D(1)], D(-1))])
def test_m13_parts_below_zero_or_of_nothing_have_no_shares(values: list[Decimal], whole: Decimal) -> None:
    assert pareto(values, whole, D("0.8")) is None


def test_m13_funnel_compares_with_the_first_step_and_the_one_before() -> None:
    steps = funnel([D(200), D(50), None, D(10)])

    assert [(step.of_first, step.of_previous) for step in steps] == [
        (None, None),
        (D("0.25"), D("0.25")),
        (None, None),
        (D("0.05"), None),
    ]


def test_m13_funnel_that_begins_with_nothing_has_no_rates() -> None:
    assert [step.of_first for step in funnel([D(0), D(3)])] == [None, None]


def test_m13_cohorts_hold_sizes_counts_and_shares_as_far_as_time_has_come() -> None:
    # Four came first in period 0, of whom two came again in 1 and one in 2; two came first in 1, one of them again in 2
    found = {(0, 0): 4, (0, 1): 2, (0, 2): 1, (1, 0): 2, (1, 1): 1}

    first, second, third = cohorts(found, 3)

    assert (first.size, first.counts, first.shares) == (4, (2, 1), (D("0.5"), D("0.25")))
    assert (second.size, second.counts, second.shares) == (2, (1,), (D("0.5"),))
    assert (third.size, third.counts, third.shares) == (0, (), ())


def test_m13_average_of_cohorts_weighs_by_size_and_leaves_the_running_period_out() -> None:
    made = cohorts({(0, 0): 4, (0, 1): 2, (0, 2): 1, (1, 0): 2, (1, 1): 0}, 3)

    assert average_shares(made, complete=3) == [CONTEXT_THIRD, D("0.25")]
    # The third period runs: cohort 1 at age 1 and cohort 0 at age 2 stand in it
    assert average_shares(made, complete=2) == [D("0.5"), None]


CONTEXT_THIRD = D("0.3333333333333333333333333333333333")


def test_m13_heat_goes_by_rank_so_that_one_peak_hides_nothing() -> None:
    assert heat([D(1), D(2), D(3), D(4), D(1_000_000)]) == [1, 2, 3, 4, 5]
    assert heat([D(7), None, D(7)]) == [3, None, 3]
    assert heat([None]) == [None]
    assert heat([D(0), D(0), D(0), D(0), D(9)]) == [1, 1, 1, 1, 5]
