"""The pages that the documents show, drawn completely. OPS_PICTURES=1 keeps them as docs/pictures/*.png."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_journeys import picture
from tests.browser.test_pages import first_link

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("name", "listed", "detail", "language", "theme"),
    [
        ("kpi", "/metrics/kpis/?q=Return", r"^/metrics/kpis/\d+/$", "en", "light"),
        ("dashboard-zh-dark", "/metrics/dashboards/", r"^/metrics/dashboards/\d+/$", "zh-hans", "dark"),
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
