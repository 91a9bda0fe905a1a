"""The order of steps against its definition, looked up place by place."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processes.engine.content import Procedure, StepOrder, read_content
from processes.engine.progress import Place, RunFacts, Standing, standings
from processes.engine.states import SETTLED, StepState

ORDERS = [order.value for order in StepOrder]
STATES = [StepState.OPEN, StepState.STARTED, StepState.DONE, StepState.SKIPPED, StepState.IN_APPROVAL]


def in_the_plain_way(procedure: Procedure, facts: RunFacts, found: dict[Place, Standing], place: Place) -> Standing:
    """What `place` waits for: every place is asked whether it stands before it, or is named by it, and is pending."""
    key, row = place
    home = {step.key: section.key for section, step in procedure.steps()}
    after = procedure.step(key).after
    places = list(found)

    def is_pending(other: Place) -> bool:
        return found[other].applies is not False and facts.state(other) not in SETTLED

    named = {at for at in places if at[0] in after and (at[1] == row or row == 0 or at[1] == 0)}
    before = set()
    if procedure.rules.order is not StepOrder.FREE:
        earlier = places[: places.index(place)]
        before = {at for at in earlier if home[at[0]] != home[key] or at[1] == row}
    needed = named | before if procedure.rules.order is StepOrder.STRICT else named
    waits_for = tuple(at for at in places if at in needed and is_pending(at))
    return Standing(found[place].applies, found[place].fields, waits_for, any(is_pending(at) for at in before))


@st.composite
def runs(draw: Any) -> tuple[Procedure, RunFacts]:
    """A text of up to four sections, some of which repeat, with conditions on what stands before, and a run of it."""
    once: list[str] = []  # keys of steps that are done once, and of those in rows
    in_rows: list[str] = []
    asked: list[str] = []
    sections, rows = [], {}
    for number in range(draw(st.integers(1, 4))):
        repeats = draw(st.booleans())
        steps = []
        for place in range(draw(st.integers(1, 4))):
            key = f"s{number}_{place}"
            step: dict[str, Any] = {"key": key, "title": key}
            before = once + ([one["key"] for one in steps] if repeats else in_rows)
            if before and draw(st.booleans()):
                step["after"] = draw(st.lists(st.sampled_from(before), min_size=1, max_size=2, unique=True))
            if asked and draw(st.booleans()):
                step["condition"] = {"field": draw(st.sampled_from(asked)), "is": "is", "value": "yes"}
            if not repeats and draw(st.booleans()):
                step["fields"] = [{"key": f"f_{key}", "label": key, "kind": "text"}]
                asked.append(f"f_{key}")
            steps.append(step)
            (in_rows if repeats else once).append(key)
        section: dict[str, Any] = {"key": f"part{number}", "title": "Part", "steps": steps}
        if repeats:
            section["repeats"] = {"row": "Row", "least": 1, "most": 5}
            rows[f"part{number}"] = tuple(range(1, draw(st.integers(1, 3)) + 1))
        sections.append(section)
    procedure = read_content({"sections": sections, "rules": {"order": draw(st.sampled_from(ORDERS))}})
    states = {
        (step.key, row): draw(st.sampled_from(STATES))
        for section, step in procedure.steps()
        for row in rows.get(section.key, (0,))
        if draw(st.booleans())
    }
    answers = {(key, 0): draw(st.sampled_from(["yes", "no"])) for key in asked if draw(st.booleans())}
    return procedure, RunFacts(rows, states, answers)


@given(runs())
@settings(max_examples=300, deadline=None)
def test_what_a_step_waits_for_is_what_stands_before_it_and_what_it_names(run: tuple[Procedure, RunFacts]) -> None:
    procedure, facts = run

    found = standings(procedure, facts)

    assert found == {place: in_the_plain_way(procedure, facts, found, place) for place in found}
