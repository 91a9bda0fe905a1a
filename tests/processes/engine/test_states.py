"""The tables of states, and the drawing of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from processes.engine.states import MACHINES, RUN, SETTLED, STEP, VERSION, IllegalTransition, Machine, StepState

DRAWINGS = Path(__file__).parents[3] / "docs" / "processes.md"


def test_p8_a_version_goes_from_draft_to_retired_and_never_back_once_approved() -> None:
    path = ["submit", "approve", "take_effect", "retire"]
    state = VERSION.initial.value
    seen = [state]
    for name in path:
        state = VERSION.after(state, name)
        seen.append(state)

    assert seen == ["draft", "in_review", "approved", "effective", "retired"]
    assert VERSION.allowed("approved") == ("take_effect", "retire")
    assert VERSION.allowed("effective") == ("retire",)
    assert VERSION.final == ("retired",)


def test_p8_what_the_table_lacks_is_refused() -> None:
    with pytest.raises(IllegalTransition) as refused:
        VERSION.after("draft", "approve")
    with pytest.raises(KeyError):
        VERSION.after("draft", "fly")

    assert (refused.value.machine, refused.value.state, refused.value.name) == (VERSION, "draft", "approve")


def test_p4_a_step_sent_back_opens_again_and_so_do_those_done_before_it() -> None:
    assert STEP.after("in_approval", "send_back") == "open"
    assert STEP.after("done", "reopen") == "open"
    assert STEP.sources("reopen") == ("in_approval", "done", "skipped")


def test_p13_a_step_is_handed_over_without_losing_that_it_was_started() -> None:
    assert STEP.after("open", "hand_over") == "claimed"
    assert STEP.after("started", "hand_over") == "started"


def test_p3_every_state_of_a_step_can_turn_out_not_to_apply() -> None:
    assert set(STEP.sources("drop")) == set(StepState) - {StepState.NOT_APPLICABLE}
    assert STEP.after("not_applicable", "wait") == "waiting"
    assert {"done", "skipped", "not_applicable"} == SETTLED


def test_a_finished_run_stays_finished() -> None:
    assert RUN.final == ("finished", "cancelled")


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_is_reached_from_the_first(machine: Machine) -> None:
    reached, todo = {machine.initial.value}, [machine.initial.value]
    while todo:
        state = todo.pop()
        for name in machine.allowed(state):
            target = machine.after(state, name)
            if target not in reached:
                reached.add(target)
                todo.append(target)

    assert reached == set(type(machine.initial))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_one_name_leads_from_one_state_to_one_other(machine: Machine) -> None:
    pairs = [(one.name, source) for one in machine.transitions for source in one.sources]

    assert len(pairs) == len(set(pairs))


def test_the_drawings_in_the_docs_are_those_of_the_tables() -> None:
    drawn = re.findall(r"```mermaid\n(.*?)\n```", DRAWINGS.read_text(), re.DOTALL)

    assert drawn == [machine.mermaid() for machine in MACHINES]
