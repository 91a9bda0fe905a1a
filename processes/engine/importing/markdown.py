"""A procedure out of a Markdown text: headings become sections, lists become steps, checkboxes become fields.

Text, code, quotes and tables stay as Markdown in the instruction of the step that they stand at. What cannot stay (front
matter, HTML, pictures) is listed with its lines; nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from metrics.engine.translation import N_
from processes.engine.content import Procedure, read_content
from processes.engine.content.limits import LONGEST_LABEL, LONGEST_TITLE, MOST_FIELDS

_CHECKBOX = re.compile(r"\[[ xX]\]\s+")
_NUMBERED = re.compile(r"(?:step\s+)?\d+[.):：]\s*|第\s*[\d一二三四五六七八九十]+\s*步[.:：、]?\s*", re.IGNORECASE)
_MARKER = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class NotCarried:
    """Something that the procedure lacks. first, last: lines of the file, from 1. message: a sentence of the catalogue."""

    first: int
    last: int
    message: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class ImportedText:
    """What came of a text. title: of its first heading, or of its front matter; may be empty."""

    title: str
    procedure: Procedure
    not_carried: tuple[NotCarried, ...]


@dataclass(slots=True)
class _Step:
    title: str
    text: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Section:
    title: str
    steps: list[_Step] = field(default_factory=list)
    lead: list[str] = field(default_factory=list)


def import_markdown(text: str) -> ImportedText:
    """Read CommonMark with tables. Raises BadContent where the text is larger than a procedure may be.

    The first heading names the procedure where no other stands on its level. Numbered headings (“2. Pay”, “Step 2: Pay”)
    are steps; a heading below another keeps its name (“Remediate: Contain”). A section without lists is one step.
    """
    return _Reader(text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").replace("\0", "")).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.notes: list[NotCarried] = []
        self.title = ""
        if front := _FRONT.match(text):
            count = front[0].count("\n")
            self.notes.append(NotCarried(1, count, N_("The lines above the text that describe the file.")))
            for line in front[1].splitlines():
                if line.lower().startswith("title:"):
                    self.title = line[6:].strip().strip("\"'")
            text = "\n" * count + text[front.end() :]
        self.lines = text.split("\n")
        self.nodes = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(text)).children
        self.headings: list[tuple[int, str]] = []
        self.sections: list[_Section] = []

    def read(self) -> ImportedText:
        headings = [node for node in self.nodes if node.type == "heading"]
        levels = [int(node.tag[1]) for node in headings]
        doc = headings[0] if levels and levels[0] == min(levels) and levels.count(min(levels)) == 1 else None
        for node in self.nodes:
            self._note_lost(node)
            if node is doc:
                self.title = self._plain(node)
            elif node.type == "heading":
                self._heading(node)
            elif node.type in ("bullet_list", "ordered_list"):
                self._list(node)
            elif node.type not in ("html_block", "hr"):
                self._text(node)
        return ImportedText(self.title[:LONGEST_TITLE], self._procedure(), tuple(sorted(self.notes, key=_by_line)))

    def _heading(self, node: SyntaxTreeNode) -> None:
        level, name = int(node.tag[1]), self._plain(node)
        self.headings = [one for one in self.headings if one[0] < level]
        if match := _NUMBERED.match(name):
            self._step(name[match.end() :] or name)
            return
        self.headings.append((level, name))
        self.sections.append(_Section(_cut(": ".join(one for _, one in self.headings), LONGEST_TITLE)))

    def _list(self, node: SyntaxTreeNode) -> None:
        items = node.children
        if all(_CHECKBOX.match(self._first_text(item)) for item in items):
            section = self._section()
            title = section.lead.pop().rstrip(":：") if section.lead and "\n" not in section.lead[-1] else section.title
            for start in range(0, len(items), MOST_FIELDS):
                step = self._step(title or self.title or "…")
                for item in items[start : start + MOST_FIELDS]:
                    self._box(step, item)
            return
        for item in items:
            self._item(item)

    def _item(self, item: SyntaxTreeNode) -> None:
        inline = next((node for node in item.walk() if node.type == "inline"), None)
        name = self._plain(inline) if inline is not None else ""
        step = self._step(_CHECKBOX.sub("", name, count=1) or "…")
        source = _dedent(self._source(item))
        if _CHECKBOX.match(name):
            step.boxes.append(step.title)
        rest: list[str] = []
        for child in item.children:
            nested = child.type in ("bullet_list", "ordered_list")
            if nested and all(_CHECKBOX.match(self._first_text(one)) for one in child.children):
                for one in child.children:
                    self._box(step, one)
                continue
            if child is item.children[0] and child.type == "paragraph":
                plain = _MARKER.sub("", source.split("\n\n")[0], count=1)
                if _SPACES.sub(" ", plain).strip() == step.title or not inline or inline.content.strip() == step.title:
                    continue
                rest.append(_CHECKBOX.sub("", inline.content, count=1))
            elif child.type != "html_block":
                rest.append(_dedent(self._source(child)))
        step.text += rest

    def _box(self, step: _Step, item: SyntaxTreeNode) -> None:
        label = _CHECKBOX.sub("", self._first_text(item), count=1)
        if len(step.boxes) < MOST_FIELDS:
            step.boxes.append(label)
        else:
            step.text.append(f"- {label}")
        for child in item.children[1:]:
            step.text.append(f"**{label}**\n\n{_dedent(self._source(child))}")
        if len(label) > LONGEST_LABEL:
            step.text.append(label)

    def _text(self, node: SyntaxTreeNode) -> None:
        section = self._section()
        (section.steps[-1].text if section.steps else section.lead).append(self._source(node))

    def _section(self) -> _Section:
        if not self.sections:
            self.sections.append(_Section(_cut(self.title, LONGEST_TITLE)))
        return self.sections[-1]

    def _step(self, title: str) -> _Step:
        section = self._section()
        step = _Step(_cut(title, LONGEST_TITLE), section.lead)
        if len(_SPACES.sub(" ", title)) > LONGEST_TITLE:
            step.text.append(title)
        section.lead = []
        section.steps.append(step)
        return step

    def _source(self, node: SyntaxTreeNode) -> str:
        if node.map is None:
            return ""
        lines = self.lines[node.map[0] : node.map[1]]
        return "\n".join(lines).rstrip()

    def _first_text(self, item: SyntaxTreeNode) -> str:
        inline = next((node for node in item.walk() if node.type == "inline"), None)
        return "" if inline is None else self._plain(inline)

    def _plain(self, node: SyntaxTreeNode) -> str:
        """The words without their marks."""
        parts = [
            one.content if one.type in ("text", "code_inline") else " " * (one.type in ("softbreak", "hardbreak"))
            for one in node.walk()
        ]
        return _SPACES.sub(" ", "".join(parts)).strip()

    def _note_lost(self, node: SyntaxTreeNode) -> None:
        for one in node.walk():
            first, last = _span(one)
            if one.type == "html_block":
                self.notes.append(NotCarried(first, last, N_("HTML"), one.content.strip()[:200]))
            elif one.type == "html_inline":
                self.notes.append(NotCarried(first, last, N_("HTML"), one.content[:200]))
            elif one.type == "image":
                source = str(one.attrs.get("src", ""))
                self.notes.append(NotCarried(first, last, N_("A picture: attach it to the step."), source[:200]))

    def _procedure(self) -> Procedure:
        intro: list[str] = []
        sections: list[dict[str, Any]] = []
        keys = _numbered_keys()
        for section in self.sections:
            if not section.steps and section.lead:
                if section.title == self.title and not sections:
                    intro += section.lead
                    continue
                section.steps.append(_Step(section.title or "…", section.lead))
            if section.steps:
                steps = [_as_step(step, keys) for step in section.steps]
                title = section.title or self.title or "…"
                sections.append({"key": f"part_{len(sections) + 1}", "title": title, "steps": steps})
        return read_content({"intro": _joined(intro), "sections": sections})


def _as_step(step: _Step, keys: Iterator[int]) -> dict[str, Any]:
    raw: dict[str, Any] = {"key": f"step_{next(keys)}", "title": step.title}
    if instruction := _joined(step.text):
        raw["instruction"] = instruction
    if step.boxes:
        raw["fields"] = [
            {
                "key": f"check_{next(keys)}",
                "label": _cut(label, LONGEST_LABEL) or "…",
                "kind": "checkbox",
                "required": True,
            }
            for label in step.boxes
        ]
    return raw


def _numbered_keys() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


def _joined(parts: list[str]) -> str:
    return "\n\n".join(part for part in parts if part.strip())


def _cut(text: str, longest: int) -> str:
    """The text in one line, cut behind a word where it is too long."""
    line = _SPACES.sub(" ", text).strip()
    return line if len(line) <= longest else line[: longest - 1].rsplit(" ", 1)[0][: longest - 1] + "…"


def _dedent(text: str) -> str:
    lines = text.split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    depth = min([len(lines[0]) - len(lines[0].lstrip()), *indents]) if lines[0].startswith(" ") else 0
    return "\n".join(line[depth:] for line in lines)


def _span(node: SyntaxTreeNode) -> tuple[int, int]:
    found: SyntaxTreeNode | None = node
    while found is not None and not found.is_root and found.map is None:
        found = found.parent
    if found is None or found.is_root or found.map is None:
        return 1, 1
    return found.map[0] + 1, found.map[1]


def _by_line(note: NotCarried) -> tuple[int, int]:
    return note.first, note.last
