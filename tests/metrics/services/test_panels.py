"""Panels as they are stored: what is kept of a spec, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from metrics.errors import BadDefinition
from metrics.models import Dashboard, DashboardPanel
from metrics.services.dashboards import PanelSpec, create_dashboard
from metrics.services.kpis import change_kpi
from organization.errors import StillInUse
from organization.models import Organization
from tests.factories import actor_of, make_member
from tests.factories.metrics import make_kpi
from tests.metrics.helpers import make_shop, order

pytestmark = pytest.mark.django_db


class Shop:
    """A KPI on three orders, kept by country."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.owner = actor_of(make_member("owner"))
        rows = [order(1, date(2026, 3, 1).isoformat(), 5, "France")]
        self.dataset, self.kpi = make_shop(self.owner, organization, rows, name="Revenue", key="revenue")
        self.country = self.dataset.columns.get(key="country")
        self.customer = self.dataset.columns.get(key="customer")

    def lay_out(self, *panels: PanelSpec) -> Dashboard:
        return create_dashboard(self.owner, self.organization, name="Wall", panels=panels)


@pytest.fixture
def shop(organization: Organization, scope: Any) -> Shop:
    return Shop(organization)


def test_m13_panel_keeps_title_size_and_settings(shop: Shop) -> None:
    facts: dict[str, Any] = {"title": "How we do", "title_zh": "近况", "width": 8, "height": 3}
    spec = PanelSpec(shop.kpi, "pareto", shop.country, settings={"line": 90, "parts": 12}, **facts)

    panel = shop.lay_out(spec).panels.get()

    assert {name: getattr(panel, name) for name in facts} == facts
    # What is the default need not be kept, so that a better default reaches old panels
    assert panel.settings == {"line": 90}
    assert (panel.options.to_dict(), panel.version, panel.display_title) == ({"line": 90}, 1, "How we do")


def test_m13_panel_without_title_and_size_takes_the_kpis_name_and_what_suits_the_kind(shop: Shop) -> None:
    number, text = PanelSpec(shop.kpi, "number"), PanelSpec(None, "text", settings={"text": "# Hello"})

    panels = list(shop.lay_out(number, text).panels.all())

    assert [(panel.width, panel.height, panel.display_title) for panel in panels] == [(3, 1, "Revenue"), (12, 1, "")]


@pytest.mark.parametrize(
    ("kind", "split", "facts", "sentence"),
    [
        ("line", "", {"settings": {"colour": "red"}}, "A panel of this kind has no setting “colour”."),
        ("line", "", {"width": 5}, "A panel is 3, 4, 6, 8 or 12 columns wide and 1 to 4 rows high."),
        ("line", "", {"height": 9}, "A panel is 3, 4, 6, 8 or 12 columns wide and 1 to 4 rows high."),
        ("text", "", {}, "Every panel shows a KPI, save one of text."),
        ("breakdown", "customer", {}, "Revenue is not kept by customer."),
        ("cohort", "", {}, "Choose the property that says whose rows these are."),
        ("funnel", "", {}, "A funnel needs at least two steps."),
        ("funnel", "", {"settings": {"steps": ["nothing"]}}, "There is no KPI with the short name nothing."),
        (
            "funnel",
            "country",
            {"settings": {"steps": ["orders"]}},
            "A funnel has either KPIs or values of one property as its steps, not both.",
        ),
    ],
)
def test_m13_panel_that_cannot_be_drawn_is_refused_and_nothing_is_kept(
    shop: Shop, kind: str, split: str, facts: dict[str, Any], sentence: str
) -> None:
    column = {"country": shop.country, "customer": shop.customer}.get(split)

    with pytest.raises(BadDefinition) as refused, transaction.atomic():
        shop.lay_out(PanelSpec(shop.kpi, kind, column, **facts))

    assert str(refused.value) == sentence
    assert not Dashboard.objects.exists()


def test_m13_cohorts_follow_a_property_that_the_kpi_need_not_be_kept_by(shop: Shop) -> None:
    panel = shop.lay_out(PanelSpec(shop.kpi, "cohort", shop.customer)).panels.get()

    assert (panel.column, panel.kind) == (shop.customer, "cohort")


def test_m13_kpi_of_a_funnel_keeps_its_short_name(shop: Shop) -> None:
    later = make_kpi(shop.owner, shop.organization, dataset=shop.dataset, aggregation="count", key="paid")
    shop.lay_out(PanelSpec(shop.kpi, "funnel", settings={"steps": ["paid"]}))

    with pytest.raises(StillInUse, match="Funnels on dashboards use this short name"):
        change_kpi(shop.owner, later, version=later.version, key="billed")


def test_m13_database_refuses_a_text_with_a_kpi_and_a_line_without_one(shop: Shop) -> None:
    dashboard = shop.lay_out()
    for kind, kpi in (("text", shop.kpi), ("line", None)):
        with pytest.raises(IntegrityError, match="panel_kpi"), transaction.atomic():
            DashboardPanel.objects.create(dashboard=dashboard, kind=kind, kpi=kpi)
