"""The pages that the documents show, drawn completely. OPS_PICTURES=1 keeps them as docs/pictures/*.png."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_journeys import picture
from tests.browser.test_pages import first_link

pytestmark = pytest.mark.browser


LOOKS = (("en", "light", ""), ("zh-hans", "light", ".zh"))
# name of the picture, the page with its list, and the link on it that leads to what is shown
SHOWN = (
    ("dashboard", "/metrics/dashboards/?sort=updated", r"^/metrics/dashboards/\d+/$"),
    ("entry", "/metrics/entry/", r"^/metrics/entry/\d+/$"),
    ("invite", "/organization/members/invitations/new/", ""),
    ("loop", "/metrics/kpis/", r"^/metrics/kpis/\d+/$"),
    ("privacy", "/organization/privacy/", ""),
    ("report", "/automation/reports/new/", ""),
)


@pytest.mark.parametrize(("language", "theme", "ending"), LOOKS, ids=[look[0] for look in LOOKS])
def test_pages_of_the_guide_are_drawn_in_both_languages(visitor: Any, language: str, theme: str, ending: str) -> None:
    owner = visitor("owner", language=language, theme=theme, height=1000)
    for name, listed, detail in SHOWN:
        owner.page.goto(listed)
        if detail:
            owner.page.goto(first_link(owner.page, detail))
        if name == "loop":
            owner.page.goto(owner.page.url.replace("/metrics/kpis/", "/loop/metrics.kpi/"))
            expect(owner.page.locator("svg text").first).to_be_visible()
        if name == "dashboard":
            expect(owner.page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
        expect(owner.page.locator("h1")).to_be_visible()
        picture(owner.page, name + ending)


@pytest.mark.parametrize(("language", "theme", "ending"), LOOKS, ids=[look[0] for look in LOOKS])
def test_the_board_and_the_palette_are_drawn_in_both_languages(
    visitor: Any, language: str, theme: str, ending: str
) -> None:
    owner = visitor("owner", language=language, theme=theme, height=900)
    owner.page.goto("/metrics/dashboards/?sort=updated")
    owner.page.goto(first_link(owner.page, r"^/metrics/dashboards/\d+/$") + "edit/")
    expect(owner.page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    picture(owner.page, "board" + ending)

    owner.page.goto("/metrics/kpis/")
    owner.page.keyboard.press("Control+k")
    owner.page.keyboard.type("xse" if ending else "rev")
    expect(owner.page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    picture(owner.page, "palette" + ending)


@pytest.mark.parametrize(
    ("name", "listed", "detail", "language", "theme"),
    [
        ("kpi", "/metrics/kpis/?q=Return", r"^/metrics/kpis/\d+/$", "en", "light"),
        ("dashboard-zh-dark", "/metrics/dashboards/?q=Company", r"^/metrics/dashboards/\d+/$", "zh-hans", "dark"),
        ("role-matrix", "/organization/roles/matrix/", "", "en", "light"),
    ],
)
def test_pages_of_the_documents_are_drawn(
    visitor: Any, name: str, listed: str, detail: str, language: str, theme: str
) -> None:
    owner = visitor("owner", language=language, theme=theme, height=1000)
    owner.page.goto(listed)
    if detail:
        owner.page.goto(first_link(owner.page, detail))
        expect(owner.page.locator(".js-plotly-plot .main-svg").first).to_be_visible()

    expect(owner.page.locator("h1")).to_be_visible()
    picture(owner.page, name)
