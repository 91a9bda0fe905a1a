"""Which steps apply, which are ready, which open again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from processes.engine.content import Procedure, RunRules, StepOrder, read_content
from processes.engine.progress import Place, RunFacts, is_complete, missing_fields, reopened, standings
from processes.engine.states import StepState
from tests.processes.engine.samples import DELIVERY

FREE = replace(read_content(DELIVERY), rules=RunRules())
PAPER, COLD, RELEASE = ("paper", 0), ("cold", 0), ("release", 0)
ONE, TWO = ("count", 1), ("count", 2)


def facts(done: list[Place], answers: dict[tuple[str, int], Any] | None = None) -> RunFacts:
    return RunFacts({"pallets": (1, 2)}, dict.fromkeys(done, StepState.DONE), answers or {})


def ready(procedure: Procedure, run: RunFacts) -> list[Place]:
    found = standings(procedure, run)
    return [place for place, one in found.items() if one.is_ready and place not in run.states]


def test_p3_a_step_waits_for_the_answer_that_decides_and_follows_it() -> None:
    undecided = standings(FREE, facts([]))[COLD]
    fresh = standings(FREE, facts([], {("goods", 0): "fresh"}))[COLD]
    dry = standings(FREE, facts([], {("goods", 0): "dry"}))[COLD]
    left_empty = standings(FREE, facts([PAPER]))[COLD]

    assert [one.applies for one in (undecided, fresh, dry, left_empty)] == [None, True, False, False]
    assert fresh.is_ready
    assert dry.fields == {"degrees": False}


def test_p12_every_row_has_its_own_answers() -> None:
    found = standings(FREE, facts([], {("goods", 0): "dry", ("boxes", 1): "9", ("boxes", 2): "10"}))
    some = standings(FREE, facts([], {("boxes", 1): "9", ("boxes", 2): "10"}))

    assert list(found) == [PAPER, COLD, ONE, TWO, RELEASE]
    assert [found[place].fields["damage"] for place in (ONE, TWO)] == [True, True]
    assert [some[place].fields["damage"] for place in (ONE, TWO)] == [True, None]


def test_a_step_after_a_repeated_one_waits_for_all_rows() -> None:
    found = standings(FREE, facts([PAPER, ONE]))

    assert found[RELEASE].waits_for == (TWO,)
    assert ready(FREE, facts([PAPER])) == [ONE, TWO]
    assert ready(FREE, facts([PAPER, ONE, TWO])) == [RELEASE]


def test_the_order_is_free_recorded_or_strict() -> None:
    run = facts([], {("goods", 0): "fresh"})
    recorded = replace(FREE, rules=RunRules(order=StepOrder.RECORDED))
    strict = replace(FREE, rules=RunRules(order=StepOrder.STRICT))

    assert ready(FREE, run) == [PAPER, COLD]
    assert ready(recorded, run) == [PAPER, COLD]
    assert [standings(one, run)[COLD].is_early for one in (FREE, recorded)] == [False, True]
    assert ready(strict, run) == [PAPER]
    assert standings(strict, run)[COLD].waits_for == (PAPER,)


def test_p3_a_hidden_required_step_never_blocks_the_end() -> None:
    run = facts([PAPER, ONE, TWO, RELEASE], {("goods", 0): "dry"})
    fresh = facts([PAPER, ONE, TWO, RELEASE], {("goods", 0): "fresh"})

    assert is_complete(run, standings(FREE, run))
    assert not is_complete(fresh, standings(FREE, fresh))


def test_p4_a_step_sent_back_reopens_its_target_and_what_was_built_on_it() -> None:
    states = dict.fromkeys([PAPER, COLD, ONE, TWO], StepState.DONE) | {RELEASE: StepState.IN_APPROVAL}
    run = RunFacts({"pallets": (1, 2)}, states, {("goods", 0): "fresh"})

    assert reopened(FREE, run, RELEASE, RELEASE) == [RELEASE]
    assert reopened(FREE, run, RELEASE, TWO) == [TWO, RELEASE]
    assert reopened(FREE, run, RELEASE, PAPER) == [PAPER, COLD, ONE, TWO, RELEASE]
    assert reopened(FREE, run, RELEASE, COLD) == [COLD, RELEASE]


def test_required_fields_that_apply_must_be_answered() -> None:
    found = standings(FREE, facts([], {("goods", 0): "fresh"}))

    assert missing_fields(FREE.step("paper"), found[PAPER], {"supplier": "A"}) == ("delivery",)
    assert missing_fields(FREE.step("cold"), found[COLD], {}) == ("degrees",)
    assert missing_fields(FREE.step("cold"), standings(FREE, facts([PAPER]))[COLD], {}) == ()
