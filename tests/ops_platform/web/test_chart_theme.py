"""The colours of charts: those of the style sheet, kept apart for every eye, and the same in the browser."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ops_platform.web.chart_theme import COLOURS

ROOT = Path(__file__).resolve().parents[3]
TOKENS = (ROOT / "static/css/src/tokens.css").read_text(encoding="utf-8")
# Viénot, Brettel and Mollon (1999): linear RGB as dichromats see it.
BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "deutan": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
}


def linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    """CIE L*a*b* of linear sRGB under D65."""
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(m * c for m, c in zip(row, rgb, strict=True)) for row in matrix]
    f = [
        (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116)
        for t in (max(v, 0) / w for v, w in zip(xyz, (0.9505, 1, 1.089), strict=True))
    ]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def seen(colour: str, blindness: str) -> tuple[float, float, float]:
    rgb = linear(colour)
    return lab([sum(m * c for m, c in zip(row, rgb, strict=True)) for row in BLINDNESS[blindness]])


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("theme", COLOURS)
def test_the_first_five_series_are_told_apart_with_any_colour_blindness(theme, blindness):
    pairs = itertools.combinations(COLOURS[theme].series[:5], 2)
    distances = {
        pair: sum((a - b) ** 2 for a, b in zip(*(seen(c, blindness) for c in pair), strict=True)) ** 0.5
        for pair in pairs
    }
    assert min(distances.values()) > 12, distances


@pytest.mark.parametrize("theme", COLOURS)
def test_every_series_stands_out_from_the_surface(theme):
    def luminance(colour: str) -> float:
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))

    for colour in COLOURS[theme].series:
        bright, dim = sorted((luminance(colour), luminance(COLOURS[theme].surface)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 3, colour


@pytest.mark.parametrize("theme", COLOURS)
def test_chart_colours_are_those_of_the_tokens(theme):
    block = TOKENS.split('[data-theme="dark"]')[theme == "dark"]
    tokens = dict(re.findall(r"--([\w-]+): (#\w+);", block.split("}")[0]))
    colours = COLOURS[theme]
    assert {
        "ink": colours.ink,
        "ink-2": colours.ink_2,
        "ink-3": colours.ink_3,
        "surface": colours.surface,
        "line": colours.line,
        "edge": colours.edge,
        "accent": colours.series[0],
    }.items() <= tokens.items()


def test_the_module_of_the_browser_is_up_to_date():
    run = subprocess.run([sys.executable, ROOT / "scripts/chart_theme.py", "--check"], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
