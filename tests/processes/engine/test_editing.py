"""Acts on the outline: by key, so that two authors' acts both hold."""

from __future__ import annotations

import pytest

from processes.engine import editing
from processes.engine.content import read_content, write_content
from processes.engine.editing import Gone
from tests.factories.processes import step


def two_sections() -> dict:
    return {
        "sections": [
            {"key": "s1", "title": "One", "steps": [step("a"), step("b")]},
            {"key": "s2", "title": "Two", "steps": [step("c")]},
        ]
    }


def order(content: dict) -> list[list[str]]:
    return [[one["key"] for one in section.get("steps", [])] for section in content["sections"]]


@pytest.mark.parametrize(
    ("key", "by", "expected"),
    [
        ("b", -1, [["b", "a"], ["c"]]),
        ("b", 1, [["a"], ["b", "c"]]),
        ("c", -1, [["a", "b", "c"], []]),
        ("a", -1, [["a", "b"], ["c"]]),
        ("c", 1, [["a", "b"], ["c"]]),
        ("s2", -1, [["c"], ["a", "b"]]),
    ],
)
def test_p8_a_part_goes_up_and_down_and_a_step_over_into_the_next_section(
    key: str, by: int, expected: list[list[str]]
) -> None:
    assert order(editing.shift(two_sections(), key, by)) == expected


@pytest.mark.parametrize(
    ("parent", "after", "expected"),
    [("s2", "c", [["b"], ["c", "a"]]), ("s2", "", [["b"], ["a", "c"]]), ("", "b", [["b", "a"], ["c"]])],
)
def test_p8_a_step_is_dropped_behind_another_one(parent: str, after: str, expected: list[list[str]]) -> None:
    assert order(editing.move(two_sections(), "a", parent=parent, after=after)) == expected


def test_p8_a_part_that_somebody_deleted_cannot_be_moved_or_be_stood_behind() -> None:
    for key, after in (("x", "a"), ("a", "x"), ("a", "a")):
        with pytest.raises(Gone):
            editing.move(two_sections(), key, after=after)


@pytest.mark.parametrize("key", ["a", "b", "c", "s1", "s2"])
def test_p8_what_was_deleted_goes_back_where_it_stood_once(key: str) -> None:
    content, removed = editing.remove(two_sections(), key)
    assert content != two_sections()

    restored = editing.restore(content, removed)

    assert restored == two_sections()
    assert editing.restore(restored, removed) == two_sections()


def test_p8_a_copy_has_keys_of_its_own_and_asks_for_its_own_answers() -> None:
    content = {
        "sections": [
            {
                "key": "s1",
                "title": "One",
                "steps": [
                    step(
                        "a",
                        fields=[
                            {"key": "f", "label": "Who", "kind": "person"},
                            {
                                "key": "g",
                                "label": "Why",
                                "kind": "text",
                                "condition": {"field": "f", "is": "filled"},
                            },
                        ],
                    )
                ],
            }
        ]
    }

    doubled, key = editing.duplicate(content, "a")

    twin = read_content(doubled).step(key)
    asked = twin.fields[1].condition
    assert key not in ("a", "")
    assert getattr(asked, "field", "") == twin.fields[0].key != "f"


def test_p8_imported_texts_get_keys_that_no_other_text_has() -> None:
    text = two_sections()
    text["sections"][1]["steps"][0] |= {
        "after": ["a"],
        "due": {"amount": 1, "unit": "days", "origin": "step", "step": "b"},
        "responsible": {"who": "role", "reference": "a"},
    }
    procedure = read_content(text)

    fresh = editing.with_fresh_keys(procedure)
    again = editing.with_fresh_keys(procedure)

    keys = [one.key for _section, one in fresh.steps()]
    last = fresh.sections[1].steps[0]
    assert not {*keys, *(one.key for one in fresh.sections)} & {"a", "b", "c", "s1", "s2"}
    assert (last.after, last.due and last.due.step) == ((keys[0],), keys[1])
    assert last.responsible is not None
    assert last.responsible.reference == "a"
    assert write_content(fresh) != write_content(again)
    assert [one.title for _section, one in fresh.steps()] == ["Step a", "Step b", "Step c"]
