"""The shell in the browser: palette, lists, keys."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

COMPOSE = """([text, end]) => {
  const input = document.querySelector('#palette input');
  input.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}));
  input.value = text;
  input.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true, data: text}));
  input.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true, isComposing: true}));
  input.value = end;
  input.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true, data: end}));
  input.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}));
}"""


def results(page: Page) -> Any:
    return page.get_by_role("listbox").get_by_role("option")


def test_o7_the_palette_goes_finds_and_does_by_keyboard_alone(visitor: Any) -> None:
    admin = visitor("admin")
    page = admin.page
    page.goto("/organization/members/")

    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search or do")).to_be_focused()
    page.keyboard.type("calend")
    expect(results(page).first).to_have_text("CalendarsOrganization")
    assert admin.violations() == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/organization/calendars/")

    page.keyboard.press("Control+k")
    expect(results(page).first).to_contain_text("Calendars")
    page.keyboard.type("dark")
    expect(results(page)).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.keyboard.press("Control+k")
    expect(results(page).nth(1)).to_contain_text("Calendars")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("combobox", name="Search or do")).to_have_attribute(
        "aria-activedescendant", "palette-recent-2"
    )
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_o7_enter_that_ends_a_composition_opens_nothing(visitor: Any) -> None:
    page = visitor("admin", language="zh-hans").page
    page.goto("/organization/members/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/palette/" in request.url else None)

    page.keyboard.press("Control+k")
    expect(results(page).first).to_be_visible()
    page.evaluate(COMPOSE, ["ri'li", "日历"])
    expect(results(page).first).to_contain_text("日历")

    assert page.url.endswith("/organization/members/")
    assert [url.partition("q=")[2].partition("&")[0] for url in asked] == ["", "%E6%97%A5%E5%8E%86"]
    page.wait_for_timeout(150)
    page.keyboard.press("Enter")
    page.wait_for_url("**/organization/calendars/")


def test_o7_the_palette_works_under_the_thumb(visitor: Any) -> None:
    someone = visitor("manager", width=360, height=780)
    page = someone.page
    page.goto("/metrics/kpis/")

    page.get_by_role("link", name="Search or do").tap()
    page.get_by_role("combobox", name="Search or do").fill("dashboards")
    expect(results(page).first).to_contain_text("Dashboards")
    assert not someone.overflows()
    assert someone.violations() == []
    results(page).first.tap()
    page.wait_for_url(re.compile("/metrics/dashboards/"))


def test_o7_what_is_typed_is_asked_for_once_and_the_first_result_is_what_was_meant(visitor: Any) -> None:
    page = visitor("manager").page
    page.goto("/metrics/kpis/")
    page.keyboard.press("Control+k")
    expect(results(page).first).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/palette/" in request.url else None)
    for text, meant in (("on-time", "On-time rate"), ("orders", "Orders"), ("conver", "Conversion rate")):
        asked.clear()

        page.get_by_role("combobox", name="Search or do").fill(text)

        expect(results(page).first).to_contain_text(meant)
        assert len(asked) == 1, asked


def test_o7_a_view_is_saved_opened_and_removed_and_comes_back(visitor: Any) -> None:
    manager = visitor("manager")
    page = manager.page
    page.goto("/metrics/kpis/?view=all")
    page.locator("#id_status").select_option("bad")
    page.wait_for_url("**status=bad**")

    page.locator("summary", has_text="Columns").click()
    page.get_by_label("Trend").uncheck()
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader", name="Trend")).to_have_count(0)
    page.locator("summary", has_text="Views").click()
    page.get_by_label("Name of the view").fill("Trouble")
    page.get_by_role("button", name="Save the view").click()
    tab = page.get_by_role("navigation", name="Views").get_by_role("link", name="Trouble")
    expect(tab).to_have_attribute("aria-current", "page")
    assert manager.violations() == []

    page.get_by_role("navigation", name="Views").get_by_role("link", name="Everything").click()
    expect(page.get_by_role("columnheader", name="Trend")).to_have_count(1)
    tab.click()
    expect(page.locator("#id_status")).to_have_value("bad")
    expect(page.get_by_role("columnheader", name="Trend")).to_have_count(0)

    page.locator("summary", has_text="Views").click()
    page.get_by_role("button", name="Remove the view").click()
    expect(tab).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(tab).to_have_count(1)
    tab.click()
    page.locator("summary", has_text="Views").click()
    page.get_by_role("button", name="Remove the view").click()
    expect(tab).to_have_count(0)


def test_o7_three_rows_and_then_all_that_match_change_and_change_back(visitor: Any) -> None:
    admin = visitor("admin")
    page = admin.page
    page.goto("/organization/members/?view=all")
    boxes = page.locator("[data-pick]")
    expect(page.get_by_role("button", name="Switch off")).to_be_hidden()

    for number in range(3):
        boxes.nth(number).check()
    expect(page.get_by_role("form", name="Selected rows").get_by_role("status")).to_have_text("Selected: 3")
    assert admin.violations() == []
    page.get_by_role("button", name="Change: Department").click()
    expect(page.get_by_text("3 selected rows")).to_be_visible()
    page.get_by_label("Department").select_option(index=1)
    page.get_by_role("button", name="Change 3 rows").click()
    expect(page.get_by_text("3 rows are changed.")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Undo").click()

    page.get_by_label("Select all rows of this page").check()
    everything = page.get_by_label(re.compile("^All .* that match$"))
    if everything.count():
        everything.check()
    page.get_by_role("button", name="Change: Department").click()
    expect(page.get_by_role("button", name=re.compile("^Change \\d+ rows$"))).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/organization/members/**")


def test_o7_a_cell_changes_by_keyboard_and_a_conflict_shows_both(visitor: Any) -> None:
    first, second = visitor("admin"), visitor("admin")
    for one in (first, second):
        one.page.goto("/organization/members/?view=all&sort=name")
        one.page.get_by_role("button", name=re.compile("^Department of .*: change$")).first.focus()
        one.page.keyboard.press("Enter")
        expect(one.page.locator("[data-cell] select")).to_be_focused()
    before = first.page.locator("[data-cell] select").input_value()

    first.page.keyboard.press("Escape")
    expect(first.page.get_by_role("button", name=re.compile("^Department of")).first).to_be_focused()
    first.page.keyboard.press("Enter")
    expect(first.page.locator("[data-cell] select")).to_be_focused()
    first.page.locator("[data-cell] select").select_option(index=2)
    first.page.get_by_role("button", name="Save").click()
    expect(first.page.get_by_text("Department is changed.")).to_be_visible()

    second.page.locator("[data-cell] select").select_option(index=3)
    second.page.get_by_role("button", name="Save").click()
    expect(second.page.locator("[data-cell]").get_by_role("alert")).to_contain_text("Somebody else set this to")
    assert second.violations() == []
    # The browser tells of every 422; this one is meant
    assert [complaint.partition(": ")[2][:30] for complaint in second.complaints] == ["Failed to load resource: the s"]
    second.complaints.clear()
    second.page.get_by_role("button", name="Keep what is there").click()
    expect(second.page.locator("[data-cell]")).to_have_count(0)

    with first.page.expect_navigation():
        first.page.get_by_role("button", name="Undo").click()
    first.page.get_by_role("button", name=re.compile("^Department of .*: change$")).first.click()
    expect(first.page.locator("[data-cell] select")).to_have_value(before)
