"""An accent can be read in both themes, and stays as chosen where it can."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from organization.engine.accents import THEMES, contrast, shades, sheet_name, stylesheet

TOKENS = (Path(__file__).parents[3] / "static/css/src/tokens.css").read_text()
LEVELS = ("00", "33", "80", "cc", "ff")
COLOURS = [f"#{''.join(parts)}" for parts in product(LEVELS, repeat=3)]


@pytest.mark.parametrize("theme", THEMES)
def test_o3_every_colour_gets_shades_that_wcag_aa_accepts(theme: str) -> None:
    ground = THEMES[theme]
    for colour in COLOURS:
        found = shades(colour, theme)
        assert min(contrast(found.accent, under) for under in ground.grounds) >= 4.5, colour
        assert contrast(found.on_accent, found.accent) >= 4.5, colour
        assert contrast(found.on_accent, found.strong) >= 4.5, colour
        assert contrast(found.strong, found.soft) >= 4.5, colour
        assert contrast(ground.ink, found.soft) >= 4.5, colour


def test_o3_a_colour_that_can_be_read_stays_as_chosen() -> None:
    assert shades("#3355d0", "light").accent == "#3355d0"
    assert shades("#94a9ff", "dark").accent == "#94a9ff"


def test_o3_the_nearest_shade_keeps_the_hue_and_is_no_further_than_needed() -> None:
    found = shades("#ffcc00", "light").accent

    assert found == "#856a00"
    assert contrast(found, "#f0f1f4") < 5


@pytest.mark.parametrize(("theme", "start"), [("light", ":root {"), ("dark", ':root[data-theme="dark"]')])
def test_o3_the_grounds_are_those_of_the_screen(theme: str, start: str) -> None:
    tokens = dict(re.findall(r"--([\w-]+): (#\w+);", TOKENS[TOKENS.index(start) :].split("}")[0]))
    ground = THEMES[theme]

    assert ground.grounds == (tokens["bg"], tokens["surface"], tokens["sunken"])
    assert (ground.surface, ground.ink, ground.on_accent) == (tokens["surface"], tokens["ink"], tokens["on-accent"])


def test_o3_a_sheet_is_called_by_what_it_says() -> None:
    assert sheet_name("#ffcc00") != sheet_name("#ffcc01")
    assert sheet_name("#ffcc00").startswith("ffcc00-")
    assert "--accent: #856a00;" in stylesheet("#ffcc00")
