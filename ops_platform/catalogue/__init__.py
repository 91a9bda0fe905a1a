"""The Chinese catalogue: what the product says in English, collected from its sources, and what is wrong with the Chinese."""

from __future__ import annotations

from pathlib import Path

from ops_platform.catalogue.borrowed import BORROWED
from ops_platform.catalogue.collect import Sentence, collect
from ops_platform.catalogue.faults import faults
from ops_platform.catalogue.files import CATALOGUE, is_compiled, read, refreshed, write

__all__ = ["check", "everything_said", "refresh"]


def everything_said(root: Path) -> dict[Sentence, list[str]]:
    """The sentences of the sources under `root` and those of libraries that our pages show, in order."""
    said = {sentence: ["ops_platform/catalogue/borrowed.py"] for sentence in BORROWED} | collect(root)
    return {sentence: said[sentence] for sentence in sorted(said)}


def refresh(root: Path, locale: Path) -> list[str]:
    """Bring the catalogue in `locale` up to the sources under `root` and compile it. Returns what is left to do."""
    path = locale / CATALOGUE
    catalogue = refreshed(read(path), everything_said(root))
    write(catalogue, path)
    return faults(catalogue)


def check(root: Path, locale: Path) -> list[str]:
    """What is wrong with the catalogue in `locale`, and whether it is up to the sources. Changes nothing."""
    path = locale / CATALOGUE
    catalogue = read(path)
    sentences = everything_said(root)
    wanted = {(sentence.context, sentence.text) for sentence in sentences}
    kept = {(entry.msgctxt or "", entry.msgid) for entry in catalogue}
    found = faults(refreshed(catalogue, sentences))
    found += [f"said nowhere any more: {text!r}" for _context, text in sorted(kept - wanted)]
    if not is_compiled(path):
        found.append(f"{path.with_suffix('.mo').name} is older than {path.name}: run python3 manage.py messages")
    return found
