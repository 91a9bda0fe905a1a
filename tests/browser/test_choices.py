"""What people choose and what they are told: preferences, keys, the inbox, a team's view, the loop."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

RUN = uuid4().hex[:6]  # a product that runs for longer keeps what a run before made


def saved(page: Page) -> None:
    """Press Save and wait until the page is there in the new look."""
    with page.expect_navigation():
        page.locator("main form button.button--primary").click()


def test_o7_language_density_and_theme_take_effect_at_once_and_stay(visitor: Any) -> None:
    auditor = visitor("auditor")
    page, root = auditor.page, auditor.page.locator("html")
    page.goto("/my/preferences/")

    page.locator("select[name=density]").select_option("compact")
    page.locator("select[name=theme]").select_option("dark")
    page.locator("select[name=language]").select_option("zh-hans")
    saved(page)

    expect(root).to_have_attribute("lang", re.compile("^zh-", re.IGNORECASE))
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-density", "compact")
    page.goto("/metrics/kpis/")
    expect(root).to_have_attribute("data-density", "compact")
    assert auditor.violations() == []

    page.goto("/my/preferences/")
    page.locator("select[name=density]").select_option("")
    page.locator("select[name=theme]").select_option("")
    page.locator("select[name=language]").select_option("en")
    saved(page)
    expect(root).to_have_attribute("lang", "en")
    assert [root.get_attribute("data-theme"), root.get_attribute("data-density")] == [None, None]


def test_o7_the_sheet_of_keys_opens_and_the_keys_can_be_switched_off(visitor: Any) -> None:
    staff = visitor("staff")
    page = staff.page
    page.goto("/my/work/")
    sheet, switch = page.get_by_role("dialog", name="Keys"), page.get_by_role("button", name="Single-key shortcuts")

    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("Next row, previous row")
    assert staff.violations() == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()

    page.locator("[data-appearance] summary").click()
    with page.expect_response("**/look/"):
        switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    page.reload()
    page.keyboard.press("?")
    page.wait_for_timeout(150)
    expect(sheet).to_be_hidden()

    page.locator("[data-appearance] summary").click()
    with page.expect_response("**/look/"):
        switch.click()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(sheet).to_be_visible()


def test_o7_the_loop_is_a_picture_on_a_desk_and_a_list_on_a_phone(visitor: Any) -> None:
    desk, phone = visitor("manager"), visitor("manager", width=360, height=780)
    for one in (desk, phone):
        one.page.goto("/metrics/kpis/")
        one.page.locator("#rows tbody a[href^='/metrics/kpis/']").first.click()
        one.page.goto(one.page.locator("a[href^='/loop/']").first.get_attribute("href"))
    here = desk.page.url

    expect(phone.page.locator(".chain__picture")).to_be_hidden()
    expect(phone.page.locator(".chain__list a").first).to_be_visible()
    assert not phone.overflows()
    assert phone.violations() == []
    expect(desk.page.locator(".chain__list")).to_be_hidden()
    desk.page.locator(".chain__picture a:not([aria-current])").first.click()
    desk.page.wait_for_url(lambda url: url != here)
    expect(desk.page.locator("h1")).to_be_visible()


def test_o7_a_view_for_everybody_is_opened_first_by_a_colleague(visitor: Any) -> None:
    name = f"Team {RUN}"
    admin, owner = visitor("admin"), visitor("owner")
    page = admin.page
    page.goto("/organization/roles/?view=all&sort=-name")
    page.locator("summary", has_text="Views").click()
    page.get_by_label("Name of the view").fill(name)
    page.get_by_label("For everybody").check()
    page.get_by_role("button", name="Save the view").click()
    expect(page.get_by_role("navigation", name="Views").get_by_role("link", name=name)).to_be_visible()

    theirs = owner.page
    theirs.goto("/organization/roles/?view=all")
    theirs.locator("summary", has_text="Views").click()
    theirs.get_by_role("link", name=name).first.click()
    theirs.wait_for_url("**sort=-name**")
    theirs.locator("summary", has_text="Views").click()
    with theirs.expect_navigation():
        theirs.get_by_role("button", name="Open it first").click()
    theirs.goto("/organization/roles/")
    theirs.wait_for_url("**sort=-name**")
    assert owner.violations() == []

    page.locator("summary", has_text="Views").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Remove the view").click()
    theirs.goto("/organization/roles/")
    assert "sort=" not in theirs.url
