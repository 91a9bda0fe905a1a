"""Current, partial, waiting, stale: at the edges to the microsecond, and where the clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from metrics.engine.freshness import Freshness, State, due_at, freshness, period_state

BERLIN = ZoneInfo("Europe/Berlin")
TICK = timedelta(microseconds=1)
DUE = timedelta(hours=6)


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


MAY_4 = (at(4), at(5))
DAYS = list(pairwise(at(day) for day in range(1, 9)))


@pytest.mark.parametrize(
    ("as_of", "last_data_at", "state"),
    [
        (at(4), None, State.PARTIAL),
        (at(4, 12), at(4, 3), State.PARTIAL),
        (at(5) - TICK, None, State.PARTIAL),
        (at(5), None, State.WAITING),
        (at(5), at(4) - TICK, State.WAITING),
        (at(5), at(4), State.CURRENT),
        (at(5, 6), at(3), State.WAITING),
        (at(5, 6) + TICK, at(3), State.STALE),
        (at(5, 6) + TICK, at(4), State.CURRENT),
        (at(5, 6) + TICK, at(5, 1), State.CURRENT),
        (at(5, 6) + TICK, None, State.STALE),
    ],
)
def test_m6_period_state_is_exact_at_edges(as_of, last_data_at, state):
    assert period_state(MAY_4, last_data_at=last_data_at, as_of=as_of, due_after=DUE) is state


def test_m6_period_due_at_once_is_awaited_at_its_end_and_stale_after():
    assert period_state(MAY_4, last_data_at=None, as_of=at(5)) is State.WAITING
    assert period_state(MAY_4, last_data_at=None, as_of=at(5) + TICK) is State.STALE


@pytest.mark.parametrize(
    ("end", "due"),
    [
        # 29 March 2026 has 23 hours, 25 October 25: six hours after midnight are not 06:00 on the wall
        (datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 3, 29, 7, tzinfo=BERLIN)),
        (datetime(2026, 10, 25, tzinfo=BERLIN), datetime(2026, 10, 25, 5, tzinfo=BERLIN)),
        (datetime(2026, 5, 5, tzinfo=BERLIN), datetime(2026, 5, 5, 6, tzinfo=BERLIN)),
    ],
)
def test_m6_due_hours_are_real_hours(end, due):
    period = (end - timedelta(days=1), end)

    assert due_at(period, DUE) == due.astimezone(UTC)
    assert period_state(period, last_data_at=None, as_of=due, due_after=DUE) is State.WAITING
    assert period_state(period, last_data_at=None, as_of=due + TICK, due_after=DUE) is State.STALE


@pytest.mark.parametrize(
    ("as_of", "last_data_at", "state", "day", "due"),
    [
        # data today: the running day, marked as partial
        (at(4, 12), at(4, 9), State.PARTIAL, 4, at(5, 6)),
        # none yet today: yesterday's value stands
        (at(4, 12), at(3, 9), State.CURRENT, 3, at(4, 6)),
        # yesterday is awaited until six
        (at(4, 6), at(2, 9), State.WAITING, 3, at(4, 6)),
        (at(4, 6) + TICK, at(2, 9), State.STALE, 3, at(4, 6)),
        # the oldest overdue day decides, though a later one is only awaited
        (at(4, 3), at(1, 9), State.STALE, 2, at(3, 6)),
        (at(8, 12), at(1, 9), State.STALE, 2, at(3, 6)),
        # all days have ended
        (at(8), at(7), State.CURRENT, 7, at(8, 6)),
        (at(8), at(6), State.WAITING, 7, at(8, 6)),
    ],
)
def test_m6_freshness_names_the_period_that_decides(as_of, last_data_at, state, day, due):
    found = freshness(DAYS, last_data_at=last_data_at, as_of=as_of, due_after=DUE)

    assert found == Freshness(state, DAYS[day - 1], last_data_at, due)


def test_m6_freshness_of_a_kpi_that_never_had_data():
    days = DAYS[2:]

    assert freshness(days, last_data_at=None, as_of=at(3) - TICK) is None
    assert freshness([], last_data_at=None, as_of=at(3)) is None
    assert freshness(days, last_data_at=None, as_of=at(3), due_after=DUE) == Freshness(
        State.PARTIAL, days[0], None, at(4, 6)
    )
    assert freshness(days, last_data_at=None, as_of=at(4, 7), due_after=DUE) == Freshness(
        State.STALE, days[0], None, at(4, 6)
    )


def test_m6_freshness_compares_instants_across_zones():
    day = (datetime(2026, 5, 4, tzinfo=BERLIN), datetime(2026, 5, 5, tzinfo=BERLIN))

    assert period_state(day, last_data_at=datetime(2026, 5, 3, 22, tzinfo=UTC), as_of=at(5)) is State.CURRENT
    assert period_state(day, last_data_at=datetime(2026, 5, 3, 22, tzinfo=UTC) - TICK, as_of=at(5)) is State.STALE


def test_m6_freshness_refuses_naive_times_and_impossible_rules():
    naive = datetime(2026, 5, 4)

    with pytest.raises(ValueError, match="no timezone"):
        period_state(MAY_4, last_data_at=None, as_of=naive)
    with pytest.raises(ValueError, match="no timezone"):
        period_state(MAY_4, last_data_at=naive, as_of=at(5))
    with pytest.raises(ValueError, match="the period from"):
        period_state((at(5), at(5)), last_data_at=None, as_of=at(5))
    with pytest.raises(ValueError, match="cannot be due"):
        period_state(MAY_4, last_data_at=None, as_of=at(6), due_after=-TICK)
