"""Collects what the product says from Python and templates. It reads the sources itself, so that no gettext is needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

IGNORED = frozenset(
    {"var", "tests", "static", "staticfiles", "benchmarks", "node_modules", "__pycache__", "migrations"}
)
TEMPLATES = frozenset({".html", ".txt"})
# Which arguments of a call are the context, the sentence and its plural.
KEYWORDS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "N_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
# What `templatize` makes of a template's tags: one call after a space, its arguments plain string literals.
CALL = re.compile(r"""\b(_|n?p?gettext)\(((?:\s*u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*,?)+)(?:\s*count)?\)""")


@dataclass(frozen=True, order=True, slots=True)
class Sentence:
    """One text of the product; `context` tells homonyms apart, `plural` is its form for several."""

    text: str
    context: str = ""
    plural: str = ""


def collect(root: Path) -> dict[Sentence, list[str]]:
    """Every sentence of the Python files and templates under `root`, in order, with the files that say it."""
    found: dict[Sentence, set[str]] = {}
    for path in sources(root):
        read = sentences_of_python if path.suffix == ".py" else sentences_of_template
        for sentence in read(path.read_text(encoding="utf-8")):
            found.setdefault(sentence, set()).add(path.relative_to(root).as_posix())
    with_plural = {(sentence.context, sentence.text): sentence for sentence in found if sentence.plural}
    for sentence in [one for one in found if not one.plural and (one.context, one.text) in with_plural]:
        # gettext keeps one entry for both: the one that has the plural
        found[with_plural[sentence.context, sentence.text]] |= found.pop(sentence)
    return {sentence: sorted(found[sentence]) for sentence in sorted(found)}


def sources(root: Path) -> Iterator[Path]:
    """The files that may say something, in order. Hidden folders, tests and what others wrote are passed over."""
    for path in sorted(root.iterdir()):
        if path.is_dir() and path.name not in IGNORED and not path.name.startswith("."):
            yield from sources(path)
        elif path.suffix == ".py" or (path.suffix in TEMPLATES and "templates" in path.parts):
            yield path


def sentences_of_python(source: str) -> Iterator[Sentence]:
    """The sentences that calls such as `_("...")` and `N_("...")` name literally, by whatever name they are imported."""
    nodes = list(ast.walk(ast.parse(source)))
    imports = (node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation")
    names = {one.asname: one.name for node in imports for one in node.names if one.asname}
    for node in nodes:
        if isinstance(node, ast.Call):
            name = _name(node.func)
            yield from _sentence(names.get(name, name), node.args)


def sentences_of_template(source: str) -> Iterator[Sentence]:
    """The sentences of `translate`, `blocktranslate` and `_()` in a template."""
    for name, arguments in CALL.findall(templatize(source)):
        call = ast.parse(f"{name}({arguments})", mode="eval").body
        assert isinstance(call, ast.Call)
        yield from _sentence(name, call.args)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _sentence(name: str, arguments: Iterable[ast.expr]) -> Iterator[Sentence]:
    if name not in KEYWORDS:
        return
    literals = [argument.value if isinstance(argument, ast.Constant) else None for argument in arguments]
    picked = [literals[place] if place is not None and place < len(literals) else "" for place in KEYWORDS[name]]
    context, text, plural = picked
    if text and isinstance(text, str):
        yield Sentence(text, str(context or ""), str(plural or ""))
