from __future__ import annotations

from metrics.engine.formula_levels import levels, reached, turned

# 1 uses 2 and 3; 2 uses 3; 3 uses 4: the longest way is 1, 2, 3, 4
USES = {1: {2, 3}, 2: {3}, 3: {4}}


def test_m2_all_that_is_used_is_reached() -> None:
    assert reached(USES, [2]) == {2, 3, 4}
    assert reached(USES, []) == set()


def test_m2_the_longest_way_counts() -> None:
    assert [levels(USES, [start], most=9) for start in (1, 2, 3, 4)] == [4, 3, 2, 1]
    assert levels(USES, [], most=9) == 0


def test_m2_counting_ends_beyond_the_limit_even_in_a_circle() -> None:
    assert levels(USES, [1], most=2) == 3
    assert levels({1: {2}, 2: {1}}, [1], most=5) == 6


def test_m2_turned_tells_who_uses_it() -> None:
    assert turned(USES) == {2: {1}, 3: {1, 2}, 4: {3}}
