"""A procedure as a Markdown text that `engine.importing.markdown` reads back: headings, a list of steps, boxes to tick."""

from __future__ import annotations

from collections.abc import Iterator

from processes.engine.content import Procedure, Step


def as_markdown(procedure: Procedure, title: str, *, is_chinese: bool = False) -> str:
    """The text in one language; where a twin is missing, the other one. Conditions, roles and due rules are not in it."""

    def said(text: str, twin: str) -> str:
        return twin if is_chinese and twin else text

    lines = [f"# {title}"]
    if intro := said(procedure.intro, procedure.intro_zh):
        lines += ["", intro]
    for section in procedure.sections:
        lines += ["", f"## {said(section.title, section.title_zh)}"]
        for number, step in enumerate(section.steps, 1):
            mark = f"{number}. "
            lines += ["", mark + said(step.title, step.title_zh)]
            if text := said(step.instruction, step.instruction_zh):
                lines += ["", _indented(text, len(mark))]
            boxes = list(_boxes(step, is_chinese=is_chinese))
            if boxes:
                lines += ["", _indented("\n".join(boxes), len(mark))]
    return "\n".join(lines) + "\n"


def _boxes(step: Step, *, is_chinese: bool) -> Iterator[str]:
    for field in step.fields:
        yield f"- [ ] {field.label_zh if is_chinese and field.label_zh else field.label}"


def _indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line if line else "" for line in text.split("\n"))
