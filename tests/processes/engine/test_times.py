"""Waiting, work and re-work from stamps, against a count second by second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from processes.engine.states import StepState
from processes.engine.times import Split, Stamp, split_times

BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
SECONDS = 60

made = st.tuples(
    st.integers(0, SECONDS), st.integers(1, 4), st.sampled_from([state.value for state in StepState]), st.integers(1, 3)
)


def at(second: int) -> datetime:
    return BEGAN + timedelta(seconds=second)


def seconds(split: Split) -> tuple[float, float, float]:
    return split.waiting.total_seconds(), split.work.total_seconds(), split.rework.total_seconds()


@given(st.lists(made, max_size=25), st.integers(0, SECONDS))
def test_p21_wait_work_and_rework_are_elapsed_to_the_second(acts: list[tuple[int, int, str, int]], lasted: int) -> None:
    acts = sorted(acts, key=lambda act: act[0])
    found = split_times([Stamp(step, state, turn, at(when)) for when, step, state, turn in acts], BEGAN, at(lasted))

    counted = {"waiting": 0, "work": 0, "rework": 0}
    for second in range(lasted):
        now = {step: (state, turn) for when, step, state, turn in acts if when <= second}
        turns = [turn for state, turn in now.values() if state == "started"]
        counted["work" if 1 in turns else "rework" if turns else "waiting"] += 1

    assert found.run.elapsed == timedelta(seconds=lasted)
    assert seconds(found.run) == tuple(counted.values())


@given(st.lists(made, max_size=25), st.integers(0, SECONDS))
def test_p21_the_time_of_a_step_is_that_in_which_somebody_owes_it(
    acts: list[tuple[int, int, str, int]], lasted: int
) -> None:
    acts = sorted(acts, key=lambda act: act[0])
    found = split_times([Stamp(step, state, turn, at(when)) for when, step, state, turn in acts], BEGAN, at(lasted))

    for step, split in found.steps.items():
        states = [[act[2:] for act in acts if act[1] == step and act[0] <= second][-1:] for second in range(lasted)]
        owed = [one[0] for one in states if one and one[0][0] in ("open", "claimed", "started", "in_approval")]
        work = sum(one == ("started", 1) for one in owed)
        rework = sum(state == "started" and turn > 1 for state, turn in owed)
        assert seconds(split) == (len(owed) - work - rework, work, rework)


def test_p21_a_step_that_was_sent_back_is_worked_on_again() -> None:
    stamps = [
        Stamp(1, "open", 1, at(0)),
        Stamp(1, "started", 1, at(10)),
        Stamp(1, "in_approval", 1, at(25)),
        Stamp(1, "open", 2, at(30)),
        Stamp(1, "started", 2, at(40)),
        Stamp(1, "done", 2, at(47)),
    ]

    found = split_times(stamps, BEGAN, at(50))

    assert seconds(found.steps[1]) == (10 + 5 + 10, 15, 7)
    assert seconds(found.run) == (28, 15, 7)


def test_p21_steps_side_by_side_count_once_in_the_run() -> None:
    stamps = [Stamp(1, "started", 1, at(0)), Stamp(2, "started", 1, at(5)), Stamp(1, "done", 1, at(10))]

    found = split_times(stamps, BEGAN, at(20))

    assert seconds(found.run) == (0, 20, 0)
    assert (seconds(found.steps[1]), seconds(found.steps[2])) == ((0, 10, 0), (0, 15, 0))


def test_p21_the_seconds_that_are_shown_add_up() -> None:
    shown = Split(timedelta(seconds=1.6), timedelta(seconds=2.7), timedelta(seconds=3.8)).seconds()

    assert shown == {"work": 2, "rework": 4, "waiting": 2, "elapsed": 8}
