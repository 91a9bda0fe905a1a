"""Departments are moved in their list: by the mouse and by keys, and back."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

LIST = "/organization/departments/"
RUN = os.getpid()


def handle(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Move “{name}”", exact=True)


def new_department(page: Page, name: str) -> None:
    page.goto(f"{LIST}new/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Code").fill(name.upper())
    page.get_by_role("button", name="Create the department").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def drag(page: Page, name: str, target: Locator) -> None:
    """Pressed on the handle, moved in steps, let go over the target, which may show only once something is dragged."""
    start = handle(page, name).bounding_box()
    assert start is not None
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 12, steps=4)
    end = target.bounding_box()
    assert end is not None
    page.mouse.move(end["x"] + 80, end["y"] + end["height"] / 2, steps=8)
    expect(target).to_have_attribute("data-drop-here", re.compile("yes|no"))
    page.mouse.up()


def agree(page: Page) -> None:
    """Managers of the sample company reach whatever stands below them, so each move is asked."""
    dialog = page.get_by_role("dialog", name="Look at who is touched, then move")
    toast = page.locator(".toast")
    expect(dialog.or_(toast).first).to_be_visible()
    if dialog.is_visible():
        dialog.get_by_role("button", name="Move").click()


def test_o4_departments_are_dragged_and_moved_by_keys(visitor: Any) -> None:
    admin = visitor("admin")
    page: Page = admin.page
    above, below = f"Aaa{RUN}", f"Aab{RUN}"
    for name in (above, below):
        new_department(page, name)
    page.goto(LIST)
    row = page.get_by_role("row").filter(has=handle(page, above))
    says = page.locator("[data-tree-says]")
    number = handle(page, above).get_attribute("data-id")

    drag(page, below, row)
    agree(page)
    expect(handle(page, below)).to_have_attribute("data-parent", str(number))
    expect(handle(page, below)).to_be_focused()

    handle(page, above).evaluate("element => { element.dataset.isOld = '1' }")
    drag(page, above, page.get_by_role("row").filter(has=handle(page, below)))
    expect(page.get_by_text("A department cannot be moved below itself")).to_be_visible()
    expect(handle(page, above)).not_to_have_attribute("data-is-old", "1")  # the list was asked anew
    expect(handle(page, above)).to_be_focused()
    assert [text for text in admin.complaints if "409" not in text] == []
    admin.complaints.clear()

    page.keyboard.press("Space")
    expect(says).to_contain_text(f"“{above}” is picked up.")
    page.keyboard.press("ArrowDown")
    expect(says).to_contain_text("Below “")
    page.keyboard.press("Escape")
    expect(says).to_have_text(f"“{above}” stays where it is.")

    handle(page, below).focus()
    page.keyboard.press("Space")
    for _ in range(8):  # it stops at the top
        page.keyboard.press("ArrowUp")
    expect(says).to_have_text("At the top of the organization")
    page.keyboard.press("Space")
    agree(page)
    expect(handle(page, below)).to_have_attribute("data-parent", "")
    page.get_by_role("button", name="Undo").last.click()
    expect(handle(page, below)).to_have_attribute("data-parent", str(number))
    assert admin.violations() == []
    assert admin.complaints == []

    drag(page, below, page.locator("[data-tree-top]"))
    agree(page)
    expect(handle(page, below)).to_have_attribute("data-parent", "")
