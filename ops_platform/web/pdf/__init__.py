"""PDF files of cards, set by Typst. The font that both languages need lies beside this file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COLUMNS = 12
WIDTHS = {3: 190.0, 4: 250.0, 6: 380.0, 8: 510.0, 12: 770.0}


class NoTypesetter(Exception):
    """The package that sets pages is not installed here."""


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table on a card. numbers: which columns stand to the right; more: a sentence on rows that are left out."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class PrintedStatus:
    """A judgement as mark, word and tone ("good", "warn", "bad" or "")."""

    mark: str = ""
    word: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One card: a figure with its line, pictures as SVG texts, tables. width: of twelve columns. All texts are plain."""

    title: str
    width: int = 6
    status: PrintedStatus = field(default_factory=PrintedStatus)
    value: str = ""
    unit: str = ""
    instead: str = ""
    period: str = ""
    change: str = ""
    change_tone: str = ""
    target: str = ""
    text: Sequence[str] = ()
    notice: str = ""
    note: str = ""
    summary: str = ""
    pictures: Sequence[str] = ()
    tables: Sequence[PrintedTable] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report before it is set. page_words: with the places `{page}` and `{pages}`; made_at: the date in the file.

    logo: an SVG text four times as wide as high; accent: `#rrggbb` of the line below the head. Both may be empty.
    """

    title: str
    subtitle: str
    organization: str
    footer: str
    page_words: str
    language: str
    cards: Sequence[Card]
    made_at: datetime
    empty: str = ""
    author: str = ""
    logo: str = ""
    accent: str = ""
    notices: Sequence[str] = ()
    is_landscape: bool = True


def report_pdf(report: Report) -> bytes:
    """The report as a tagged PDF file. Raises NoTypesetter where the extra `pdf` is not installed."""
    try:
        import typst  # an extra: not every installation sends reports
    except ImportError as error:
        raise NoTypesetter from error
    data = {
        "title": report.title,
        "subtitle": report.subtitle,
        "organization": report.organization,
        "footer": report.footer,
        "page_words": report.page_words,
        "language": "zh" if report.language.startswith("zh") else "en",
        "author": report.author,
        "logo": report.logo,
        "accent": report.accent,
        "empty": report.empty,
        "notices": list(report.notices),
        "landscape": report.is_landscape,
        "rows": [[asdict(card) for card in row] for row in card_rows(report.cards)],
    }
    made: Any = typst.compile(
        str(HERE / "cards.typ"),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format="pdf",
        timestamp=report.made_at.replace(microsecond=0),
    )
    return bytes(made)


def card_rows(cards: Iterable[Card]) -> Iterator[list[Card]]:
    """The cards in rows of at most twelve columns, in their order."""
    row: list[Card] = []
    for card in cards:
        if sum(one.width for one in row) + card.width > COLUMNS:
            yield row
            row = []
        row.append(card)
    if row:
        yield row
