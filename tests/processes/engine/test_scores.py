"""The score of a run, worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from processes.engine.conditions import BLANK
from processes.engine.content import (
    Check,
    ChoiceSettings,
    Field,
    FieldKind,
    NumberSettings,
    Operator,
    Option,
    Procedure,
    RunRules,
    Section,
    Step,
)
from processes.engine.scores import Score, StepResult, score
from processes.engine.states import StepState

OPTIONS = ChoiceSettings(
    (
        Option("good", "Good"),
        Option("fair", "Fair", score=40),
        Option("none", "None", score=None),
        Option("bad", "Bad", fails=True),
    )
)
FIELDS = (
    Field("tick", "Tick", FieldKind.CHECKBOX, weight=2),
    Field("choice", "Choice", FieldKind.CHOICE, weight=5, settings=OPTIONS),
    Field("stars", "Stars", FieldKind.RATING, weight=5),
    Field("warm", "Warm", FieldKind.NUMBER, weight=1, settings=NumberSettings(warn_above=Decimal(8))),
    Field("note", "Note", FieldKind.TEXT),
    Field("safe", "Safe", FieldKind.CHECKBOX, weight=3, critical=True, fail_when=Check(Operator.NOT_TICKED)),
)
PROCEDURE = Procedure(
    (Section("a", "A", steps=(Step("one", "One", fields=FIELDS), Step("two", "Two", weight=4, critical=True))),),
    RunRules(pass_percent=70),
)
DONE, SKIPPED = StepState.DONE, StepState.SKIPPED
GOOD: dict[str, Any] = {"tick": True, "choice": "fair", "stars": 4, "warm": "9", "note": "x", "safe": True}


def test_p11_the_score_is_what_was_earned_of_what_applied() -> None:
    found = score(PROCEDURE, [StepResult("one", DONE, GOOD), StepResult("two", DONE, {})])

    # 2 + 5 x 40 % + 5 x 4/5 + 0 + 3 + 4 of 2 + 5 + 5 + 1 + 3 + 4
    assert found == Score(Fraction(15), Fraction(20), (), True)
    assert found.share == Fraction(3, 4)


def test_p11_what_is_not_applicable_leaves_the_score() -> None:
    answers = GOOD | {"choice": "none", "stars": BLANK}

    found = score(PROCEDURE, [StepResult("one", DONE, answers), StepResult("two", StepState.NOT_APPLICABLE, {})])

    assert (found.earned, found.applicable) == (Fraction(5), Fraction(6))


def test_p11_a_critical_failure_fails_the_run_whatever_the_points() -> None:
    best = {"tick": True, "choice": "good", "stars": 5, "warm": "8", "safe": False}

    found = score(PROCEDURE, [StepResult("one", DONE, best), StepResult("two", DONE, {})])

    assert found == Score(Fraction(17), Fraction(20), (("one", 0, "safe"),), False)


def test_p11_a_skipped_critical_step_fails_the_run_and_earns_nothing() -> None:
    found = score(PROCEDURE, [StepResult("one", DONE, GOOD), StepResult("two", SKIPPED, {})])

    assert found == Score(Fraction(11), Fraction(20), (("two", 0, ""),), False)


def test_p11_rows_of_a_repeated_section_count_one_by_one_and_open_steps_not_yet() -> None:
    results = [StepResult("one", DONE, {"tick": number > 1}, row=number) for number in (1, 2)]

    found = score(PROCEDURE, [*results, StepResult("two", StepState.STARTED, {})])

    assert (found.earned, found.applicable) == (Fraction(2), Fraction(32))


def test_p11_nothing_scored_is_no_score() -> None:
    found = score(Procedure(), [])

    assert (found.share, found.passed) == (None, None)
