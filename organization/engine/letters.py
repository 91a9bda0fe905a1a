"""The parts of a mail's text, so that its HTML says the same and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass

LINK = re.compile(r"https?://\S+")
FOOT = "\n--\n"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together. url: the address, where the paragraph is nothing else."""

    lines: tuple[str, ...]
    url: str = ""


def paragraphs(text: str) -> tuple[list[Paragraph], list[str]]:
    """The paragraphs of a plain text, which empty lines part, and the lines of its foot, which `--` parts from them."""
    body, _foot, foot = text.partition(FOOT)
    found = []
    for block in re.split(r"\n\s*\n", body.strip()):
        lines = tuple(line.strip() for line in block.splitlines() if line.strip())
        if lines:
            found.append(Paragraph(lines, lines[0] if len(lines) == 1 and LINK.fullmatch(lines[0]) else ""))
    return found, [line.strip() for line in foot.splitlines() if line.strip()]
