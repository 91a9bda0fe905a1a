"""What happens to people's work when the network, the server or the session goes away."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser

LIST = "/organization/departments/"
MEANT = re.compile("Failed to load resource|Response Status Error|htmx:")


RUN = uuid4().hex[:6]  # a product that runs for longer keeps what a run before made


def name_of(shift: str) -> str:
    return f"{shift} {RUN}"


def bar(page: Page) -> Any:
    return page.locator("#retry")


def expected(person: Any) -> None:
    """The browser tells of every request that fails; these are meant."""
    assert [complaint for complaint in person.complaints if not MEANT.search(complaint)] == []
    person.complaints.clear()


def named(page: Page, name: str) -> int:
    page.goto(LIST)
    return page.get_by_role("link", name=name, exact=True).count()


def test_o7_a_form_sent_without_a_network_keeps_its_input_and_is_sent_again(visitor: Any) -> None:
    admin = visitor("admin")
    page = admin.page
    page.goto(f"{LIST}new/")
    page.get_by_label("Name", exact=True).fill(name_of("Night"))
    page.get_by_label("Code").fill(name_of("Night"))

    admin.context.set_offline(True)
    page.get_by_role("button", name="Create the department").click()
    expect(bar(page)).to_contain_text("The server cannot be reached. What you entered is still here.")
    expect(page.get_by_label("Name", exact=True)).to_have_value(name_of("Night"))
    assert page.url.endswith(f"{LIST}new/")
    assert admin.violations() == []
    admin.context.set_offline(False)
    bar(page).get_by_role("button", name="Try again").click()
    page.wait_for_url(re.compile(r"/departments/(\d+/)?$"))

    assert named(page, name_of("Night")) == 1
    expected(admin)


def test_o7_an_answer_that_got_lost_changes_nothing_twice(visitor: Any) -> None:
    admin = visitor("admin")
    page = admin.page
    keys: list[str | None] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.goto(f"{LIST}new/")
    page.route(f"**{LIST}new/", lambda route: lose(route) if route.request.method == "POST" else route.continue_())
    page.get_by_label("Name", exact=True).fill(name_of("Early"))
    page.get_by_label("Code").fill(name_of("Early"))
    page.get_by_role("button", name="Create the department").click()
    bar(page).get_by_role("button", name="Try again").click()
    page.wait_for_url(re.compile(r"/departments/(\d+/)?$"))

    expect(page.get_by_text("This was done already the first time.")).to_be_visible()
    assert (len(keys), len(set(keys))) == (2, 1)
    assert named(page, name_of("Early")) == 1
    expected(admin)


def test_o7_a_broken_answer_names_its_reference_and_is_asked_again(visitor: Any) -> None:
    admin = visitor("admin")
    page = admin.page
    page.goto("/organization/members/?view=all")
    reference = "0e2b9a4c-1111-4222-8333-444455556666"
    page.route(
        "**/organization/members/?**",
        lambda route: route.fulfill(status=500, content_type="text/html", body=f"<code>{reference}</code>"),
    )

    page.get_by_role("searchbox").fill("li")
    expect(bar(page)).to_contain_text("The server could not show this part.")
    expect(bar(page)).to_contain_text(reference)
    page.unroute("**/organization/members/?**")
    bar(page).get_by_role("button", name="Try again").click()
    expect(bar(page)).to_be_hidden()
    page.wait_for_url("**q=li**")
    expected(admin)


def test_o7_a_session_that_ended_does_not_take_the_input_along(visitor: Any) -> None:
    admin = visitor("admin")
    page = admin.page
    page.goto(f"{LIST}new/")
    page.get_by_label("Name", exact=True).fill(name_of("Late"))
    page.get_by_label("Code").fill(name_of("Late"))
    kept = admin.context.cookies()
    admin.context.clear_cookies(name="ops-session")

    page.get_by_role("button", name="Create the department").click()
    expect(bar(page)).to_contain_text("You are signed out.")
    expect(page.get_by_label("Name", exact=True)).to_have_value(name_of("Late"))
    admin.context.add_cookies(kept)
    bar(page).get_by_role("button", name="Try again").click()
    page.wait_for_url(re.compile(r"/departments/(\d+/)?$"))

    assert named(page, name_of("Late")) == 1


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_o7_a_list_is_veiled_after_300_ms_and_nothing_jumps(visitor: Any, motion: str) -> None:
    admin = visitor("admin")
    page = admin.page
    page.emulate_media(reduced_motion=motion)
    page.goto("/organization/members/?view=all")
    waiting: list[Route] = []
    page.route("**/organization/members/?**", lambda route: waiting.append(route))
    place = "JSON.stringify(document.querySelector('#rows tbody').getBoundingClientRect())"
    before = page.evaluate(place)

    page.get_by_role("searchbox").fill("l")
    page.wait_for_timeout(400)  # 300 ms of typing pause, then the request
    assert len(waiting) == 1
    assert page.locator("#rows[data-waits]").count() == 0
    expect(page.locator("#rows[data-waits]")).to_have_count(1)
    veiled = (
        page.locator("#rows td")
        .nth(1)
        .evaluate("cell => [getComputedStyle(cell).color, getComputedStyle(cell).animationName]")
    )

    assert veiled == ["rgba(0, 0, 0, 0)", "none" if motion == "reduce" else "wait"]
    assert json.loads(page.evaluate(place)) == json.loads(before)
    waiting[0].continue_()
    expect(page.locator("#rows[data-waits]")).to_have_count(0)


def test_o7_a_folded_section_stays_folded_and_shows_where_one_is(visitor: Any) -> None:
    admin = visitor("admin")
    page = admin.page
    page.goto("/organization/members/")
    title = page.get_by_role("button", name="Organization", exact=True)
    expect(title).to_have_attribute("aria-expanded", "true")

    title.focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="Roles")).to_be_hidden()
    expect(menu.get_by_role("link", name="Members")).to_be_visible()
    page.goto("/metrics/kpis/")
    expect(title).to_have_attribute("aria-expanded", "false")
    expect(menu.get_by_role("link", name="Members")).to_be_hidden()
    assert admin.violations() == []

    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/organization/members/")
