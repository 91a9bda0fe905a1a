"""Figures entered by hand, with the keyboard: entering, pasting, correcting with a reason that the history shows."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

SAVED = "All figures are saved."


def open_grid(page: Page, name: str) -> None:
    """From the list of what is entered by hand."""
    page.goto("/metrics/entry/")
    page.get_by_role("link", name=name).first.click()
    expect(page.locator("form[data-grid].is-live")).to_be_visible()


def give_reason(page: Page, reason: str) -> None:
    """The dialog that asks why a figure changes."""
    dialog = page.locator("#reason-dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Reason").fill(reason)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def paste(cell: Locator, text: str) -> None:
    """As the clipboard of a spreadsheet gives it."""
    cell.evaluate(
        "(cell, text) => { const clipboardData = new DataTransfer(); clipboardData.setData('text/plain', text);"
        " cell.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })); }",
        text,
    )


def test_m4_a_figure_is_corrected_by_keys_with_a_reason_that_its_history_shows(visitor: Any) -> None:
    owner = visitor("owner")
    page = owner.page
    open_grid(page, "Electricity used")
    cells, status = page.locator("td[data-cell] input:not([type=hidden])"), page.locator("[data-grid-status]")
    was = cells.nth(4).input_value()
    now = str(int(was) + 7)
    assert owner.violations() == []

    cells.nth(4).focus()
    page.keyboard.type(now)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    give_reason(page, "Read again from the meter")
    expect(status).to_have_text(SAVED)

    page.locator("td[data-cell] .entry-words").nth(4).click()
    first = page.locator("main tbody tr").first
    expect(first).to_contain_text("Read again from the meter")
    expect(first).to_contain_text(f"{int(was):,}")
    expect(first).to_contain_text(f"{int(now):,}")
    assert owner.violations() == []


def test_m4_two_cells_are_pasted_at_once(visitor: Any) -> None:
    owner = visitor("owner")
    page = owner.page
    open_grid(page, "Accidents at work")
    cells = page.locator("td[data-cell] input:not([type=hidden])")
    cells.nth(4).focus()

    paste(cells.nth(4), "3\t1")

    expect(page.locator("[data-grid-status]")).to_have_text(SAVED)
    page.reload()
    expect(cells.nth(4)).to_have_value("3")
    expect(cells.nth(5)).to_have_value("1")
