"""The catalogue's two files: the text that people translate, and its compiled form that the server reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polib

from ops_platform.catalogue.collect import Sentence

LOCALE = "zh_Hans"
CATALOGUE = Path(LOCALE) / "LC_MESSAGES" / "django.po"
# No dates: they would change with every run, and the catalogue's history stands in git.
HEADER = {
    "Language": "zh-Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def read(path: Path) -> polib.POFile:
    """The catalogue at `path`, or an empty one."""
    return polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile(wrapwidth=0)


def refreshed(old: polib.POFile, sentences: Mapping[Sentence, list[str]]) -> polib.POFile:
    """A catalogue of exactly `sentences`, in their order, with what `old` says about each; new ones are empty."""
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in old if not entry.obsolete}
    new = polib.POFile(wrapwidth=0)
    new.metadata = dict(HEADER)
    for sentence, places in sentences.items():
        new.append(_entry(sentence, places, known.get((sentence.context, sentence.text))))
    return new


def write(catalogue: polib.POFile, path: Path) -> None:
    """Save `catalogue` as text at `path`, and compiled beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path), newline="\n")
    catalogue.save_as_mofile(str(path.with_suffix(".mo")))


def is_compiled(path: Path) -> bool:
    """Whether the compiled file beside the catalogue at `path` says the same."""
    compiled = path.with_suffix(".mo")
    return compiled.exists() and _texts(polib.mofile(str(compiled))) == _texts(read(path))


def _entry(sentence: Sentence, places: list[str], known: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=sentence.text,
        msgctxt=sentence.context or None,
        msgid_plural=sentence.plural,
        occurrences=[(place, "") for place in places],
    )
    texts = [known.msgstr, *known.msgstr_plural.values()] if known else []
    text = next(filter(None, texts), "")
    if sentence.plural:
        entry.msgstr_plural = {0: text}
    else:
        entry.msgstr = text
    if known:
        entry.tcomment = known.tcomment
        entry.flags = [flag for flag in known.flags if flag == "fuzzy"]
    return entry


def _texts(catalogue: polib.POFile | polib.MOFile) -> dict[tuple[str, str], list[str]]:
    said = {(one.msgctxt or "", one.msgid): [one.msgstr, *one.msgstr_plural.values()] for one in catalogue}
    return {key: texts for key, texts in said.items() if any(texts)}
