"""What a phone shows of lists, filters and charts, and what stands in the address after filtering."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import DETAILS, first_link

pytestmark = pytest.mark.browser

FILTERED = ("/metrics/kpis/", "/organization/members/", "/organization/audit/", "/metrics/imports/")


def dashboard(page: Page) -> None:
    """Open the sample's first dashboard; other tests make more of them meanwhile."""
    page.goto("/metrics/dashboards/?q=Company")
    page.goto(first_link(page, DETAILS["/metrics/dashboards/"]))


def tops(page: Page, selector: str) -> list[float]:
    """The lower edges of what is shown, in order."""
    return page.eval_on_selector_all(
        selector,
        "items => items.map(item => item.getBoundingClientRect()).filter(box => box.width).map(box => Math.round(box.bottom))",
    )


@pytest.mark.parametrize("path", FILTERED)
def test_filters_fold_on_a_phone_and_open_by_their_button(visitor: Any, path: str) -> None:
    page = visitor("owner", width=360, height=780).page
    page.goto(path)

    fields = page.locator("#filters .field")
    assert fields.first.is_visible()
    assert not fields.last.is_visible()
    page.locator(".filters__toggle summary").click()
    assert fields.last.is_visible()


def test_filters_of_a_dashboard_fold_on_a_phone_and_stand_in_one_row_on_a_desk(visitor: Any) -> None:
    phone, desk = visitor("manager", width=360, height=780).page, visitor("manager").page
    dashboard(phone)
    dashboard(desk)

    assert phone.locator(".filters select[name=range]").is_visible()
    assert not phone.locator(".filters select[name=compare]").is_visible()
    controls = ".filters .field > :is(select, input), .filters > button"
    assert len(set(tops(desk, controls))) == 1
    desk.goto(f"{desk.url}?range=custom&first_on=2026-10-01&last_on=2026-10-31")
    assert desk.locator("#id_last_on").is_visible()
    assert len(set(tops(desk, controls))) == 1


def test_filters_in_use_are_open_when_the_address_brings_them(visitor: Any) -> None:
    page = visitor("manager", width=360, height=780).page
    page.goto("/metrics/kpis/?status=good")

    assert page.locator("#filters select[name=status]").is_visible()


def test_an_address_holds_only_what_was_chosen(visitor: Any) -> None:
    page = visitor("manager").page
    page.goto("/metrics/kpis/?sort=-name")

    with page.expect_response(lambda answer: "status=good" in answer.url):
        page.locator("#filters select[name=status]").select_option("good")
    page.wait_for_url(lambda url: "status" in url)
    assert page.url.endswith("/metrics/kpis/?status=good&sort=-name")
    expect(page.locator("[data-clears]")).to_be_visible()

    with page.expect_response(lambda answer: "status" not in answer.url):
        page.locator("#filters select[name=status]").select_option("")
    page.wait_for_url(lambda url: "status" not in url)
    assert page.url.endswith("/metrics/kpis/?sort=-name")
    expect(page.locator("[data-clears]")).to_be_hidden()


def test_a_dashboards_address_holds_only_what_was_chosen(visitor: Any) -> None:
    page = visitor("manager").page
    dashboard(page)

    page.locator(".filters select[name=range]").select_option("last-90-days")
    page.wait_for_url(lambda url: "range" in url)

    assert page.url.endswith("/?range=last-90-days")


def test_a_row_of_kpis_fits_a_phone_with_value_status_target_and_period(visitor: Any) -> None:
    page = visitor("manager", width=360, height=780).page
    page.goto("/metrics/kpis/?q=Net+revenue")

    # Other tests define a KPI of the same name, of figures that ended long ago
    row = page.locator("#rows tbody tr", has=page.locator(".at-end:not(:empty)")).first
    for spot in ("at-title", "at-end", "at-bare:has(.status)", "at-line", "at-last"):
        box = row.locator(f".{spot}").first.bounding_box()
        assert box is not None, spot
        assert 0 <= box["x"] < box["x"] + box["width"] <= 360, spot
    expect(row.locator(".at-line")).to_have_attribute("data-label", "Target")
    assert row.evaluate("row => row.closest('.table-box').scrollWidth - row.closest('.table-box').clientWidth") == 0


def test_a_row_of_empty_cells_keeps_its_box_and_its_pencils_apart(visitor: Any) -> None:
    owner = visitor("owner", width=360, height=780)
    name = f"Without position {os.getpid()}"
    owner.page.goto("/organization/members/new/")
    owner.page.locator("#id_email").fill(f"without{os.getpid()}@example.com")
    owner.page.locator("#id_name").fill(name)
    owner.page.locator("main form .button--primary").click()
    expect(owner.page.get_by_role("heading", name=name)).to_be_visible()

    owner.page.goto(f"/organization/members/?q={name}")

    assert owner.page.locator("#rows tbody .cell__edit:visible").count() >= 2
    assert owner.violations() == []


@pytest.mark.parametrize("width", [360, 820, 1100])
def test_lists_fit_phones_and_tablets(visitor: Any, width: int) -> None:
    page = visitor("owner", width=width, height=780).page
    for path in DETAILS:
        page.goto(path)
        wider = page.eval_on_selector_all(
            ".table-box", "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth).length"
        )
        assert wider == 0, path


def test_panels_leave_no_hole_and_one_line_needs_no_legend(visitor: Any) -> None:
    page = visitor("manager").page
    dashboard(page)

    right = page.locator(".panels").evaluate("panels => Math.round(panels.getBoundingClientRect().right)")
    ends = page.eval_on_selector_all(
        ".panel",
        "all => all.map(panel => panel.getBoundingClientRect()).map(box => [Math.round(box.y), Math.round(box.right)])",
    )
    rows = {y: max(end for top, end in ends if top == y) for y, _ in ends}
    assert all(abs(end - right) <= 1 for end in rows.values()), (rows, right)
    for place in range(
        page.locator(".panel").count()
    ):  # each comes when it is near, and takes the place of the empty one
        page.evaluate("place => document.querySelectorAll('.panel')[place].scrollIntoView()", place)
    expect(page.locator(".panel[aria-busy=true]")).to_have_count(0)
    expect(page.locator(".panel:has(.legend .traces)")).to_have_count(1, timeout=15_000)  # the stacked bars


def test_charts_are_light_on_paper_and_dark_again_after(visitor: Any) -> None:
    page = visitor("manager", theme="dark").page
    dashboard(page)
    expect(page.locator(".panel .js-plotly-plot .main-svg").first).to_be_visible()
    colour = "() => document.querySelector('.panel .xtick text, .panel .ytick text').style.fill"
    dark = page.evaluate(colour)

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function(f"dark => ({colour})() !== dark", arg=dark)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(f"dark => ({colour})() === dark", arg=dark)
