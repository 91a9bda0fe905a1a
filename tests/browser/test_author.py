"""An author at work: by keys alone, by dragging, beside another author, and through review into force."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser


Visit = Callable[..., Visitor]


def begin(page: Page, *steps: str) -> str:
    """A new SOP with these steps; the address of its editor."""
    page.goto("/processes/sops/new/")
    page.get_by_label("Name", exact=True).fill(f"Walk {uuid.uuid4().hex[:8]}")
    page.get_by_role("button", name="Begin to write").click()
    page.wait_for_url(re.compile(r"/versions/\d+/edit/"))
    for place, title in enumerate(steps):
        page.get_by_role("textbox", name="New step").fill(title)
        page.get_by_role("button", name="Add step").click()
        expect(page.locator("[data-kind=step]")).to_have_count(place + 1)
    return page.url


def titles(page: Page) -> Any:
    return page.locator("[data-kind=step] .outline__title > a")


def test_p8_a_sop_is_written_by_keys_alone(visitor: Visit) -> None:
    page = visitor("admin").page
    begin(page)

    new = page.get_by_role("textbox", name="New step")
    new.focus()
    for place, title in enumerate(("Lock the door", "Count the till")):
        page.keyboard.type(title)
        page.keyboard.press("Enter")
        expect(titles(page)).to_have_count(place + 1)
        expect(new).to_be_focused()
        expect(new).to_have_value("")
    page.get_by_role("button", name="Move “Count the till”", exact=True).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(titles(page)).to_have_text(["Count the till", "Lock the door"])
    expect(page.get_by_role("button", name="Move “Count the till”", exact=True)).to_be_focused()
    expect(page.locator("[data-outline-says]")).to_have_text("“Count the till” is at place 1 of 2.")

    page.get_by_role("link", name="Count the till").focus()
    page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="New field")
    field.focus()
    page.keyboard.type("Amount")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/edit/field_"))
    page.get_by_label("Kind", exact=True).focus()
    page.keyboard.press("N")
    expect(page.get_by_label("Smallest")).to_be_visible()
    page.get_by_label("Unit").focus()
    page.keyboard.type("CNY")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/edit/step_"))
    expect(page.locator("#fields")).to_contain_text("Number")


def test_p8_steps_are_dragged_to_another_section(visitor: Visit) -> None:
    page = visitor("admin").page
    begin(page, "One", "Two")
    page.get_by_role("textbox", name="New section").fill("Later")
    page.get_by_role("button", name="Add section").click()
    expect(page.locator("[data-kind=section]")).to_have_count(2)
    later = page.locator("[data-kind=section]").filter(has=page.get_by_role("link", name="Later"))
    later.get_by_role("textbox", name="New step").fill("Three")
    later.get_by_role("button", name="Add step").click()
    expect(titles(page)).to_have_count(3)

    page.reload(wait_until="networkidle")
    handle = page.get_by_role("button", name="Move “One”", exact=True).bounding_box()
    assert handle is not None
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    steps = later.locator("[data-kind=step]")
    # As a hand does: on, until the step is seen to stand there
    for turn in range(40):
        target = page.get_by_role("button", name="Move “Three”", exact=True).bounding_box()
        assert target is not None
        page.mouse.move(target["x"] + 8, target["y"] + target["height"] - turn % 4, steps=12)
        if steps.count() == 2:
            break
        page.wait_for_timeout(100)
    with page.expect_response(re.compile(r"/move/")):
        page.mouse.up()

    expect(steps).to_have_count(2)
    page.reload()
    expect(later.get_by_role("link", name="One")).to_be_visible()


def test_p8_a_deleted_step_comes_back_by_its_toast(visitor: Visit) -> None:
    page = visitor("admin").page
    begin(page, "Stay", "Go")

    page.get_by_role("button", name="Delete “Go”").click()
    expect(titles(page)).to_have_text(["Stay"])
    page.get_by_role("button", name="Undo").click()

    expect(titles(page)).to_have_text(["Stay", "Go"])


def test_p8_two_authors_see_both_texts_and_the_second_chooses(visitor: Visit) -> None:
    first, other = visitor("admin").page, visitor("owner")
    second = other.page
    url = begin(first, "Mop the floor")
    for page in (first, second):
        page.goto(url)
        page.get_by_role("link", name="Mop the floor").click()
        page.wait_for_url(re.compile(r"/edit/step_"))
    first.get_by_label("Title", exact=True).fill("Mop the whole floor")
    first.get_by_role("button", name="Save", exact=True).last.click()
    expect(titles(first)).to_have_text(["Mop the whole floor"])

    second.get_by_label("Title", exact=True).fill("Mop the wet floor")
    second.get_by_role("button", name="Save", exact=True).last.click()

    torn = second.get_by_role("region", name="What stands now, and what you wrote")
    expect(torn.locator("del")).to_have_text("whole")
    expect(torn.locator("ins")).to_have_text("wet")
    expect(second.get_by_label("Title", exact=True)).to_have_value("Mop the wet floor")
    second.get_by_role("button", name="Save", exact=True).last.click()
    expect(titles(second)).to_have_text(["Mop the wet floor"])
    # The browser tells of every 422; this one is meant
    other.complaints[:] = [text for text in other.complaints if "422" not in text]


def test_p8_a_version_is_submitted_commented_sent_back_approved_and_in_force(visitor: Visit) -> None:
    author, boss = visitor("admin").page, visitor("owner").page
    begin(author, "Weigh it")
    author.get_by_role("link", name="Read", exact=True).click()
    version = author.url

    def submit() -> None:
        author.goto(version)
        author.get_by_role("link", name="Submit for review").click()
        author.get_by_label("Major").check()
        author.get_by_label("What changes, and why").fill("The first text")
        author.get_by_label("Reviewer").select_option(index=1)
        author.get_by_role("button", name="Submit", exact=True).click()
        expect(author.locator(".status").first).to_have_text("In review")

    submit()
    boss.goto(version)
    boss.get_by_text("Comment on “Weigh it”").click()
    boss.get_by_label("Comment", exact=True).first.fill("On which scale?")
    boss.get_by_role("button", name="Comment", exact=True).first.click()
    expect(boss.get_by_text("On which scale?")).to_be_visible()
    boss.get_by_role("link", name="Send back").click()
    boss.get_by_label("What has to change").fill("Name the scale.")
    boss.get_by_role("button", name="Send back").click()
    expect(boss.get_by_text("Name the scale.")).to_be_visible()

    submit()
    boss.goto(version)
    boss.get_by_role("link", name="Approve").click()
    boss.get_by_label("Major").check()
    boss.get_by_role("button", name="Approve").click()
    expect(boss.get_by_role("heading", name="What happened").locator("xpath=..")).to_contain_text("In force")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_p8_the_authors_pages_hold_in_four_looks(visitor: Visit, language: str, colours: str) -> None:
    page = visitor("admin").page
    url = begin(page, "Weigh it", "Sign it")
    step = page.get_by_role("link", name="Weigh it").get_attribute("href")
    phone = visitor("admin", width=360, height=780, language=language, theme=colours)

    paths = ["/processes/sops/", "/processes/sops/library/", "/processes/sops/library/text/", "/processes/sops/import/"]
    for path in (*paths, url, str(step), url.replace("/edit/", "/"), url.replace("/edit/", "/preview/?width=phone")):
        phone.page.goto(path)
        assert (path, phone.violations()) == (path, [])
        assert not phone.overflows(), path
