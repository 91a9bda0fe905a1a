"""Settings of panels: what each kind takes, and what it refuses with which sentence."""

from __future__ import annotations

import pytest

from metrics.choices import PanelKind
from metrics.engine.panel_settings import (
    HEIGHTS,
    KINDS,
    SIZES,
    WIDTHS,
    BadSettings,
    CohortSettings,
    FunnelSettings,
    ParetoSettings,
    StackedSettings,
    parse,
)


def test_m13_every_kind_of_panel_has_settings_and_a_size() -> None:
    assert set(KINDS) == set(SIZES) == set(PanelKind.values)
    assert all(width in WIDTHS and height in HEIGHTS for width, height in SIZES.values())


@pytest.mark.parametrize("kind", KINDS)
def test_m13_nothing_given_is_all_defaults(kind: str) -> None:
    assert parse(kind, {}) == KINDS[kind]()
    assert parse(kind, {}).to_dict() == {}


def test_m13_settings_are_read_back_as_they_were_written() -> None:
    stacked = parse("stacked", {"parts": 3, "as_share": True})
    funnel = parse("funnel", {"steps": ["carts", "orders"]})

    assert stacked == StackedSettings(parts=3, as_share=True)
    assert funnel == FunnelSettings(steps=("carts", "orders"))
    assert parse("funnel", funnel.to_dict()) == funnel
    assert stacked.to_dict() == {"parts": 3, "as_share": True}
    assert parse("pareto", {"line": 90}) == ParetoSettings(parts=12, line=90)
    assert parse("cohort", {"grain": "week", "periods": 12}).to_dict() == {"grain": "week"}
    assert parse("cohort", {}) == CohortSettings("month", 12)


@pytest.mark.parametrize(
    ("kind", "raw", "sentence"),
    [
        ("pie", {}, "There is no panel of the kind “pie”."),
        ("line", [], "The settings of a panel are names with values."),
        ("line", {"colour": "red"}, "A panel of this kind has no setting “colour”."),
        ("line", {"from_zero": 1}, "The setting “from_zero” is either on or off."),
        ("pareto", {"line": 80.0}, "The setting “line” is a whole number from 50 to 95."),
        ("pareto", {"line": True}, "The setting “line” is a whole number from 50 to 95."),
        ("pareto", {"line": 96}, "The setting “line” is a whole number from 50 to 95."),
        ("cohort", {"grain": "day"}, "The setting “grain” is one of: week, month, quarter."),
        ("text", {"text": 7}, "The setting “text” is a text."),
        ("text", {"text": "a\0b"}, "The setting “text” is a text."),
        ("text", {"text": "x" * 20_001}, "The setting “text” is at most 20000 characters long."),
        ("line", {"grain": "decade"}, "The setting “grain” is one of: , hour, day, week, month, quarter, year."),
        ("funnel", {"steps": "orders"}, "The setting “steps” is a list."),
        ("funnel", {"steps": [1]}, "The setting “steps” is a text."),
        ("funnel", {"steps": ["a", "a"]}, "The setting “steps” holds an entry twice, or an empty one."),
        ("funnel", {"values": [str(n) for n in range(13)]}, "The setting “values” holds at most 12 entries."),
    ],
)
def test_m13_unknown_names_wrong_types_and_bounds_are_refused_with_a_sentence(
    kind: str, raw: object, sentence: str
) -> None:
    with pytest.raises(BadSettings) as refused:
        parse(kind, raw)

    assert str(refused.value) == sentence
