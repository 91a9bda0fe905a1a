"""Procedures to begin with: a library of templates, written for this product in both languages.

Each is a file of `processes/library/`: its names, its purpose, and a content as any version has it. Who does a step is told
in ways that every organization has: the department, its head, who started the run, a role that is built in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from processes.engine.content import Procedure, read_content

FOLDER = Path(__file__).resolve().parents[1] / "library"


@dataclass(frozen=True, slots=True)
class Template:
    """One template. slug: its name in addresses, kept for ever. purpose: one sentence that helps to choose."""

    slug: str
    name: str
    name_zh: str
    purpose: str
    purpose_zh: str
    procedure: Procedure


@cache
def templates() -> tuple[Template, ...]:
    """All of them, by slug. Read once: they are part of the program."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.json")))


def template(slug: str) -> Template:
    """The template of that slug. Raises KeyError."""
    for one in templates():
        if one.slug == slug:
            return one
    raise KeyError(slug)


def _read(path: Path) -> Template:
    raw = json.loads(path.read_text(encoding="utf-8"))
    texts = {name: raw[name] for name in ("name", "name_zh", "purpose", "purpose_zh")}
    return Template(slug=path.stem, **texts, procedure=read_content(raw["content"]))
