"""Dashboards made in the browser: with the keyboard alone, by two people at once, on a phone and on a wall."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

RUN = os.getpid()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, target: Any) -> None:
    """Walk with Tab until the focus stands on the element, as somebody without a mouse does."""
    for _ in range(120):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {target}")


def titles(page: Page) -> list[str]:
    return page.locator("[data-board] > [data-panel]").evaluate_all("slots => slots.map(slot => slot.dataset.title)")


def settled(page: Page) -> None:
    """The fields that fit the chosen KPI and kind have come."""
    expect(page.locator("#panel-dialog [aria-busy]")).to_have_count(0)
    expect(page.locator("#panel-dialog .htmx-request, #panel-dialog .htmx-settling")).to_have_count(0)


def add_panel(page: Page, search: str, kind: str = "") -> None:
    """The dialog by keys alone; it begins at its first field."""
    tab_to(page, page.locator("#add-panel"))
    page.keyboard.press("Enter")
    expect(page.locator("#panel-dialog")).to_be_visible()
    tab_to(page, page.locator("#id_kpi[role=combobox]"))
    page.keyboard.type(search)
    expect(page.locator(".combobox__item[aria-selected=true]")).to_be_visible()
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator("#id_kpi[role=combobox]")).to_be_focused()
    if kind:
        tab_to(page, page.locator("#id_kind"))
        page.locator("#id_kind").select_option(kind)
        settled(page)
    tab_to(page, page.locator("#panel-form .button--primary"))
    page.keyboard.press("Enter")
    expect(page.locator("#panel-dialog")).to_have_count(0)
    expect(page.locator("[data-handle]:focus")).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_dashboard_is_built_from_nothing_with_the_keyboard_alone(visitor: Any, language: str) -> None:
    manager = visitor("manager", language=language)
    page = manager.page
    page.goto("/metrics/dashboards/new/")
    tab_to(page, page.locator("#id_name"))
    page.keyboard.type(f"By keys {RUN} {language}")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dashboards/\d+/edit/"))

    add_panel(page, "o")
    first = titles(page)[0]
    add_panel(page, "r")
    second = titles(page)[1]
    assert len(titles(page)) == 2

    # The focus stands on the handle of the panel that was added last: pick up, move, put back, move, drop
    says = page.locator("[data-board-says]")
    press(page, "Space")
    expect(says).to_contain_text(second)
    press(page, "ArrowLeft")
    assert titles(page) == [second, first]
    press(page, "Escape")
    assert titles(page) == [first, second]
    with page.expect_response(re.compile(r"/move/$")):
        press(page, "Space", "ArrowLeft", "-", "Space")
    expect(says).to_contain_text(re.compile(r"1.*2"))
    expect(page.locator("[data-handle]:focus")).to_have_count(1)
    assert manager.violations() == []
    page.reload()
    assert titles(page) == [second, first]
    assert page.locator("[data-board] > [data-panel]").first.get_attribute("data-width") == "4"

    # Remove one, take it back; then look at what was made
    remove = page.locator("[data-panel] form[action$='/remove/'] button").first
    tab_to(page, page.locator("[data-panel] summary").first)
    page.keyboard.press("Enter")
    tab_to(page, remove)
    page.keyboard.press("Enter")
    expect(page.locator("[data-board] > [data-panel]")).to_have_count(1)
    tab_to(page, page.locator("#toasts [data-undo]:visible"))
    page.keyboard.press("Enter")
    expect(page.locator("[data-board] > [data-panel]")).to_have_count(2)
    assert titles(page) == [second, first]
    tab_to(page, page.locator(".page__actions a").nth(1))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dashboards/\d+/$"))
    expect(page.locator(".panel")).to_have_count(2)
    assert manager.violations() == []


def test_two_people_edit_one_dashboard_and_neither_loses_work(visitor: Any) -> None:
    ann, bob = visitor("manager"), visitor("owner")
    ann.page.goto("/metrics/dashboards/new/")
    ann.page.locator("#id_name").fill(f"Together {RUN}")
    ann.page.locator("#id_name").press("Enter")
    ann.page.wait_for_url(re.compile(r"/dashboards/\d+/edit/"))
    for search in ("o", "r", "a"):
        add_panel(ann.page, search)
    a, b, c = titles(ann.page)
    bob.page.goto(ann.page.url.partition("#")[0])
    assert titles(bob.page) == [a, b, c]

    # Each moves another panel on a board that does not show yet what the other did
    ann.page.locator("[data-panel]").nth(0).locator("[id^=later-]").click()
    expect(ann.page.locator("[data-board-says]")).to_contain_text("2")
    bob.page.locator("[data-panel]").nth(2).locator("[id^=earlier-]").click()
    expect(bob.page.locator("[data-board-says]")).to_contain_text("2")
    assert titles(bob.page) == [b, c, a]

    # Bob adds a panel; Ann's next act shows it
    add_panel(bob.page, "e")
    ann.page.locator("[data-panel]").nth(0).locator("[id^=later-]").click()
    expect(ann.page.locator("[data-board] > [data-panel]")).to_have_count(4)

    # Both change the title of the same panel: the second one sees both and chooses
    number = ann.page.locator("[data-panel]").first.get_attribute("data-panel")
    for page in (ann.page, bob.page):
        page.locator(f"#change-{number}").click()
        expect(page.locator("#panel-dialog")).to_be_visible()
    ann.page.locator("#id_title").fill("Ann's title")
    ann.page.locator("#panel-form .button--primary").click()
    expect(ann.page.locator("#panel-dialog")).to_have_count(0)
    bob.page.locator("#id_title").fill("Bob's title")
    bob.page.locator("#panel-form .button--primary").click()
    torn = bob.page.locator("#panel-dialog [role=alert]")
    expect(torn).to_contain_text("Ann's title")
    expect(torn).to_contain_text("Bob's title")
    assert bob.violations() == []
    bob.page.locator("#panel-form .button--primary").click()
    expect(bob.page.locator("#panel-dialog")).to_have_count(0)
    expect(bob.page.locator(f"#slot-{number}")).to_have_attribute("data-title", "Bob's title")
    bob.complaints[:] = [text for text in bob.complaints if "422" not in text]


def test_board_is_dragged_and_fits_a_phone(visitor: Any) -> None:
    manager = visitor("manager", width=360, height=780)
    page = manager.page
    page.goto("/metrics/dashboards/")
    page.locator("main tbody a").first.click()
    page.wait_for_url(re.compile(r"/dashboards/\d+/$"))
    page.goto(f"{page.url}edit/")

    expect(page.locator("[data-handle]").first).to_be_visible()
    assert not manager.overflows()
    box = page.locator("[data-handle]").first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    assert manager.violations() == []


def test_wall_turns_refreshes_and_says_when_the_network_is_gone(visitor: Any) -> None:
    manager = visitor("manager")
    page = manager.page
    page.goto("/metrics/dashboards/")
    numbers = [
        re.search(r"(\d+)/$", link).group(1)  # type: ignore[union-attr]
        for link in page.locator("main tbody a[href$='/']").evaluate_all("links => links.map(link => link.pathname)")
        if re.search(r"/dashboards/\d+/$", link)
    ]
    page.goto(f"/metrics/dashboards/{numbers[0]}/wall/?with={numbers[1]}&every=30")
    expect(page.locator(".panel").first).to_be_visible()
    expect(page.locator("[data-wall-state]")).to_contain_text("As of")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator(".side, .bar").count() == 0
    title = page.locator("[data-wall-title]").inner_text()
    assert manager.violations() == []

    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-wall-title]")).not_to_have_text(title)
    expect(page.locator("[data-wall-turn]")).to_have_text("2 / 2")
    manager.context.set_offline(True)
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-wall-state]")).to_contain_text("No connection")
    manager.context.set_offline(False)
    expect(page.locator("[data-wall-state]")).to_contain_text("As of")
    manager.complaints[:] = [text for text in manager.complaints if "ERR_INTERNET_DISCONNECTED" not in text]
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(rf"/dashboards/{numbers[0]}/$"))
