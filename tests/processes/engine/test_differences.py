"""Two versions compared: applying what was found gives the other, and as little as possible is called moved."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from processes.engine.content import Procedure, read_content
from processes.engine.differences import Move, PropertyChange, apply_difference, difference, side_by_side
from tests.processes.engine.samples import DELIVERY, changed

V1 = read_content(DELIVERY)


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """Steps and fields of few keys, strewn over few sections, so that two of them have much in common."""
    keys = [f"k{number}" for number in range(6)]
    sections: list[dict[str, Any]] = [
        {"key": key, "title": draw(st.sampled_from("AB")), "steps": []}
        for key in draw(st.lists(st.sampled_from(keys), unique=True, max_size=4))
    ]
    steps: list[dict[str, Any]] = []
    for key in draw(st.lists(st.sampled_from(keys), unique=True)) if sections else []:
        step: dict[str, Any] = {"key": key, "title": draw(st.sampled_from("AB")), "critical": draw(st.booleans())}
        step["minutes"] = draw(st.sampled_from([None, 5]))
        step["fields"] = []
        steps.append(step)
        draw(st.sampled_from(sections))["steps"].append(step)
    for key in draw(st.lists(st.sampled_from(keys), unique=True)) if steps else []:
        kind = draw(st.sampled_from(["text", "number"]))
        draw(st.sampled_from(steps))["fields"].append({"key": key, "label": "L", "kind": kind})
    return read_content({"sections": sections, "intro": draw(st.sampled_from(["", "Hello"]))})


@given(procedures(), procedures())
def test_p8_applying_a_difference_gives_the_other_version(before: Procedure, after: Procedure) -> None:
    found = difference(before, after)

    assert apply_difference(before, found) == after
    assert found.is_empty is (before == after)


@given(procedures(), procedures())
def test_p8_side_by_side_shows_every_element_once(before: Procedure, after: Procedure) -> None:
    rows = side_by_side(before, after)

    names = [row.name for row in rows]
    assert len(names) == len(set(names))
    assert [row.name for row in rows if row.after] == [row.name for row in side_by_side(after, after)]
    assert {row.name for row in rows if row.before} == {row.name for row in side_by_side(before, before)}


def test_p8_a_changed_rule_is_shown_with_before_and_after() -> None:
    after = read_content(changed("sections.0.steps.1.due.amount", 3))

    found = difference(V1, after)

    rule = {"amount": 2, "unit": "working_days", "direction": "before", "origin": "field", "field": "delivery"}
    assert found.changed == (PropertyChange(("step", "cold"), "due", rule, rule | {"amount": 3}),)
    assert found.digest() == {"step": {"added": 0, "removed": 0, "moved": 0, "changed": 1}}


def test_p8_one_step_that_is_dragged_is_one_move() -> None:
    document = {
        "sections": [
            {"key": "a", "title": "A", "steps": [{"key": f"s{number}", "title": "S"} for number in range(6)]},
        ]
    }
    moved = changed("intro", "", document)
    moved["sections"][0]["steps"].append(moved["sections"][0]["steps"].pop(0))

    found = difference(read_content(document), read_content(moved))

    home = ("section", "a")
    assert found.moved == (Move(("step", "s0"), (home, 0), (home, 5)),)
    assert (found.added, found.removed, found.changed) == ((), (), ())


def test_p8_a_removed_step_stands_where_it_was() -> None:
    without = changed("rules", DELIVERY["rules"])
    del without["sections"][0]["steps"][1]

    rows = side_by_side(V1, read_content(without))

    assert [(row.name[1], row.state) for row in rows if row.name[0] != "field" and row.state != "same"] == [
        ("cold", "removed")
    ]
    names = [row.name for row in rows]
    assert names.index(("step", "cold")) == names.index(("field", "buyer")) + 1
