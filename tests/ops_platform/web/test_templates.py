"""Every template: compiles, keeps to the policy, uses icons that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text(encoding="utf-8")))
INLINE = re.compile(
    r"\sstyle=|\son[a-z]+=|<style\b|javascript:|hx-on|<script(?![^>]*\b(?:src|type=\"application/json\"))"
)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles(name):
    assert engines["django"].get_template(name)


# A mail brings its styles with it, for programs that know no policy
SHOWN = [
    path for path in TEMPLATES if path.relative_to(ROOT / "templates").as_posix() != "organization/mail/letter.html"
]


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_nothing_inline(path):
    assert INLINE.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_uses_icons_of_the_sprite(path):
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r'{% icon "([\w-]+)"', text)) | set(re.findall(r'icon_name="([\w-]+)"', text)) <= ICONS


def test_icons_named_in_python_are_in_the_sprite():
    from ops_platform.navigation import SECTIONS
    from ops_platform.web.status import ICONS as SHAPES

    used = {entry.icon for section in SECTIONS for entry in section.entries} | set(SHAPES.values())
    assert used <= ICONS


def test_every_module_is_loaded_ahead_of_the_imports_that_name_it_but_those_of_few_pages():
    text = (ROOT / "templates/components/modules.html").read_text(encoding="utf-8")
    modules = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "static/js").glob("*.js")}
    later = {name for source in modules.values() for name in re.findall(r'await import\("\./([\w-]+\.js)"\)', source)}
    assert set(re.findall(r"js/([\w-]+\.js)", text)) == set(modules) - {"app.js"} - later
