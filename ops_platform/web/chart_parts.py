"""What charts are made of: series, marks, and the payload that carries a figure into the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ops_platform.web.chart_theme import Role
from ops_platform.web.formats import Number

Figure = dict[str, Any]
Label = str | date
FORBIDDEN = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
LABEL_CHARACTERS = 22


@dataclass(frozen=True, slots=True)
class Series:
    """One line or set of bars. `values` stand beside the x of the chart; None is a gap.

    urls: where a click on the point leads, one a point; or `url` with `{x}` for the point's x.
    texts: what hover and table say instead of the value in its unit.
    """

    name: str
    values: Sequence[Number | None]
    role: Role | None = None
    urls: Sequence[str] = ()
    url: str = ""
    texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A sentence at a moment: "Version 2 in force"; until: where what lasted ends; middle: where its words stand then."""

    at: Label
    text: str
    until: Label | None = None
    middle: Label | None = None


class Payload(str):
    """A figure as JSON that may stand inside a script element: it holds none of `<`, `>`, `&`."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)

    @classmethod
    def of(cls, figure: Figure) -> Payload:
        """Serialise a figure. Raises ValueError for NaN or infinity."""
        return cls.stored(json.dumps(figure, allow_nan=False, ensure_ascii=False, separators=(",", ":")))

    @classmethod
    def stored(cls, text: str) -> Payload:
        """Take JSON that was kept; what must not stand in a script element is escaped again."""
        return cls(text.translate(FORBIDDEN))


@dataclass(frozen=True, slots=True)
class Chart:
    """What `components/chart.html` shows: a figure at hand (`payload`) or to be fetched (`url`).

    summary: one sentence that says what the chart shows, its name for screen readers. size: "", "low" or "tall".
    """

    id: str
    summary: str
    payload: Payload | None = None
    url: str = ""
    note: str = ""
    size: str = ""


def escaped(text: Any) -> str:
    """Text of people as plotly shall show it: letter by letter, with no tag or entity in it."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, characters: int = LABEL_CHARACTERS) -> str:
    """The beginning of a long name; a Chinese character counts as two."""
    width = 0
    for position, character in enumerate(text):
        width += 1 if ord(character) < 0x1100 else 2
        if width > characters:
            return text[:position].rstrip() + "…"
    return text
