"""Every page in both languages, both themes, on a desk and on a phone: accessible, silent console, nothing sticks out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGES = (
    "/metrics/dashboards/",
    "/metrics/dashboards/new/",
    "/metrics/kpis/",
    "/metrics/kpis/new/",
    "/metrics/datasets/",
    "/metrics/imports/",
    "/metrics/imports/new/",
    "/metrics/sources/",
    "/metrics/sources/new/webhook/",
    "/metrics/sources/new/sql/",
    "/metrics/sources/new/events/",
    "/organization/departments/",
    "/organization/departments/new/",
    "/organization/departments/history/",
    "/organization/members/",
    "/organization/members/new/",
    "/organization/roles/",
    "/organization/roles/matrix/",
    "/organization/absences/",
    "/organization/positions/",
    "/organization/positions/new/",
    "/organization/calendars/",
    "/organization/audit/",
    "/organization/events/",
    "/organization/tokens/",
    "/organization/tokens/new/",
    "/organization/settings/",
    "/search/?q=rev",
)
# One of each kind of detail page, reached by the first link of its list
DETAILS = {
    "/metrics/dashboards/": r"^/metrics/dashboards/\d+/$",
    "/metrics/kpis/": r"^/metrics/kpis/\d+/$",
    "/metrics/datasets/": r"^/metrics/datasets/\d+/$",
    "/metrics/imports/": r"^/metrics/imports/\d+/$",
    "/organization/departments/": r"^/organization/departments/\d+/$",
    "/organization/members/": r"^/organization/members/\d+/$",
    "/organization/positions/": r"^/organization/positions/\d+/$",
    "/organization/roles/": r"^/organization/roles/\d+/$",
    "/organization/calendars/": r"^/organization/calendars/\d+/$",
}
LOOKS = [
    ("en", "light", 1440),
    ("en", "dark", 360),
    ("zh-hans", "dark", 1440),
    ("zh-hans", "light", 360),
]


def first_link(page: Any, pattern: str) -> str:
    """The first address on the page that matches."""
    links = page.eval_on_selector_all("main a[href]", "items => items.map(item => item.getAttribute('href'))")
    return next(link for link in links if re.match(pattern, link.partition("?")[0]))


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_every_page_is_accessible_and_fits(visitor: Any, language: str, theme: str, width: int) -> None:
    owner = visitor("owner", language=language, theme=theme, width=width)
    faults = []
    for path in PAGES:
        paths = [path]
        answer = owner.page.goto(path)
        if path in DETAILS:
            paths.append(first_link(owner.page, DETAILS[path]))
        for place in paths:
            if place != path:
                answer = owner.page.goto(place)
            assert answer is not None
            assert answer.status == 200, place
            owner.page.wait_for_timeout(150)
            faults += [f"{place} {violation}" for violation in owner.violations()]
            faults += [f"{place} is wider than {width} px"] if owner.overflows() else []

    assert not faults, "\n".join(faults)


LARGE = (
    "/my/work/",
    "/metrics/dashboards/",
    "/metrics/kpis/",
    "/organization/members/",
    "/organization/settings/",
)


@pytest.mark.parametrize("size", ["zoom", "text"])
def test_o7_main_pages_bear_200_percent(visitor: Any, size: str) -> None:
    """Zoom: a desk of 1440 px shows 720. Text: the browser's letters are twice as large, on the whole desk."""
    manager = visitor("admin", width=720 if size == "zoom" else 1440, height=450 if size == "zoom" else 900)
    faults = []
    for path in LARGE:
        manager.page.goto(path)
        if size == "text":
            manager.page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        manager.page.wait_for_timeout(150)
        faults += [f"{path} is wider than the window"] if manager.overflows() else []
        cut = manager.page.eval_on_selector_all(
            "main .button",
            "items => items.filter(b => b.scrollWidth > b.clientWidth + 1).map(b => b.textContent.trim())",
        )
        faults += [f"{path} cuts {label}" for label in cut]

    assert not faults, "\n".join(faults)


def test_language_switch_stays_on_the_page(visitor: Any) -> None:
    manager = visitor("manager")
    manager.page.goto("/metrics/kpis/?q=revenue")

    manager.page.locator("summary[aria-label='Language']").click()
    manager.page.locator("button[name=language][value=zh-hans]").click()

    expect(manager.page.locator("html")).to_have_attribute("lang", re.compile("^zh-", re.IGNORECASE))
    assert manager.page.url.endswith("/metrics/kpis/?q=revenue")
