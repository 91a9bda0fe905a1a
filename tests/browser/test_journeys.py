"""What a new user does, across pages, with real workers behind them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

# Names of its own for each run: the product may be one that stays
RUN = os.getpid()
SHIFT, READER, PERSON, MEASURE = f"Night shift {RUN}", f"Night reader {RUN}", f"Ye Wan {RUN}", f"Night orders {RUN}"
EMAIL = f"night{RUN}@sample.example"
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def picture(page: Page, name: str, *, full: bool = False) -> None:
    """Keep a picture for the documents, when OPS_PICTURES asks for it."""
    if os.environ.get("OPS_PICTURES"):
        page.wait_for_timeout(1200)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=full)


def wait_for_import(page: Page, words: str) -> None:
    """Until the import's page says so; it asks for progress by itself."""
    expect(page.locator("main")).to_contain_text(words, timeout=180_000)


def test_m14_manager_reads_a_dashboard_and_opens_the_rows_behind_a_number(visitor: Any) -> None:
    manager = visitor("manager")
    manager.page.goto("/")

    expect(manager.page.locator(".panel").first).to_be_visible()
    shown = manager.page.locator(".panel .stat__value a").first
    title = shown.get_attribute("title")
    shown.click()

    expect(manager.page.locator("h1")).to_have_text("What this number is made of")
    expect(manager.page.locator(".headline__value")).to_have_text(re.compile(r"\d"))
    expect(manager.page.locator(".status--good")).to_contain_text("computed from these very rows")
    assert title
    assert manager.page.locator("main table tbody tr").count() > 0
    picture(manager.page, "rows")


def test_m5_manager_imports_the_retail_file_and_gets_its_kpis(visitor: Any, shared_data: Path) -> None:
    manager = visitor("manager", height=1250)
    page = manager.page
    page.goto("/metrics/imports/new/")
    page.locator("input[type=file]").set_input_files(shared_data / "crm" / "online_retail.csv.gz")
    page.get_by_role("button", name="Send the file").click()

    page.wait_for_url(re.compile(r"/columns/"))
    picture(page, "import-columns")
    page.get_by_role("button", name="Check all rows").click()
    wait_for_import(page, "What loading it would do")
    expect(page.locator("main")).to_contain_text("541,909")
    picture(page, "import-report")
    page.get_by_role("button", name="Load all rows").click()
    page.wait_for_url(re.compile(r"/metrics/imports/\d+/$"))
    expect(page.get_by_role("button", name="Undo the import")).to_be_visible(timeout=180_000)
    page.locator("a.button--primary[href^='/metrics/datasets/']").click()
    page.get_by_role("button", name="Make KPIs and dashboard").click()
    page.wait_for_url(re.compile(r"/metrics/dashboards/\d+/"))

    wait_for_value(page)
    assert page.locator(".panel").count() == 8
    expect(page.locator("main")).to_contain_text("Net revenue")
    picture(page, "dashboard-retail")
    page.locator(".panel .stat__value a").first.click()
    expect(page.locator(".status--good")).to_contain_text("computed from these very rows")


def wait_for_value(page: Page) -> None:
    """Workers roll the new KPIs up; the page is asked again until all panels show a number."""
    for _ in range(90):
        if page.locator(".panel .stat__value a").count() == page.locator(".panel").count() > 0:
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError(page.locator("main").inner_text()[:2000])


def test_o4_admin_makes_department_and_role_and_the_member_sees_only_what_the_matrix_says(visitor: Any) -> None:
    admin = visitor("admin")
    page = admin.page
    page.goto("/organization/departments/new/")
    page.get_by_label("Name", exact=True).fill(SHIFT)
    page.get_by_label("Code", exact=False).first.fill(f"N{RUN}")
    page.locator("main form button.button--primary").click()
    expect(page.locator("h1")).to_have_text(SHIFT)

    page.goto("/organization/roles/new/")
    page.get_by_label("Name", exact=True).fill(READER)
    page.locator("main form button.button--primary").click()
    expect(page.locator("h1")).to_have_text(READER)
    for right, reach in (
        ("Sign in and use search", "Whole organization"),
        ("See dashboards", "Whole organization"),
        ("See KPIs", "Department"),
        ("See departments", "Department"),
    ):
        page.get_by_label(right, exact=True).select_option(label=reach)
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("button", name="Save the rights").click()
    expect(page.locator("h1")).to_have_text(READER)
    expect(page.get_by_label("See KPIs", exact=True)).to_have_value("department")
    picture(page, "role")

    member_path = make_member(page)
    page.goto(f"{member_path}roles/")
    page.get_by_label("Role", exact=True).select_option(label=READER)
    with page.expect_navigation():
        page.locator("main .card form button.button--primary").click()
    expect(page.locator("main")).to_contain_text(READER)
    make_kpi(page)

    admin.context.clear_cookies()
    admin.role, password = "night", "a-long-password-1"
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(EMAIL)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"^(?!.*accounts/login)"))

    page.goto("/metrics/kpis/")
    assert page.locator("main table tbody tr a").first.inner_text() == MEASURE
    assert page.locator("main table tbody tr").count() == 1
    exported = page.request.get("/metrics/kpis/?export=csv").text()
    assert MEASURE in exported
    assert "Net revenue" not in exported
    listed = page.request.get("/api/v1/kpis/").json()
    assert [row["name"] for row in listed["results"]] == [MEASURE]
    page.goto("/search/?q=orders")
    expect(page.locator("#results")).to_contain_text(MEASURE)
    expect(page.locator("#results")).not_to_contain_text("Orders per")
    page.goto("/organization/departments/")
    assert "Sales" not in page.locator("main").inner_text()
    hidden = page.request.get("/metrics/kpis/1/")
    missing = page.request.get("/metrics/kpis/999999/")
    assert (hidden.status, missing.status) == (404, 404)
    assert page.request.get("/organization/members/").status == 403


def choose(page: Page, label: str, words: str) -> None:
    """Take the option that holds the words; trees indent theirs."""
    field = page.locator("main").get_by_label(label).first
    field.select_option(value=field.locator("option", has_text=words).first.get_attribute("value"))


def make_member(page: Page) -> str:
    """A member of the new department; the path of their page."""
    page.goto("/organization/members/new/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Name", exact=True).fill(PERSON)
    page.locator("input[type=password]").first.fill("a-long-password-1")
    choose(page, "Department", SHIFT)
    page.locator("main form button.button--primary").click()
    expect(page.locator("h1")).to_have_text(PERSON)
    return re.sub(r"^https?://[^/]+", "", page.url)


def make_kpi(page: Page) -> None:
    """A KPI that belongs to the new department."""
    page.goto("/metrics/kpis/new/")
    page.get_by_label("Name", exact=True).fill(MEASURE)
    page.get_by_label("Short name").fill(f"night-orders-{RUN}")
    choose(page, "Department", SHIFT)
    with page.expect_response(re.compile("part=fields")):
        page.locator("select[name=dataset]").select_option(index=1)
    expect(page.locator("#definition .facts, #definition dl").first).to_be_visible()
    page.locator("select[name=aggregation]").select_option(label="Number of rows")
    page.locator("main form button.button--primary").first.click()
    expect(page.locator("h1")).to_have_text(MEASURE)
