"""The components in a real browser: drawn, usable, within the policy, in both themes and languages and at every width.

Requests are answered by the test client and the static finders, so that the browser needs no server.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.ops_platform.web.gallery_urls")]

AXE = (Path(__file__).resolve().parents[2] / "vendor/axe/axe.min.js").read_text(encoding="utf-8")
HOST = "http://localhost"


def answer(route: Route) -> None:
    """What the server would send, headers and all."""
    url = urlsplit(route.request.url)
    if url.path.startswith("/static/"):
        path = finders.find(url.path.removeprefix("/static/"))
        route.fulfill(path=path, content_type=mimetypes.guess_type(url.path)[0])
        return
    headers = {name: value for name, value in route.request.headers.items() if name != "host"}
    response = Client(headers=headers).get(url.path, query_params=dict(p.split("=") for p in url.query.split("&") if p))
    route.fulfill(status=response.status_code, headers=dict(response.items()), body=response.content)


@pytest.fixture
def open_gallery(browser: Browser) -> Iterator:
    contexts = []

    def opened(*, width: int = 1280, scheme: str = "light", locale: str = "en-US") -> tuple[Page, list[str]]:
        context = browser.new_context(
            viewport={"width": width, "height": 4000}, color_scheme=scheme, locale=locale, reduced_motion="reduce"
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page, said = context.new_page(), []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.route("**/*", answer)
        page.goto(f"{HOST}/gallery/")
        page.locator("[data-chart][data-state=drawn]").nth(3).wait_for()
        return page, said

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("width", "scheme", "locale"),
    [
        (1440, "light", "en-US"),
        (1440, "dark", "zh-CN"),
        (768, "light", "zh-CN"),
        (360, "dark", "en-US"),
        (360, "light", "zh-CN"),
    ],
)
def test_components_are_accessible_and_keep_to_the_policy(open_gallery, width, scheme, locale):
    page, said = open_gallery(width=width, scheme=scheme, locale=locale)
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert said == []


def test_a_page_of_twice_the_size_scrolls_in_one_direction_only(open_gallery):
    page, _ = open_gallery(width=640)
    assert page.evaluate("document.documentElement.scrollWidth") == 640


def test_the_theme_is_kept_and_redraws_the_charts(open_gallery):
    page, said = open_gallery()
    tick = page.locator("#chart-orders .ytick text").first
    expect(tick).to_have_css("fill", "rgb(98, 106, 120)")
    page.click("[data-appearance] summary")
    page.click("[data-theme-choice=dark]")
    expect(tick).to_have_css("fill", "rgb(152, 160, 175)")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.content().count('data-theme="dark"') == 1
    assert said == []


def test_a_point_leads_to_its_rows_and_says_its_exact_value(open_gallery):
    page, said = open_gallery()
    box = page.locator("#chart-revenue [data-canvas]").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 120)
    page.wait_for_selector("#chart-revenue .hoverlayer text")
    assert "¥" in page.text_content("#chart-revenue .hoverlayer")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**/gallery/#rows-2026-*")
    assert said == []


def test_a_chart_says_the_same_as_a_table(open_gallery):
    page, _ = open_gallery()
    button = page.locator("#chart-countries").get_by_role("button", name="Show as table")
    button.click()
    rows = page.locator("#chart-countries [data-chart-rows] tr").all_inner_texts()
    assert [row.split("\t") for row in rows[:5]] == [
        ["", "Net revenue"],
        ["United Kingdom", "¥812,400.00"],
        ["Germany", "¥214,050.00"],
        ["法国", "¥180,200.00"],
        ["Éire & <Ireland>", "¥96,310.00"],
    ]
    assert button.get_attribute("aria-expanded") == "true"


def test_keys_open_the_sheet_and_walk_the_rows_but_not_while_writing(open_gallery):
    page, _ = open_gallery()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "Net revenue"
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "准时交付率"
    page.focus("#filter-q")
    page.keyboard.press("?")
    assert page.input_value("#filter-q") == "?"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") == ""
    page.keyboard.press("Escape")
    assert page.locator("#keys").get_attribute("open") is None


def test_keys_of_an_input_method_do_nothing(open_gallery):
    page, _ = open_gallery()
    press = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '?', bubbles: true, isComposing: %s}))"
    page.evaluate(press % "true")
    assert page.locator("#keys").get_attribute("open") is None
    page.evaluate(press % "false")
    assert page.locator("#keys").get_attribute("open") == ""


def test_a_toast_is_announced_and_dismissed(open_gallery):
    page, _ = open_gallery()
    page.evaluate(
        "document.body.dispatchEvent(new CustomEvent('ops:toast', {detail: {text: '<b>3</b> archived', level: 'good'}}))"
    )
    toast = page.get_by_role("status").locator("[data-toast]")
    assert toast.locator("span").inner_text() == "<b>3</b> archived"
    toast.get_by_role("button", name="Dismiss").click()
    assert toast.count() == 0


def test_menus_work_by_keys(open_gallery):
    page, _ = open_gallery()
    page.focus("[data-appearance] summary")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.themeChoice") == ""
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.evaluate("document.querySelector('[data-appearance]').open") is False
