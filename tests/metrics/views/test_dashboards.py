"""Dashboards through the door: what they show, to whom, at what cost, and what is kept."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from metrics.choices import GrainCode, PanelKind
from metrics.models import Dashboard, DashboardPanel, Kpi, Rollup
from metrics.services.dashboards import PanelSpec, change_dashboard, create_dashboard
from metrics.services.targets import TargetSpec, set_targets
from organization.models import Organization
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member
from tests.factories.metrics import load, make_kpi
from tests.metrics.helpers import client_of, make_shop, order, recompute, statements

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


class Wall:
    """A dashboard on orders of forty days: 1, 2, 3 ... in France, Spain and nowhere."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        with tenant_context(organization.pk):
            self.member = make_member("owner")
            self.owner = actor_of(self.member)
            rows = [
                order(i, (date(2026, 3, 11) - timedelta(days=i % 40)).isoformat(), i, ["France", "Spain", None][i % 3])
                for i in range(1, 121)
            ]
            self.dataset, self.kpi = make_shop(self.owner, organization, rows, name="Revenue", key="revenue")
            self.country = self.dataset.columns.get(key="country")
        self.client: Client = client_of(self.member)

    def kpis(self, count: int, **values: Any) -> list[Kpi]:
        facts = {"dataset": self.dataset, "aggregation": "count", "breakdowns": [("country",)]} | values
        with tenant_context(self.organization.pk):
            made = [make_kpi(self.owner, self.organization, **facts) for _ in range(count)]
            recompute(self.dataset)
        return made

    def dashboard(self, *panels: PanelSpec, **values: Any) -> Dashboard:
        with tenant_context(self.organization.pk):
            return create_dashboard(self.owner, self.organization, **({"name": "Wall", "panels": panels} | values))

    def view(self, dashboard: Dashboard, client: Client | None = None, **query: str) -> Any:
        answer = (client or self.client).get(reverse("metrics:dashboard-detail", args=[dashboard.pk]), query)
        assert answer.status_code == 200
        return answer

    def panels(self, dashboard: Dashboard, client: Client | None = None, **query: str) -> list[Any]:
        return self.view(dashboard, client, **query).context["view"].panels


@pytest.fixture
def wall(organization: Organization) -> Wall:
    return Wall(organization)


@pytest.mark.parametrize("count", [1, 8, 20])
def test_page_costs_eight_statements_cold_and_three_warm(wall: Wall, count: int) -> None:
    kinds = [PanelKind.LINE, PanelKind.BAR, PanelKind.BREAKDOWN]
    panels = [PanelSpec(kpi, kinds[i % 3]) for i, kpi in enumerate(wall.kpis(count))]
    dashboard = wall.dashboard(*panels[::-1], PanelSpec(wall.kpi, PanelKind.BREAKDOWN))
    wall.view(dashboard, range="last-7-days")

    with statements(8):
        wall.view(dashboard)
    with statements(3):
        wall.client.get(reverse("metrics:dashboard-detail", args=[dashboard.pk]))
    with statements(8):
        wall.view(dashboard, **{"only.country": "France"})
    with statements(8):
        wall.view(dashboard, **{"only.country": ["France", "Spain"], "range": "last-30-days"})


def test_warm_page_reads_no_rollup(wall: Wall) -> None:
    dashboard = wall.dashboard(PanelSpec(wall.kpi), PanelSpec(wall.kpi, PanelKind.BREAKDOWN, wall.country))
    cold = wall.panels(dashboard)
    with tenant_context(wall.organization.pk):
        Rollup.objects.all().delete()

    warm = wall.panels(dashboard, another="address")

    assert [panel.figure for panel in warm] == [panel.figure for panel in cold]
    assert cold[0].figure.tile.value == 123


def test_new_rows_targets_and_language_show_at_once(wall: Wall) -> None:
    dashboard = wall.dashboard(PanelSpec(wall.kpi))
    assert wall.panels(dashboard)[0].figure.tile.value == 123

    with tenant_context(wall.organization.pk):
        load(wall.dataset, [order(999, "2026-03-10", 1000)])
        recompute(wall.dataset)
        set_targets(wall.owner, wall.kpi, grain=GrainCode.DAY, targets=[TargetSpec(date(2026, 1, 1), Decimal(2000))])
    (panel,) = wall.panels(dashboard)

    assert (panel.figure.tile.value, panel.figure.tile.target, panel.figure.tile.status.level) == (1123, 2000, "bad")
    wall.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert wall.panels(dashboard)[0].figure.tile.period == "2026年3月10日"


def test_filter_reaches_every_panel_that_keeps_the_property(wall: Wall) -> None:
    (plain,) = wall.kpis(1, breakdowns=[])
    dashboard = wall.dashboard(PanelSpec(wall.kpi), PanelSpec(plain), PanelSpec(wall.kpi, PanelKind.BREAKDOWN))

    sliced, unkept, parts = wall.panels(dashboard, **{"only.country": "Spain"})

    # On 10 March: 1 in Spain, 41 in nowhere, 81 in France
    assert sliced.figure.tile.value == 1
    assert wall.client.get(sliced.rows_url).context["number"].recomputed.value == 1
    assert unkept.figure.tile is None
    assert "is not kept by country, so this filter does not reach it" in unkept.figure.notice
    assert json.loads(parts.figure.payload)["data"][0]["x"] == [1.0]


def test_filter_for_a_value_that_nobody_has_counts_nothing(wall: Wall) -> None:
    dashboard = wall.dashboard(PanelSpec(wall.kpi))

    assert wall.panels(dashboard, **{"only.country": "Atlantis"})[0].figure.tile.value == 0


def test_filter_offers_values_of_the_property(wall: Wall) -> None:
    dashboard = wall.dashboard(PanelSpec(wall.kpi))
    url = reverse("metrics:dashboard-values", args=[dashboard.pk])

    assert wall.client.get(url, {"property": "country"}).context["values"] == ["France", "Spain"]
    assert wall.client.get(url, {"property": "country", "value": "spa"}).context["values"] == ["Spain"]
    assert wall.client.get(url, {"property": "customer"}).context["values"] == []


def test_m14_parts_of_a_panel_lead_to_rows_that_make_them(wall: Wall) -> None:
    dashboard = wall.dashboard(PanelSpec(wall.kpi, PanelKind.BREAKDOWN, wall.country))

    (trace,) = json.loads(wall.panels(dashboard)[0].figure.payload)["data"]

    assert trace["x"] == [81.0, 41.0, 1.0]
    for value, (_text, url) in zip(trace["x"], trace["customdata"], strict=True):
        assert float(wall.client.get(url).context["number"].recomputed.value) == value


def test_o4_panel_on_a_hidden_kpi_is_not_there_nor_its_number(wall: Wall) -> None:
    with tenant_context(wall.organization.pk):
        sales = create_department(wall.owner, wall.organization, name="Sales", code="SALES")
        staff = client_of(make_member("staff", department=sales))
    (own,) = wall.kpis(1, name="Orders of sales", department=sales)
    dashboard = wall.dashboard(PanelSpec(wall.kpi), PanelSpec(own))
    wall.view(dashboard)

    page = wall.view(dashboard, staff).content.decode()

    assert "Orders of sales" in page
    assert "Revenue" not in page
    assert ">123<" not in page
    assert "/rows/" not in page
    assert wall.client.get(reverse("metrics:dashboard-list")).context["page"].rows[0].panel_count == 2
    assert staff.get(reverse("metrics:dashboard-list")).context["page"].rows[0].panel_count == 1


def test_o4_saving_keeps_panels_that_the_editor_may_not_see(wall: Wall) -> None:
    with tenant_context(wall.organization.pk):
        sales = create_department(wall.owner, wall.organization, name="Sales", code="SALES")
        lead = actor_of(make_member("staff", department=sales))
    (own,) = wall.kpis(1, department=sales)
    dashboard = wall.dashboard(PanelSpec(wall.kpi), PanelSpec(own))
    with tenant_context(wall.organization.pk):
        narrow = lead.__class__(**(vars(lead) | {"grants": lead.grants | {
            "metrics.dashboard.edit": wall.owner.grants["metrics.dashboard.edit"]
        }}))  # fmt: skip

        change_dashboard(narrow, dashboard, version=1, panels=[PanelSpec(own, PanelKind.BAR)], name="Mine")

        left = DashboardPanel.objects.filter(dashboard=dashboard).values_list("kpi", "kind", "position")
        assert sorted(left) == sorted([(own.pk, "bar", 0), (wall.kpi.pk, "line", 1)])


def test_home_leads_to_the_members_own_dashboard(wall: Wall) -> None:
    home = reverse("metrics:dashboard-home")
    assert wall.client.get(home)["Location"] == reverse("metrics:dashboard-list")
    wall.dashboard()
    with tenant_context(wall.organization.pk):
        own = create_dashboard(wall.owner, wall.organization, name="Own", panels=[], owner=wall.member)

    assert wall.client.get(home)["Location"] == reverse("metrics:dashboard-detail", args=[own.pk])


def test_dashboard_is_made_changed_deleted_and_brought_back_by_forms(wall: Wall) -> None:
    facts = {"name": "By form", "default_period": "last-7-days"}
    made = wall.client.post(reverse("metrics:dashboard-new"), facts)
    with tenant_context(wall.organization.pk):
        dashboard = Dashboard.objects.get(name="By form")
    assert made["Location"] == reverse("metrics:dashboard-edit", args=[dashboard.pk])

    settings_page = reverse("metrics:dashboard-settings", args=[dashboard.pk])
    assert wall.client.post(settings_page, facts | {"name": "Renamed", "version": "1"}).status_code == 302
    refused = wall.client.post(settings_page, facts | {"name": "Too late", "version": "1"})
    assert refused.status_code == 422
    assert "Renamed" in refused.content.decode()

    deleted = wall.client.post(reverse("metrics:dashboard-delete", args=[dashboard.pk]), follow=True)
    restore = reverse("metrics:dashboard-restore", args=[dashboard.pk])
    assert f'data-undo="{restore}"' in deleted.content.decode()
    assert wall.client.get(reverse("metrics:dashboard-detail", args=[dashboard.pk])).status_code == 404
    assert wall.client.get(reverse("metrics:dashboard-list"), {"whose": "bin"}).context["page"].rows == [dashboard]
    assert wall.client.post(restore).status_code == 302
    with tenant_context(wall.organization.pk):
        assert Dashboard.objects.visible_to(wall.owner).get().name == "Renamed"


@pytest.mark.parametrize("count", [1, 10])
def test_list_of_dashboards_costs_the_same_for_any_number(wall: Wall, count: int) -> None:
    for number in range(count):
        wall.dashboard(PanelSpec(wall.kpi), name=f"Wall {number}")

    with statements(5):
        assert wall.client.get(reverse("metrics:dashboard-list")).status_code == 200


def test_broken_text_in_the_filter_matches_nothing(wall: Wall) -> None:
    dashboard = wall.dashboard(PanelSpec(wall.kpi))

    view = wall.view(dashboard, **{"only.country\0": "Fra\0nce"})

    assert [(chip.name, chip.text) for chip in view.context["chips"]] == [("country", "France")]
    assert wall.view(dashboard, property="\0", value="\0").context["chips"] == []


def test_o7_owner_is_changed_in_the_list_and_back(wall: Wall) -> None:
    dashboard = wall.dashboard(PanelSpec(wall.kpi))
    with tenant_context(wall.organization.pk):
        colleague = make_member("manager")
    cell = f"{reverse('metrics:dashboard-list')}?edit=owner&row={dashboard.pk}"
    assert "cell__edit" in wall.client.get(reverse("metrics:dashboard-list")).content.decode()

    answer = wall.client.post(cell, {"value": colleague.pk, "version": 1})

    assert answer.status_code == 200
    with tenant_context(wall.organization.pk):
        assert Dashboard.objects.get(pk=dashboard.pk).owner == colleague
    assert wall.client.post(cell, {"value": "", "version": 1}).status_code == 422
    undo = json.loads(answer["HX-Trigger"])["ops:toast"]["undo"]
    assert wall.client.post(undo).status_code == 204
    with tenant_context(wall.organization.pk):
        assert Dashboard.objects.get(pk=dashboard.pk).owner is None


def test_o7_private_dashboard_is_not_left_without_an_owner(wall: Wall) -> None:
    dashboard = wall.dashboard(PanelSpec(wall.kpi), owner=wall.member, is_private=True)
    cell = f"{reverse('metrics:dashboard-list')}?edit=owner&row={dashboard.pk}"

    answer = wall.client.post(cell, {"value": "", "version": 1})

    assert answer.status_code == 422
    with tenant_context(wall.organization.pk):
        assert Dashboard.objects.get(pk=dashboard.pk).owner == wall.member
