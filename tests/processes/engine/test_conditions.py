"""Conditions: every operator, what is not known yet, and what they say in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processes.engine.conditions import BLANK, Phrase, PhraseGroup, compare, fails, holds, phrased
from processes.engine.content import (
    AllOf,
    AnyOf,
    Check,
    ChoiceSettings,
    Comparison,
    Condition,
    Field,
    FieldKind,
    NumberSettings,
    Operator,
    Option,
)

NUMBER = Field("n", "Temperature", FieldKind.NUMBER, label_zh="温度", settings=NumberSettings(unit="°C"))
TICK = Field("t", "Done", FieldKind.CHECKBOX)
CHOICE = Field(
    "c",
    "Colour",
    FieldKind.CHOICE,
    settings=ChoiceSettings((Option("red", "Red", "红", fails=True), Option("blue", "Blue", "蓝"))),
)


@pytest.mark.parametrize(
    ("kind", "answer", "operator", "value", "found"),
    [
        (FieldKind.TEXT, "Milk ", "is", "milk", True),
        (FieldKind.TEXT, "Oat milk", "contains", "MILK", True),
        (FieldKind.TEXT, "Milk", "is_not", "milk", False),
        (FieldKind.NUMBER, "8.0", "is", "8", True),
        (FieldKind.NUMBER, "10", "above", "9", True),
        (FieldKind.NUMBER, "9", "above", "9", False),
        (FieldKind.NUMBER, "9", "at_least", "9", True),
        (FieldKind.NUMBER, "-1", "below", "0", True),
        (FieldKind.NUMBER, "0.1", "at_most", "0.09", False),
        (FieldKind.RATING, 4, "at_least", "3", True),
        (FieldKind.CHOICE, "red", "one_of", ("red", "blue"), True),
        (FieldKind.CHOICE, "red", "none_of", ("red", "blue"), False),
        (FieldKind.CHOICES, ["red"], "includes", "red", True),
        (FieldKind.CHOICES, ["red"], "lacks", "blue", True),
        (FieldKind.CHECKBOX, False, "ticked", None, False),
        (FieldKind.CHECKBOX, False, "not_ticked", None, True),
        (FieldKind.DATE, "2026-02-28", "before", "2026-03-01", True),
        (FieldKind.DATE, "2026-03-01", "after", "2026-03-01", False),
        (FieldKind.TIME, "08:30", "is", "08:30:00", True),
        (FieldKind.PHOTO, ["7"], "filled", None, True),
        (FieldKind.PERSON, "7", "empty", None, False),
    ],
)
def test_p3_operators(kind: FieldKind, answer: Any, operator: str, value: Any, found: bool) -> None:
    field = Field("x", "X", kind)

    assert compare(field, answer, Operator(operator), value) is found
    assert compare(field, None, Operator(operator), value) is None


@pytest.mark.parametrize("operator", list(Operator))
def test_p3_of_a_blank_only_what_says_not_holds(operator: Operator) -> None:
    negative = {"is_not", "none_of", "lacks", "not_ticked", "empty"}

    assert compare(NUMBER, BLANK, operator, "1") is (operator.value in negative)


LEAVES = st.sampled_from(["a", "b", "c"]).map(lambda key: Comparison(key, Operator.TICKED))
TREES: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda group, parts: group(tuple(parts)),
        st.sampled_from([AllOf, AnyOf]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
FIELDS = {key: Field(key, key, FieldKind.CHECKBOX) for key in "abc"}
ANSWERS = st.fixed_dictionaries({key: st.sampled_from([True, False, None]) for key in "abc"})


def two_valued(condition: Condition, answers: dict[str, bool]) -> bool:
    if isinstance(condition, Comparison):
        return answers[condition.field]
    found = [two_valued(part, answers) for part in condition.parts]
    return all(found) if isinstance(condition, AllOf) else any(found)


@given(TREES, ANSWERS)
def test_p3_what_is_decided_stays_so_whatever_the_missing_answers_turn_out_to_be(
    condition: Condition, answers: dict[str, bool | None]
) -> None:
    missing = [key for key, value in answers.items() if value is None]
    ends = set()
    for number in range(2 ** len(missing)):
        filled = {key: bool(number >> place & 1) for place, key in enumerate(missing)}
        ends.add(two_valued(condition, {key: filled.get(key, bool(value)) for key, value in answers.items()}))

    found = holds(condition, answers, FIELDS)

    if found is not None:
        assert ends == {found}
    if not missing:
        assert found is next(iter(ends))


def test_p3_a_missing_answer_matters_only_where_it_decides() -> None:
    hot, done = Comparison("n", Operator.ABOVE, "8"), Comparison("t", Operator.TICKED)
    fields = {"n": NUMBER, "t": TICK}

    assert holds(None, {}, {}) is True
    assert holds(AllOf((hot, done)), {"n": "9"}, fields) is None
    assert holds(AllOf((hot, done)), {"n": "7"}, fields) is False
    assert holds(AnyOf((hot, done)), {"n": "9"}, fields) is True


def test_p10_an_answer_fails_by_its_check_or_by_its_option() -> None:
    limited = Field("n", "N", FieldKind.NUMBER, fail_when=Check(Operator.ABOVE, "8"))

    assert [fails(limited, answer) for answer in ("8", "8.1", None, BLANK)] == [False, True, False, False]
    assert [fails(CHOICE, answer) for answer in ("red", "blue")] == [True, False]


def test_p3_a_condition_in_words_has_labels_and_units() -> None:
    condition = AllOf(
        (Comparison("n", Operator.ABOVE, "8"), AnyOf((Comparison("c", Operator.ONE_OF, ("red", "blue")),)))
    )

    assert phrased(condition, {"n": NUMBER, "c": CHOICE}) == PhraseGroup(
        True,
        (
            Phrase(("Temperature", "温度"), Operator.ABOVE, (("8", ""),), "°C"),
            PhraseGroup(False, (Phrase(("Colour", ""), Operator.ONE_OF, (("Red", "红"), ("Blue", "蓝"))),)),
        ),
    )
