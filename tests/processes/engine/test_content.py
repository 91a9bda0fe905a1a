"""Reading and writing the content of a version, and the hash of it."""

from __future__ import annotations

import copy
import json
import random
from decimal import Decimal
from typing import Any

import pytest

from processes.engine.content import (
    BadContent,
    Check,
    Comparison,
    DueUnit,
    FieldKind,
    NumberSettings,
    Operator,
    Procedure,
    TextSettings,
    canonical_json,
    read_content,
    sha256,
    write_content,
)
from tests.processes.engine.samples import DELIVERY, changed


def problems(raw: Any) -> list[str]:
    with pytest.raises(BadContent) as refused:
        read_content(raw)
    return [str(problem) for problem in refused.value.problems]


def test_p6_a_text_is_read_into_its_parts() -> None:
    procedure = read_content(DELIVERY)

    cold = procedure.step("cold")
    degrees = procedure.field("degrees")
    assert [step.key for _, step in procedure.steps()] == ["paper", "cold", "count", "release"]
    assert cold.condition == Comparison("goods", Operator.IS, "fresh")
    assert cold.due is not None
    assert (cold.due.amount, cold.due.unit) == (2, DueUnit.WORKING_DAYS)
    assert degrees.settings == NumberSettings(
        unit="°C", decimals=1, least=Decimal(-40), most=Decimal(60), warn_above=Decimal("7.5")
    )
    assert degrees.fail_when == Check(Operator.ABOVE, "8")
    assert procedure.field("supplier").settings == TextSettings()
    assert procedure.rules.pass_percent == 80


def test_p6_what_is_written_reads_back_equal_and_holds_no_defaults() -> None:
    procedure = read_content(DELIVERY)

    written = write_content(procedure)

    assert read_content(json.loads(json.dumps(written))) == procedure
    assert written["sections"][0]["steps"][0]["fields"][0] == {
        "key": "supplier",
        "label": "Supplier",
        "kind": "text",
        "required": True,
    }
    assert write_content(Procedure()) == {}


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        names = list(value)
        rng.shuffle(names)
        return {name: shuffled(value[name], rng) for name in names}
    return [shuffled(item, rng) for item in value] if isinstance(value, list) else value


def test_p6_the_hash_names_the_text_and_not_how_it_was_written_down() -> None:
    procedure = read_content(DELIVERY)
    other = shuffled(copy.deepcopy(DELIVERY), random.Random(7))
    other["intro_zh"] = ""
    other["sections"][0]["steps"][1]["critical"] = True
    other["sections"][0]["steps"][1]["fields"][0]["settings"]["most"] = 60.0

    assert list(other) != list(DELIVERY)
    assert sha256(read_content(other)) == sha256(procedure)
    assert sha256(read_content(changed("sections.0.steps.1.minutes", 6))) != sha256(procedure)
    assert len(sha256(procedure)) == 64


def test_p6_the_canonical_text_is_fixed() -> None:
    small = read_content(
        {"sections": [{"key": "a", "title": "A\r\n b", "title_zh": "甲", "steps": [{"title": "Do", "key": "s"}]}]}
    )

    assert canonical_json(small) == (
        '{"sections":[{"key":"a","steps":[{"key":"s","title":"Do"}],"title":"A b","title_zh":"甲"}]}'
    )
    assert sha256(small) == "0a20078d79ef64c3ed5b4659c80450e7223c81cae6a5ad24ac73cbcc3c604914"


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
        ("sections.0.colour", "red", "sections[0]", "“colour” is not known here."),
        ("sections.0.title", "", "sections[0].title", "A text is missing here."),
        ("sections.0.title", 7, "sections[0].title", "This is no text."),
        ("sections.0.title", "a\0b", "sections[0].title", "This is no text."),
        ("sections.0.title", "\ud800", "sections[0].title", "This is no text."),
        ("sections.0.title", "x" * 201, "sections[0].title", "This text is longer than 200 characters."),
        (
            "sections.0.key",
            "Ärger",
            "sections[0].key",
            "A key is made of small letters, digits and underscores, and begins with a letter.",
        ),
        ("sections", {}, "sections", "Here stands a list."),
        ("sections", ["x"], "sections[0]", "Here stand names with values."),
        ("sections.0.steps.1.minutes", 0, "sections[0].steps[1].minutes", "This is a whole number from 1 to 100000."),
        (
            "sections.0.steps.1.minutes",
            True,
            "sections[0].steps[1].minutes",
            "This is a whole number from 1 to 100000.",
        ),
        ("sections.0.steps.1.critical", "yes", "sections[0].steps[1].critical", "This is either true or false."),
        (
            "sections.0.steps.1.due.unit",
            "years",
            "sections[0].steps[1].due.unit",
            "This is one of: minutes, hours, days, working_minutes, working_hours, working_days.",
        ),
        (
            "sections.0.steps.1.fields.0.settings.least",
            "1e400",
            "sections[0].steps[1].fields[0].settings.least",
            "This is no number, or one with too many digits.",
        ),
        (
            "sections.0.steps.1.fields.0.settings.least",
            "NaN",
            "sections[0].steps[1].fields[0].settings.least",
            "This is no number, or one with too many digits.",
        ),
        (
            "sections.0.steps.1.fields.0.settings.most",
            5,
            "sections[0].steps[1].fields[0].settings",
            "The limits contradict each other: smallest, warning below, warning above, largest must rise.",
        ),
        (
            "sections.0.steps.0.fields.2.settings",
            {},
            "sections[0].steps[0].fields[2].settings.options",
            "A choice needs at least one option.",
        ),
        (
            "sections.0.steps.0.fields.2.settings.options.1.key",
            "fresh",
            "sections[0].steps[0].fields[2].settings.options[1].key",
            "The key “fresh” is taken.",
        ),
        (
            "sections.0.steps.1.condition",
            {"all": []},
            "sections[0].steps[1].condition.all",
            "A group holds 1 to 20 conditions.",
        ),
        (
            "sections.0.steps.1.condition",
            {"field": "goods", "is": "filled", "value": "x"},
            "sections[0].steps[1].condition.value",
            "This comparison takes no value.",
        ),
        (
            "sections.0.steps.1.condition",
            {"all": [{"field": "goods", "is": "filled"}], "any": []},
            "sections[0].steps[1].condition",
            "“any” is not known here.",
        ),
    ],
)
def test_p6_bad_values_are_refused_with_their_place(path: str, value: Any, place: str, sentence: str) -> None:
    assert problems(changed(path, value)) == [f"{place}: {sentence}"]


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
        ("sections.1.key", "arrival", "sections[1].key", "The key “arrival” is taken."),
        ("sections.1.steps.0.key", "paper", "sections[1].steps[0].key", "The key “paper” is taken."),
        (
            "sections.0.steps.1.condition.field",
            "gone",
            "sections[0].steps[1].condition.field",
            "This asks for the field “gone”, which is not there.",
        ),
        (
            "sections.0.steps.1.condition",
            {"field": "degrees", "is": "filled"},
            "sections[0].steps[1].condition.field",
            "This asks for “Temperature”, which is answered only later.",
        ),
        (
            "sections.0.steps.1.condition.value",
            "wet",
            "sections[0].steps[1].condition.value",
            "“wet” cannot be an answer of “Goods”.",
        ),
        (
            "sections.0.steps.1.condition.is",
            "above",
            "sections[0].steps[1].condition.is",
            "“Goods” can be compared by: is, is_not, one_of, none_of, filled, empty.",
        ),
        (
            "sections.2.steps.0.condition",
            {"field": "boxes", "is": "filled"},
            "sections[2].steps[0].condition.field",
            "“Boxes” is answered once a row, so only its own section can ask for it.",
        ),
        (
            "sections.0.steps.1.due.field",
            "goods",
            "sections[0].steps[1].due.field",
            "“Goods” is a field of another kind; this needs: date.",
        ),
        ("sections.0.steps.1.due.step", "paper", "sections[0].steps[1].due.step", "This needs nothing more."),
        (
            "sections.2.steps.0.after",
            ["gone"],
            "sections[2].steps[0].after[0]",
            "This names the step “gone”, which is not there.",
        ),
        ("sections.2.steps.0.after", ["release"], "sections[2].steps[0].after[0]", "A step cannot wait for itself."),
        (
            "sections.2.steps.0.responsible",
            {"who": "role"},
            "sections[2].steps[0].responsible.reference",
            "Who is meant is missing.",
        ),
        (
            "sections.2.steps.0.responsible",
            {"who": "starter", "reference": "x"},
            "sections[2].steps[0].responsible.reference",
            "This needs nothing more.",
        ),
        (
            "sections.2.steps.0.responsible.reference",
            "goods",
            "sections[2].steps[0].responsible.reference",
            "“Goods” is a field of another kind; this needs: person.",
        ),
        (
            "sections.2.steps.0.approval.approvers",
            [],
            "sections[2].steps[0].approval.approvers",
            "An approval needs at least one approver.",
        ),
        (
            "sections.2.steps.0.approval.approvers",
            [{"who": "guest"}],
            "sections[2].steps[0].approval.approvers[0].who",
            "A guest cannot approve.",
        ),
        (
            "sections.2.steps.0.approval.count",
            2,
            "sections[2].steps[0].approval.count",
            "A number of approvers goes with the mode “count” alone.",
        ),
        (
            "rules.due",
            {"amount": 1, "unit": "days", "origin": "run_due"},
            "rules.due.origin",
            "A run is due by its start or by a date field.",
        ),
        ("sections.1.repeats.most", 0, "sections[1].repeats.most", "This is a whole number from 1 to 200."),
        ("sections.1.repeats.least", 4, "sections[1].repeats", "The smallest number is above the largest."),
        (
            "sections.0.steps.0.after",
            ["release"],
            "sections[0].steps[0]",
            "These steps wait for each other: Read the delivery note → Release the goods → Read the delivery note.",
        ),
        (
            "sections.0.steps.0.due",
            {"amount": 1, "unit": "days", "origin": "step", "step": "count"},
            "sections[0].steps[0]",
            "These steps wait for each other: Read the delivery note → Count the boxes → Read the delivery note.",
        ),
    ],
)
def test_p3_references_that_lead_nowhere_are_refused(path: str, value: Any, place: str, sentence: str) -> None:
    assert problems(changed(path, value)) == [f"{place}: {sentence}"]


def test_p4_a_step_is_sent_back_only_to_one_before_it() -> None:
    raw = changed("sections.0.steps.0.approval", {"approvers": [{"who": "head"}], "send_back_to": ["cold"]})

    assert problems(raw) == [
        "sections[0].steps[0].approval.send_back_to[0]: A step can be sent back only to one that stands before it."
    ]


def test_p1_counting_from_the_due_date_of_a_run_needs_one() -> None:
    raw = changed("sections.0.steps.1.due", {"amount": 1, "unit": "days", "direction": "before", "origin": "run_due"})

    assert read_content(raw).step("cold").due is not None
    del raw["rules"]["due"]
    assert problems(raw) == ["sections[0].steps[1].due.origin: The run itself has no due date to count from."]


def test_a_strict_order_and_a_step_that_waits_for_a_later_one_is_a_circle() -> None:
    raw = changed("sections.0.steps.0.after", ["cold"])
    del raw["sections"][0]["steps"][1]["condition"]
    free = read_content(raw)
    raw["rules"]["order"] = "strict"

    assert free.step("paper").after == ("cold",)
    circle = "Read the delivery note → Measure the temperature → Read the delivery note"
    assert problems(raw) == [f"sections[0].steps[0]: These steps wait for each other: {circle}."]


def test_every_problem_is_named_with_the_element_it_belongs_to() -> None:
    raw = changed("sections.0.steps.1.fields.0.label", "")
    raw["sections"][2]["steps"][0]["minutes"] = -1

    with pytest.raises(BadContent) as refused:
        read_content(raw)

    assert [(one.element, one.place) for one in refused.value.problems] == [
        ("degrees", "sections[0].steps[1].fields[0].label"),
        ("release", "sections[2].steps[0].minutes"),
    ]


@pytest.mark.parametrize("raw", [None, 7, "text", [], True])
def test_what_is_no_document_at_all_is_refused(raw: Any) -> None:
    assert problems(raw) == ["Here stand names with values."]


def test_a_procedure_has_a_size() -> None:
    steps = [{"key": f"s{number}", "title": "Do"} for number in range(251)]
    raw = {
        "sections": [
            {"key": "a", "title": "A", "steps": steps},
            {"key": "b", "title": "B", "steps": [{**step, "key": f"{step['key']}b"} for step in steps]},
        ]
    }

    assert problems(raw) == ["sections: A procedure has at most 500 steps."]


def test_a_condition_nested_too_deep_is_refused() -> None:
    condition: Any = {"field": "goods", "is": "filled"}
    for _ in range(60):
        condition = {"all": [condition]}

    found = problems(changed("sections.0.steps.1.condition", condition))

    assert found == [f"sections[0].steps[1].condition{'.all[0]' * 5}: Groups of conditions go at most 5 deep."]


def test_every_kind_of_field_is_read_with_nothing_but_its_kind() -> None:
    for kind in FieldKind:
        field: dict[str, Any] = {"key": "f", "label": "F", "kind": kind.value}
        if kind in (FieldKind.CHOICE, FieldKind.CHOICES):
            field["settings"] = {"options": [{"key": "yes", "label": "Yes"}]}
        if kind is FieldKind.TABLE:
            field["settings"] = {"columns": [{"key": "item", "label": "Item"}]}
        raw = {"sections": [{"key": "a", "title": "A", "steps": [{"key": "s", "title": "S", "fields": [field]}]}]}

        procedure = read_content(raw)

        assert procedure.field("f").kind is kind
        assert write_content(procedure) == raw
