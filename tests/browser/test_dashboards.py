"""A dashboard under the pointer: what a point offers, filters as chips, panels that are dragged."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_board import add_panel, titles

pytestmark = pytest.mark.browser


def open_dashboard(page: Page, name: str) -> None:
    """From the list, with its first chart that may bear notes drawn."""
    page.goto("/metrics/dashboards/")
    page.locator("main tbody").get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(re.compile(r"/dashboards/\d+/$"))


def test_a_point_offers_its_rows_and_a_note_and_its_table_a_note_by_keys(visitor: Any) -> None:
    manager = visitor("manager")
    page = manager.page
    open_dashboard(page, "Quality")
    chart = page.get_by_role("article", name="Complaints per 1,000 orders")
    chart.scroll_into_view_if_needed()
    expect(chart).to_have_attribute("data-state", "drawn")
    layer = chart.locator("[data-canvas] .nsewdrag")
    box = layer.bounding_box()
    assert box is not None
    for step in range(4, 12):  # the pointer looks for a point, as a hand does
        page.mouse.move(box["x"] + box["width"] * step / 16, box["y"] + box["height"] / 2, steps=3)
        page.wait_for_timeout(120)
        if chart.locator(".hoverlayer .hovertext").count():
            break
    page.mouse.down()
    page.mouse.up()

    items = page.locator("#chart-offer .menu__item")
    expect(items).to_have_text(["Rows behind it", "Write a note for this day"])
    expect(items.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.last).to_be_focused()
    page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    expect(chart.locator("[data-chart-table]")).to_be_focused()

    page.keyboard.press("Enter")
    link = chart.get_by_role("link", name="Write a note for this day").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/notes/new/\?day=\d{4}-\d\d-\d\d"))


def add_filter(page: Page, key: str, nth: int) -> str:
    """One more value of a property, chosen of what the form offers."""
    page.locator("#add-filter").click()
    page.locator("#filter-property").select_option(key)
    options = page.locator("#filter-values option")
    expect(options.first).to_be_attached()
    value = str(options.nth(nth).get_attribute("value"))
    chips = page.locator(".chip").count()
    page.locator("#filter-value").fill(value)
    page.locator("#filter-value").press("Enter")
    expect(page.locator(".chip")).to_have_count(chips + 1)
    return value


def test_filters_are_added_taken_away_cleared_and_undone_by_back(visitor: Any) -> None:
    page = visitor("manager").page
    open_dashboard(page, "Sales")
    chips = page.locator(".chip")
    add_filter(page, "region", 0)
    add_filter(page, "region", 1)
    add_filter(page, "category", 0)

    chips.first.click()
    expect(chips).to_have_count(2)
    page.get_by_role("link", name="Clear all").click()
    expect(chips).to_have_count(0)
    page.go_back()
    expect(chips).to_have_count(2)


def test_a_panel_is_dragged_with_the_pointer_and_stays(visitor: Any) -> None:
    page = visitor("manager").page
    page.goto("/metrics/dashboards/new/")
    page.locator("#id_name").fill(f"Dragged {os.getpid()}")
    page.locator("#id_name").press("Enter")
    page.wait_for_url(re.compile(r"/dashboards/\d+/edit/"))
    add_panel(page, "o")
    add_panel(page, "r")
    first, second = titles(page)
    handle = page.locator("[data-handle]").first.bounding_box()
    goal = page.locator("[data-panel]").nth(1).bounding_box()
    assert handle is not None
    assert goal is not None

    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] + 30, handle["y"] + 20, steps=5)
    page.mouse.move(goal["x"] + goal["width"] - 12, goal["y"] + goal["height"] / 2, steps=20)
    with page.expect_response(re.compile(r"/move/$")):
        page.mouse.up()

    page.reload()
    assert titles(page) == [second, first]
