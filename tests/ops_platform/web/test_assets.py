"""Vendored files and the style sheet: unchanged, in sync, small, readable in both themes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import brotli
import plotly
import pytest

from scripts import bundle_css, vendor

ROOT = Path(__file__).resolve().parents[3]
MOST_CSS_BYTES = 12_000
TOKENS = (ROOT / "static/css/src/tokens.css").read_text(encoding="utf-8")


def test_vendored_files_are_what_the_manifest_says():
    assert vendor.differences() == []


def test_every_vendored_file_is_in_the_manifest():
    listed = {path for entry in json.loads(vendor.MANIFEST.read_text()) for path in entry["files"]}
    ours = {"static/vendor/manifest.json", "static/vendor/tabler-icons/icons.txt"}
    found = {
        str(path.relative_to(ROOT))
        for folder in ("static/vendor", "tests/vendor")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert found - ours == listed - {"static/icons.svg"}


def test_plotly_in_the_browser_is_the_one_the_wheel_carries():
    carried = (Path(plotly.__file__).parent / "package_data/plotly.min.js").read_text(encoding="utf-8")[:200]
    ours = (ROOT / "static/vendor/plotly/plotly-basic.min.js").read_text(encoding="utf-8")[:200]
    version = r"v(\d+\.\d+\.\d+)"
    assert re.search(version, carried)[1] == re.search(version, ours)[1]


def test_plotly_in_the_browser_evaluates_no_text():
    code = (ROOT / "static/vendor/plotly/plotly-basic.min.js").read_text(encoding="utf-8")
    assert re.findall(r"\beval\(|\bnew Function\b|\bFunction\(", code) == []


def test_the_sprite_holds_the_icons_that_are_listed():
    symbols = re.findall(r'<symbol id="([\w-]+)"', (ROOT / vendor.SPRITE).read_text(encoding="utf-8"))
    assert symbols == vendor.ICON_NAMES.read_text().split()
    assert symbols == sorted(symbols)


def test_the_style_sheet_is_what_its_components_make():
    assert bundle_css.TARGET.read_text(encoding="utf-8") == bundle_css.bundle()


def test_the_style_sheet_stays_small():
    assert len(brotli.compress(bundle_css.TARGET.read_bytes(), quality=11)) <= MOST_CSS_BYTES


def blocks() -> dict[str, dict[str, str]]:
    """The colour tokens of the light block and of the two dark ones."""
    light, attribute, media = (
        dict(re.findall(r"--([\w-]+): ([^;]+);", TOKENS[TOKENS.index(start) :].split("}")[0]))
        for start in (":root {", ':root[data-theme="dark"]', ":root:not(")
    )
    return {"light": light, "dark": attribute, "dark by the device": media}


def test_both_dark_blocks_are_equal():
    assert blocks()["dark"] == blocks()["dark by the device"]
    assert set(blocks()["dark"]) <= set(blocks()["light"])


def contrast(first: str, second: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("bg", "surface", "sunken")),
    *((word, ground) for word in ("accent", "good", "watch", "bad") for ground in ("bg", "surface", "sunken")),
    *((word, f"{word}-soft") for word in ("good", "watch", "bad")),
    *(("ink", f"{word}-soft") for word in ("accent", "good", "watch", "bad")),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_has_the_contrast_of_wcag_aa(theme, text, ground):
    tokens = blocks()[theme]
    assert contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface"])
def test_edges_of_controls_and_focus_rings_are_seen(theme, ground):
    tokens = blocks()[theme]
    assert contrast(tokens["edge"], tokens[ground]) >= 3
    assert contrast(tokens["accent"], tokens[ground]) >= 3
