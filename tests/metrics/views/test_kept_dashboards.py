"""The page of a dashboard that is kept: the same while nothing changes, another as soon as anything does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from metrics.choices import GrainCode, PanelKind
from metrics.models import Dashboard, DashboardPanel, DatasetColumn, Kpi
from metrics.queries.dashboards import dashboard_stamp
from metrics.services.dashboard_pins import open_first, pin_dashboard
from metrics.services.dashboard_sharing import share_dashboard, stop_sharing
from metrics.services.dashboards import PanelSpec, create_dashboard, delete_dashboard
from metrics.services.panels import remove_panel, resize_panel, shift_panel
from metrics.services.targets import TargetSpec, set_targets
from organization.middleware import SESSION_KEY
from organization.models import Department, Member, Organization, Role, RoleAssignment
from organization.services.departments import change_department, create_department
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member, make_organization
from tests.factories.metrics import load, make_kpi
from tests.metrics.helpers import client_of, make_shop, order, recompute

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 9, 1, tzinfo=UTC)
TOKEN = re.compile(rb'name="csrf-token" content="(\w+)"')


class Shop:
    """A dashboard with one chart and one breakdown."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        with tenant_context(organization.pk):
            self.member = make_member("owner")
            self.owner = actor_of(self.member)
            rows = [order(i, (date(2026, 3, 11) - timedelta(days=i)).isoformat(), i) for i in range(40)]
            self.dataset, self.kpi = make_shop(self.owner, organization, rows, name="Revenue", key="revenue")
            panels = [PanelSpec(self.kpi), PanelSpec(self.kpi, PanelKind.BREAKDOWN)]
            self.dashboard = create_dashboard(self.owner, organization, name="Wall", panels=panels)
        self.url = reverse("metrics:dashboard-detail", args=[self.dashboard.pk])
        self.client = client_of(self.member)

    def page(self, client: Client | None = None, *, tag: str = "") -> Any:
        return (client or self.client).get(self.url, headers={"If-None-Match": tag} if tag else {})

    def is_kept(self, client: Client | None = None) -> bool:
        """Whether the page is answered without being rendered."""
        return not self.page(client).templates


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def shop(organization: Organization) -> Shop:
    made = Shop(organization)
    made.page()
    return made


def test_kept_page_is_the_same_but_for_its_token(shop: Shop) -> None:
    fresh = shop.page(client_of(shop.member))
    kept = shop.page()

    assert not kept.templates
    assert TOKEN.sub(b"", kept.content).replace(_token(kept), b"") == TOKEN.sub(b"", fresh.content).replace(
        _token(fresh), b""
    )
    assert b"\0" not in kept.content
    assert b"2026-03-11 09:01 UTC" in kept.content


def test_token_of_a_kept_page_is_accepted(shop: Shop) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(shop.member.user)
    session = client.session
    session[SESSION_KEY] = shop.organization.pk
    session.save()
    shop.page(client)
    kept = shop.page(client)
    assert not kept.templates

    facts = {"language": "zh-hans", "next": shop.url}
    refused = client.post(reverse("set_language"), facts)
    taken = client.post(reverse("set_language"), facts | {"csrfmiddlewaretoken": _token(kept).decode()})

    assert (refused.status_code, taken.status_code) == (403, 302)


def test_unchanged_page_is_a_304_of_less_than_a_kilobyte(shop: Shop) -> None:
    tag = shop.page().headers["ETag"]

    answer = shop.page(tag=tag)

    assert answer.status_code == 304
    assert len(answer.content) + sum(len(f"{name}: {value}\r\n") for name, value in answer.items()) < 1024
    assert shop.page(tag='W/"other"').status_code == 200
    assert "no-cache" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]


CHANGES: dict[str, Callable[[Shop], Any]] = {
    "new rows": lambda shop: _load(shop),
    "new rows, rolled up": lambda shop: (_load(shop), recompute(shop.dataset)),  # type: ignore[func-returns-value]
    "a target": lambda shop: set_targets(
        shop.owner, shop.kpi, grain=GrainCode.DAY, targets=[TargetSpec(date(2026, 1, 1), Decimal(5))]
    ),
    "the KPI's name": lambda shop: Kpi.objects.filter(pk=shop.kpi.pk).update(name="Turnover"),
    "the dashboard's name": lambda shop: Dashboard.objects.filter(pk=shop.dashboard.pk).update(name="Other"),
    "a panel": lambda _shop: DashboardPanel.objects.first().delete(),
    "a panel that is taken off": lambda shop: remove_panel(
        shop.owner, shop.dashboard, panel=shop.dashboard.panels.first()
    ),
    "a panel's width": lambda shop: resize_panel(
        shop.owner, shop.dashboard, panel=shop.dashboard.panels.first(), width=4
    ),
    "the order of panels": lambda shop: shift_panel(
        shop.owner, shop.dashboard, panel=shop.dashboard.panels.first(), steps=1
    ),
    "a pin": lambda shop: pin_dashboard(shop.owner, shop.dashboard, is_pinned=True),
    "the first choice": lambda shop: open_first(shop.owner, shop.dashboard, is_first=True),
    "a share": lambda shop: share_dashboard(shop.owner, shop.dashboard, with_whom=make_member("staff")),
    "a role of the member": lambda shop: RoleAssignment.objects.create(
        member=shop.member, role=Role.objects.get(key="staff")
    ),
    "the bin": lambda shop: delete_dashboard(shop.owner, shop.dashboard),
    "a column's name": lambda _shop: DatasetColumn.objects.filter(key="country").update(name="Land"),
    "a department": lambda _shop: Department.objects.create(name="New", code="new"),
    "the organization's name": lambda shop: Organization.objects.filter(pk=shop.organization.pk).update(name="Renamed"),
    "the member's name": lambda shop: Member.objects.filter(pk=shop.member.pk).update(name="Somebody"),
    "the member's rights": lambda shop: RoleAssignment.objects.filter(member=shop.member).delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_shows_at_once(shop: Shop, change: str) -> None:
    tag = shop.page().headers["ETag"]
    assert shop.is_kept()

    with tenant_context(shop.organization.pk):
        CHANGES[change](shop)
    answer = shop.page(tag=tag)

    assert answer.templates
    assert answer.status_code == {"the member's rights": 403, "the bin": 404}.get(change, 200)


@pytest.mark.parametrize(
    "cookie", [("theme", "dark"), ("density", "compact"), (settings.LANGUAGE_COOKIE_NAME, "zh-hans")]
)
def test_looks_and_language_have_pages_of_their_own(shop: Shop, cookie: tuple[str, str]) -> None:
    name, value = cookie
    shop.client.cookies[name] = value

    assert not shop.is_kept()
    assert shop.is_kept()


def test_address_and_swap_have_pages_of_their_own(shop: Shop) -> None:
    swap = shop.client.get(shop.url, headers={"HX-Request": "true"})
    assert b"<html" not in swap.content
    assert b"<html" in shop.page().content
    assert shop.client.get(shop.url, {"range": "last-7-days"}).content != shop.page().content


def test_nobody_gets_the_page_of_another(shop: Shop) -> None:
    with tenant_context(shop.organization.pk):
        other = make_member("manager", name="Zoe Quill")

    answer = shop.page(client_of(other))

    assert answer.templates
    assert b"Zoe Quill" in answer.content
    assert b"Zoe Quill" not in shop.page().content


def test_o4_a_kept_page_is_gone_once_it_is_no_longer_shared(shop: Shop) -> None:
    with tenant_context(shop.organization.pk):
        other = make_member("staff")
        Dashboard.objects.filter(pk=shop.dashboard.pk).update(is_private=True, owner=shop.member)
        shop.dashboard.refresh_from_db()
        share = share_dashboard(shop.owner, shop.dashboard, with_whom=other)
    client = client_of(other)
    assert shop.page(client).status_code == 200
    assert shop.is_kept(client)

    with tenant_context(shop.organization.pk):
        stop_sharing(shop.owner, shop.dashboard, share=share)

    assert shop.page(client).status_code == 404
    assert shop.page().status_code == 200


def test_a_page_that_falls_overdue_says_so(shop: Shop, _clock: Any) -> None:
    assert b"No value since" not in shop.page().content

    _clock.move_to(NOW + timedelta(days=3))

    assert b"No value since" in shop.page().content


def test_a_message_shows_once_and_is_not_kept(shop: Shop) -> None:
    with tenant_context(shop.organization.pk):
        facts = {"name": "Wall", "default_period": "last-30-days", "version": shop.dashboard.version}
    saved = shop.client.post(reverse("metrics:dashboard-settings", args=[shop.dashboard.pk]), facts)
    assert saved.status_code == 302

    told, then, again = shop.page(), shop.page(), shop.page()

    assert b"The dashboard is saved." in told.content
    assert b"The dashboard is saved." not in then.content
    assert not again.templates


def test_a_renamed_department_shows_at_once(shop: Shop) -> None:
    with tenant_context(shop.organization.pk):
        north = create_department(shop.owner, shop.organization, name="North", code="N")
        kpi = make_kpi(shop.owner, shop.organization, dataset=shop.dataset, aggregation="count", breakdowns=[("unit",)])
        load(shop.dataset, [order(1000, "2026-03-10", 7, unit="N")])
        recompute(shop.dataset)
        panels = [PanelSpec(kpi, PanelKind.BREAKDOWN, shop.dataset.columns.get(key="unit"))]
        dashboard = create_dashboard(shop.owner, shop.organization, name="Units", panels=panels)
    url = reverse("metrics:dashboard-detail", args=[dashboard.pk])
    assert b"North" in shop.client.get(url).content

    with tenant_context(shop.organization.pk):
        change_department(shop.owner, north, name="Far North", code="N", version=north.version)
    answer = shop.client.get(url)

    assert b"Far North" in answer.content


def test_following_shows_at_once(shop: Shop) -> None:
    shop.page()

    shop.client.post(f"/my/watch/metrics.dashboard/{shop.dashboard.pk}/", {"level": "follow"})

    assert b"<span>Following</span></button>" in shop.client.get(shop.url).content


def test_without_a_cache_every_page_is_made(shop: Shop) -> None:
    cache.clear()

    assert shop.page().templates


def test_a_dashboard_of_others_is_not_found_and_not_kept(shop: Shop) -> None:
    theirs = Shop(make_organization())
    theirs.page()

    answer = shop.client.get(theirs.url)

    assert answer.status_code == 404
    with tenant_context(shop.organization.pk):
        assert dashboard_stamp(theirs.dashboard.pk) != dashboard_stamp(shop.dashboard.pk)


def _load(shop: Shop) -> None:
    load(shop.dataset, [order(999, "2026-03-10", 1000)])


def _token(answer: Any) -> bytes:
    found = TOKEN.search(answer.content)
    assert found
    return found[1]
