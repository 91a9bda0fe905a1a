"""The library of templates: complete, in both languages, and of use in any organization."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from processes.engine.content import (
    BadContent,
    ChoiceSettings,
    Field,
    FieldKind,
    NumberSettings,
    Who,
    canonical_json,
    read_content,
    sha256,
    write_content,
)
from processes.engine.content.rules import plain_number
from processes.engine.library import FOLDER, Template, template, templates
from processes.engine.progress import Place, RunFacts, is_complete, standings
from processes.engine.states import StepState

SLUGS = (
    "content-publishing",
    "customer-complaint",
    "equipment-inspection",
    "first-week",
    "incident-response",
    "month-end-close",
    "order-fulfilment",
    "product-launch",
    "return-handling",
    "safety-walk",
    "store-opening",
    "supplier-onboarding",
)
CHINESE = re.compile("[\u4e00-\u9fff]")
LATIN = re.compile("[A-Za-z]{2,}")
HALF_WIDTH = re.compile("(?<=[\u4e00-\u9fff])[,;:?!()]|[,;:?!()](?=[\u4e00-\u9fff])")

every = pytest.mark.parametrize("one", templates(), ids=lambda one: one.slug)


def texts(raw: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Every text with its Chinese twin and where it stands."""
    if isinstance(raw, list):
        for index, item in enumerate(raw):
            yield from texts(item, f"{path}[{index}]")
    if isinstance(raw, dict):
        for name in ("title", "instruction", "label", "help", "row", "intro"):
            if name in raw or f"{name}_zh" in raw:
                yield f"{path}.{name}", raw.get(name, ""), raw.get(f"{name}_zh", "")
        for name, inner in raw.items():
            yield from texts(inner, f"{path}.{name}")


def test_the_library_has_its_twelve_templates() -> None:
    assert tuple(one.slug for one in templates()) == SLUGS
    assert {path.stem for path in FOLDER.iterdir()} == set(SLUGS)
    assert template("safety-walk").name_zh == "安全巡查"
    with pytest.raises(KeyError):
        template("nothing")


@every
def test_every_text_of_a_template_stands_in_both_languages(one: Template) -> None:
    found = [("name", one.name, one.name_zh), ("purpose", one.purpose, one.purpose_zh)]
    found += texts(write_content(one.procedure))

    assert [place for place, english, _ in found if not english or CHINESE.search(english)] == []
    assert [place for place, _, chinese in found if not CHINESE.search(chinese)] == []
    assert [chinese for _, _, chinese in found if LATIN.search(chinese) or HALF_WIDTH.search(chinese)] == []


@every
def test_a_template_has_the_size_of_a_working_procedure(one: Template) -> None:
    steps = [step for _, step in one.procedure.steps()]

    assert 8 <= len(steps) <= 20
    assert len({step.title for step in steps}) == len(steps)
    assert all(step.instruction and step.minutes and step.responsible for step in steps)
    assert any(step.critical for step in steps)
    assert any(step.condition for step in steps)
    assert one.procedure.rules.due or any(step.due for step in steps)
    assert len({field.kind for _, _, field in one.procedure.fields()}) >= 6


@every
def test_a_template_names_nobody_that_another_organization_lacks(one: Template) -> None:
    whos = [step.responsible for _, step in one.procedure.steps() if step.responsible]
    whos += [who for _, step in one.procedure.steps() if step.approval for who in step.approval.approvers]

    found = {(who.who, who.reference) for who in whos if who.who is not Who.FIELD}
    assert found <= {(Who.GROUP, ""), (Who.HEAD, ""), (Who.STARTER, ""), (Who.ROLE, "manager")}


@every
def test_p6_a_template_keeps_its_hash_through_json(one: Template) -> None:
    again = read_content(write_content(one.procedure))

    assert again == one.procedure
    assert (sha256(again), canonical_json(again)) == (sha256(one.procedure), canonical_json(one.procedure))


@every
def test_a_choice_of_a_template_can_be_answered_and_none_is_named_twice(one: Template) -> None:
    for _, _, field in one.procedure.fields():
        if isinstance(field.settings, ChoiceSettings):
            labels = [(option.label, option.label_zh) for option in field.settings.options]
            assert len(labels) >= 2, field.key
            assert len({name for name, _ in labels}) == len({name for _, name in labels}) == len(labels), field.key


def test_the_library_shows_every_kind_of_field() -> None:
    kinds = {field.kind for one in templates() for _, _, field in one.procedure.fields()}
    approved = [one.slug for one in templates() if any(step.approval for _, step in one.procedure.steps())]
    repeated = [one.slug for one in templates() if any(section.repeats for section in one.procedure.sections)]

    assert kinds == set(FieldKind)
    assert approved == [slug for slug in SLUGS if slug != "store-opening"]
    assert repeated == ["month-end-close", "return-handling", "store-opening"]


def test_a_scored_template_has_weights_to_score_by() -> None:
    scored = [one for one in templates() if one.procedure.rules.pass_percent is not None]

    assert [one.slug for one in scored] == ["equipment-inspection", "safety-walk"]
    for one in scored:
        assert sum(field.weight for _, _, field in one.procedure.fields()) > 0


def test_a_template_that_were_wrong_would_be_refused() -> None:
    raw = write_content(template("safety-walk").procedure)
    raw["sections"][-1]["steps"][0]["condition"] = {"field": "gone", "is": "ticked"}

    with pytest.raises(BadContent, match="gone"):
        read_content(raw)


def answer(field: Field, last: bool) -> Any:
    """The first or the last thing that may be answered, as it is kept."""
    if isinstance(field.settings, ChoiceSettings):
        key = field.settings.options[-1 if last else 0].key
        return [key] if field.kind is FieldKind.CHOICES else key
    if isinstance(field.settings, NumberSettings):
        end = field.settings.most if last else field.settings.least
        return plain_number(end if end is not None else Decimal(0))
    plain = {FieldKind.CHECKBOX: not last, FieldKind.RATING: 1, FieldKind.DATE: "2026-03-02", FieldKind.TIME: "08:30"}
    return plain.get(field.kind, "something")


@pytest.mark.parametrize("last", [False, True])
@every
def test_p3_a_run_of_a_template_comes_to_its_end_whatever_is_answered(one: Template, last: bool) -> None:
    rows = {section.key: (1, 2) for section in one.procedure.sections if section.repeats}
    states: dict[Place, StepState] = {}
    answers: dict[tuple[str, int], Any] = {}

    while ready := [
        place
        for place, found in standings(one.procedure, RunFacts(rows, states, answers)).items()
        if found.is_ready and place not in states
    ]:
        for field in one.procedure.step(ready[0][0]).fields:
            answers[field.key, ready[0][1]] = answer(field, last)
        states[ready[0]] = StepState.DONE

    facts = RunFacts(rows, states, answers)
    assert is_complete(facts, standings(one.procedure, facts))
    assert len(states) >= 3
