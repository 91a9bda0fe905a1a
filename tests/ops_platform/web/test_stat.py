"""Tiles and spark lines."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ops_platform.web.formats import Unit
from ops_platform.web.stat import Tile, spark_line


@pytest.mark.parametrize(
    ("direction", "change", "css", "word", "icon"),
    [
        ("up", "0.05", "good-text", "(better)", "arrow-up-right"),
        ("up", "-0.05", "bad-text", "(worse)", "arrow-down-right"),
        ("down", "0.05", "bad-text", "(worse)", "arrow-up-right"),
        ("down", "-0.05", "good-text", "(better)", "arrow-down-right"),
        ("none", "0.05", "", "", "arrow-up-right"),
        ("up", "0", "", "", "arrow-right"),
    ],
)
def test_tile_judges_a_change_by_the_direction_of_good(direction, change, css, word, icon):
    tile = Tile("Orders", 5, change=Decimal(change), direction=direction)
    assert (tile.change_class, tile.change_word, tile.change_icon) == (css, word, icon)


def test_tile_shows_short_figures_and_keeps_the_exact_one():
    tile = Tile("Net revenue", Decimal("1284530.75"), Unit("money", "CNY", 2), target=Decimal(1_200_000))
    assert (tile.value_text, tile.exact, tile.target_text) == ("¥1.28M", "¥1,284,530.75", "¥1.2M")
    assert (tile.unit_text, tile.change_text) == ("", "")


def test_tile_without_a_value_shows_a_dash_and_no_unit():
    tile = Tile("Lead time", None, Unit("duration", "minutes"))
    assert (tile.value_text, tile.unit_text) == ("–", "")


def test_spark_line_lifts_the_pen_over_gaps():
    assert '<path d="M0.0 31.0L25.0 1.0M75.0 16.0L100.0 1.0"/>' in spark_line([0, 2, None, Decimal(1), 2])


def test_spark_line_includes_the_target_in_its_scale():
    assert '<path class="spark__target" d="M0 1.0H100"/>' in spark_line([0, 1], target=2)


@pytest.mark.parametrize("values", [[], [1], [None, 3, None]])
def test_spark_line_of_one_point_is_nothing(values):
    assert spark_line(values) == ""


def test_spark_line_of_equal_values_lies_in_the_middle():
    assert "M0.0 16.0L100.0 16.0" in spark_line([5, 5])


def test_mark_of_a_change_says_its_colour_for_the_ear():
    worse = Tile("Orders", 5, change=Decimal("-0.05"), direction="up")

    assert worse.change_mark == (
        '<span class="change bad-text">'
        '<svg class="icon " aria-hidden="true"><use href="/static/icons.svg#arrow-down-right"></use></svg>'
        '−5.0%<span class="visually-hidden"> (worse)</span></span>'
    )
    assert Tile("Orders", 5).change_mark == ""
