"""PDF files of cards."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from pypdf import PdfReader

from ops_platform.web.pdf import Card, PrintedStatus, PrintedTable, Report, card_rows, report_pdf

MADE = datetime(2026, 3, 1, 12, 30, 15, 99, tzinfo=UTC)


def report(*cards: Card) -> Report:
    return Report("经营总览", "2026年3月", "北辰", "made by", "第 {page} 页，共 {pages} 页", "zh-hans", cards, MADE)


def test_cards_stand_in_rows_of_twelve_columns():
    widths = [
        [card.width for card in row] for row in card_rows([Card("a", 6), Card("b", 6), Card("c", 8), Card("d", 6)])
    ]

    assert widths == [[6, 6], [8], [6]]


def read(document: Report) -> PdfReader:
    return PdfReader(io.BytesIO(report_pdf(document)))


def test_a_report_says_what_stands_on_its_cards_in_a_font_of_its_own():
    found = read(report(Card("销售收入", 12, PrintedStatus("●", "达标", "good"), value="¥123.4万", unit="元")))

    text = found.pages[0].extract_text()
    fonts = {str(font.get_object()["/BaseFont"]) for font in found.pages[0]["/Resources"]["/Font"].values()}
    assert all(words in text for words in ("经营总览", "销售收入", "达标", "¥123.4万", "北辰", "第 1 页，共 1 页"))
    assert all("NotoSansCJK" in font for font in fonts)
    assert found.metadata is not None
    assert found.metadata.title == "经营总览"


def test_texts_of_people_are_no_commands_of_the_typesetter():
    evil = '#read("/etc/passwd") $x$ *b* \\ ] #panic("no")'
    card = Card(evil, 12, value=evil, notice=evil, tables=[PrintedTable([evil], [[evil]])], text=[evil])

    text = read(report(card)).pages[0].extract_text()

    assert text.count('#read("/etc/passwd")') == 6


def test_many_cards_take_many_pages_and_each_says_its_number():
    found = read(report(*(Card(f"KPI {number}", 12, value="1", text=["x"] * 8) for number in range(20))))

    count = len(found.pages)
    assert count > 3
    assert f"第 {count} 页，共 {count} 页" in found.pages[-1].extract_text()
