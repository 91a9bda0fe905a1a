"""Staff at work on a phone: answers that keep themselves, what a failed one asks for, a call for help, and another person."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
KEPT = re.compile("Kept")


def in_force(author: Page, boss: Page, template: str) -> str:
    """A SOP made of a text of the library, approved by somebody else; the address of its page."""
    author.goto(f"/processes/sops/library/text/?of={template}")
    author.get_by_label("Name", exact=True).fill(f"Walk {uuid.uuid4().hex[:8]}")
    author.get_by_role("button", name="Begin with this text").click()
    author.wait_for_url(re.compile(r"/versions/\d+/edit/"))
    version = author.url.replace("/edit/", "/")
    author.goto(f"{version}submit/")
    author.get_by_label("Major").check()
    author.get_by_label("What changes, and why").fill("The first text")
    author.get_by_label("Reviewer").select_option(index=1)
    author.get_by_role("button", name="Submit", exact=True).click()
    expect(author.locator(".status").first).to_have_text("In review")
    boss.goto(f"{version}approve/")
    boss.get_by_label("Major").check()
    boss.get_by_role("button", name="Approve").click()
    expect(boss.locator(".status").first).to_have_text("In force")
    boss.get_by_role("navigation", name="Breadcrumb").get_by_role("link").last.click()
    boss.wait_for_url(re.compile(r"/sops/\d+/"))
    return boss.url


def start(page: Page, sop: str) -> str:
    """A run of the SOP; its name."""
    name = f"Press {uuid.uuid4().hex[:8]}"
    page.goto(f"{sop}start/")
    page.get_by_label("What it is about").fill(name)
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    return name


def answer(page: Page, label: str) -> Locator:
    """The field of that label with all that stands in it."""
    return page.locator(".answer").filter(has_text=label)


def test_p3_p10_p15_a_run_on_a_phone_with_a_failed_answer_and_its_evidence(visitor: Visit, tmp_path: Path) -> None:
    author, boss = visitor("admin").page, visitor("owner").page
    sop = in_force(author, boss, "equipment-inspection")
    run = start(boss, sop)
    staff = visitor("owner", width=360, height=780)
    page = staff.page
    photo, page_as_photo = tmp_path / "plate.png", tmp_path / "page.png"
    Image.new("RGB", (64, 48), "red").save(photo)
    page_as_photo.write_text("<html><script>alert(1)</script></html>")

    page.goto("/processes/my/")
    page.get_by_role("listitem").filter(has_text=run).get_by_role("link", name="Enter the machine").click()
    answer(page, "Number of the machine").get_by_role("textbox").fill("M-8")
    hours = answer(page, "Hours run").get_by_role("textbox")
    hours.fill("99999999")
    hours.press("Tab")
    expect(answer(page, "Number of the machine")).to_contain_text(KEPT)
    plate = answer(page, "Photo of the plate").locator("input[type=file]")
    plate.set_input_files(page_as_photo)
    expect(answer(page, "Photo of the plate")).to_contain_text("Accepted are pictures")
    expect(answer(page, "Hours run")).to_contain_text("is at most")
    plate.set_input_files(photo)
    expect(answer(page, "Photo of the plate").locator(".answer__kept")).to_contain_text("plate.png")
    hours.fill("120")
    page.get_by_label("Before the shift").check()
    expect(answer(page, "Occasion")).to_contain_text(KEPT)
    page.get_by_label("Hydraulic").check()
    expect(answer(page, "Kind of machine")).to_contain_text(KEPT)
    page.reload()
    expect(hours).to_have_value("120")
    page.get_by_role("button", name="Done", exact=True).click()
    page.get_by_role("link", name="Next: Read the last report").click()

    # A dangerous answer is not done with before there is evidence, and somebody who mends it
    page.get_by_label("Open and dangerous").check()
    wrong = page.locator(".step__beyond").get_by_label("What is wrong")
    wrong.fill("The guard of the belt is gone")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text=re.compile("photo", re.IGNORECASE))).to_be_visible()
    staff.complaints[:] = [text for text in staff.complaints if "422" not in text]
    page.get_by_label("Photo of it").set_input_files(photo)
    page.get_by_label("Corrective action").fill("Mount a new guard")
    page.get_by_label("Who does it").select_option(index=1)
    page.get_by_label("By when").fill("2027-03-01")
    assert staff.violations() == []
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("^Next: "))).to_be_visible()
    page.get_by_role("link", name=re.compile("^Next: ")).click()
    page.wait_for_url(re.compile(r"/steps/"))

    # An answer shows at once what it asks for, and hides it again
    page.goto("/processes/my/")
    page.get_by_role("listitem").filter(has_text=run).get_by_role("link", name="Look at guards").click()
    if page.get_by_label("Why").is_visible():
        page.get_by_label("Why").first.fill("The hall is closed until noon")
        page.get_by_role("button", name="Begin all the same").click()
    fault = answer(page, "Photo of the fault")
    expect(fault).to_be_hidden()
    page.get_by_label("Loose").check()
    expect(fault).to_be_visible()
    page.get_by_label("All there and tight").check()
    expect(fault).to_be_hidden()
    assert staff.violations() == []
    assert not staff.overflows()


def test_p18_help_is_called_answered_and_resolved_and_becomes_a_record(visitor: Visit) -> None:
    author, boss = visitor("admin").page, visitor("owner").page
    sop = in_force(author, boss, "equipment-inspection")
    run = start(boss, sop)
    page = visitor("owner", width=360, height=780).page

    page.goto("/processes/my/")
    page.get_by_role("listitem").filter(has_text=run).get_by_role("link", name="Enter the machine").click()
    page.get_by_text("Ask for help").click()
    page.get_by_label("What is wrong").fill("The plate is unreadable")
    page.get_by_role("button", name="Call for help").click()
    expect(page.locator("#now")).to_contain_text("The plate is unreadable")

    author.goto(page.url)
    author.get_by_role("button", name="I am coming").click()
    expect(author.locator("#now")).to_contain_text("is coming.")
    page.reload()
    expect(page.locator("#now")).to_contain_text("is coming.")
    author.get_by_text("Resolved", exact=True).click()
    author.get_by_label("What was done").fill("Read it from the file")
    author.get_by_role("button", name="Close the call").click()
    expect(author.locator(".step__call")).to_have_count(0)

    page.reload()
    expect(page.locator("#deviations-title").locator("xpath=..")).to_contain_text("The plate is unreadable")
    page.get_by_role("link", name=run).click()
    expect(page.locator("[id^=deviation-]").first).to_contain_text("The plate is unreadable")
