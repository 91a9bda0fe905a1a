"""The grid in which figures are entered, with and without its script."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from metrics.models import EntryChange, EntryPlan, EntryWaiver, Kpi, Observation
from organization.access import Actor
from organization.choices import BuiltInRole
from organization.models import Member, Organization, Role
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member
from tests.metrics.entering import make_entered
from tests.metrics.helpers import client_of, statements

MONTH = timezone.localdate().replace(day=1)
LAST = (MONTH - timedelta(days=1)).replace(day=1)
START = date(LAST.year - 1, LAST.month, 1)


@pytest.fixture
def plan(organization: Organization) -> EntryPlan:
    with tenant_context(organization.pk):
        return make_entered(make_actor("owner"), organization, starts_on=START)[1]


@pytest.fixture
def manager(organization: Organization) -> Member:
    with tenant_context(organization.pk):
        return make_member(BuiltInRole.MANAGER)


def key_of(plan: EntryPlan, starts_on: date = LAST) -> str:
    """What names the cell of a period."""
    with tenant_context(plan.organization_id):
        return f"{plan.dataset.columns.get(role='measure').pk}.0.{starts_on.isoformat()}"


def stored(plan: EntryPlan) -> list[tuple[str, Decimal]]:
    with tenant_context(plan.organization_id):
        return list(Observation.objects.order_by("row_key").values_list("row_key", "m1"))


def test_m4_the_grid_names_what_is_overdue_and_since_when(plan: EntryPlan, manager: Member) -> None:
    page = client_of(manager).get(f"/metrics/entry/{plan.pk}/").content.decode()

    assert page.count("entry-cell--overdue") >= 5
    assert "Overdue since" in page
    assert "Not over yet" in page
    assert f'name="v.{key_of(plan)}"' in page


def test_m4_the_form_saves_what_changed_and_says_what_it_cannot(plan: EntryPlan, manager: Member) -> None:
    client, key = client_of(manager), key_of(plan)

    saved = client.post(f"/metrics/entry/{plan.pk}/", {f"v.{key}": "1,234.5", f"s.{key}": "0"})
    version = _version(plan)
    unasked = client.post(f"/metrics/entry/{plan.pk}/", {f"v.{key}": "1300", f"s.{key}": version})
    wrong = client.post(f"/metrics/entry/{plan.pk}/", {f"v.{key}": "a lot", f"s.{key}": version})
    corrected = client.post(
        f"/metrics/entry/{plan.pk}/", {f"v.{key}": "1300", f"s.{key}": version, "reason": "Counted again"}
    )

    assert (saved.status_code, unasked.status_code, wrong.status_code, corrected.status_code) == (302, 422, 422, 302)
    assert "Say why the figure changes." in unasked.content.decode()
    assert 'value="1300"' in unasked.content.decode()
    assert "This is not a number. Enter digits, such as 1234.5." in wrong.content.decode()
    assert 'value="a lot"' in wrong.content.decode()
    assert stored(plan) == [(LAST.isoformat(), Decimal(1300))]


def test_m4_cells_are_saved_one_by_one_and_tell_what_became_of_them(plan: EntryPlan, manager: Member) -> None:
    client, key, other = client_of(manager), key_of(plan), key_of(plan, START)
    url = f"/metrics/entry/{plan.pk}/cells/"

    first = client.post(url, {f"v.{key}": "12", f"s.{key}": "0", f"v.{other}": "x", f"s.{other}": "0"}).json()["cells"]
    asked = client.post(url, {f"v.{key}": "14", f"s.{key}": str(first[key]["version"])}).json()["cells"]
    late = client.post(url, {f"v.{key}": "15", f"s.{key}": "0", "reason": "Mine"}).json()["cells"]

    assert (first[key]["status"], first[key]["text"], first[key]["words"]) == ("saved", "12", "You, just now")
    assert first[other] == {"status": "refused", "message": "This is not a number. Enter digits, such as 1234.5."}
    assert (asked[key]["status"], asked[key]["stands"]) == ("needs_reason", "12")
    assert (late[key]["status"], late[key]["stands"]) == ("conflict", "12")
    assert stored(plan) == [(LAST.isoformat(), Decimal(12))]


def test_m4_the_history_of_a_cell_shows_before_after_who_and_why(plan: EntryPlan, manager: Member) -> None:
    client, key = client_of(manager), key_of(plan)
    url = f"/metrics/entry/{plan.pk}/cells/"
    client.post(url, {f"v.{key}": "12", f"s.{key}": "0"})
    client.post(url, {f"v.{key}": "14", f"s.{key}": _version(plan), "reason": "Two came late"})

    page = client.get(f"/metrics/entry/{plan.pk}/history/?cell={key}").content.decode()

    assert "Two came late" in page
    assert page.index("Corrected") < page.index(">Entered<")
    assert manager.name in page
    assert client.get(f"/metrics/entry/{plan.pk}/history/?cell=1.2.x").status_code == 404
    assert client.get(f"/metrics/entry/{plan.pk}/history/").status_code == 302


def test_m4_a_period_is_waived_from_its_cell(plan: EntryPlan, manager: Member) -> None:
    client, key = client_of(manager), key_of(plan)
    url = f"/metrics/entry/{plan.pk}/waive/?cell={key}"

    empty = client.post(url, {"reason": ""})
    client.post(url, {"reason": "Closed for repairs"})
    page = client.get(f"/metrics/entry/{plan.pk}/").content.decode()
    client.post(url, {"again": "1"})

    assert empty.status_code == 422
    assert "Not applicable: Closed for repairs" in page
    with tenant_context(plan.organization_id):
        assert not EntryWaiver.objects.exists()


def test_m4_nobody_sees_or_enters_what_does_not_concern_them(plan: EntryPlan, organization: Organization) -> None:
    with tenant_context(organization.pk):
        staff = make_member(BuiltInRole.STAFF)
    client, key = client_of(staff), key_of(plan)

    assert client.get(f"/metrics/entry/{plan.pk}/").status_code == 404
    assert client.post(f"/metrics/entry/{plan.pk}/cells/", {f"v.{key}": "1"}).status_code == 404
    assert "Nothing to enter" in client.get("/metrics/entry/").content.decode()
    assert stored(plan) == []


def test_m4_one_form_makes_a_kpi_that_is_entered_by_hand(organization: Organization) -> None:
    with tenant_context(organization.pk):
        owner = make_member("owner")
        role = Role.objects.get(key=BuiltInRole.MANAGER)
    facts: dict[str, Any] = {
        "name": "Accidents", "key": "accidents", "unit": "percent", "decimals": 1, "direction": "lower", "grain": 4,
        "starts_on": START.isoformat(), "together": "average", "role": role.pk, "due_days": 5, "highest": "50",
    }  # fmt: skip

    both = client_of(owner).post("/metrics/entry/new/", facts | {"member": owner.pk})
    made = client_of(owner).post("/metrics/entry/new/", facts)

    assert both.status_code == 422
    with tenant_context(organization.pk):
        plan = EntryPlan.objects.get()
        assert made.url == f"/metrics/entry/{plan.pk}/"
        assert (plan.due_days, plan.role, plan.grain) == (5, role, 4)
        assert plan.dataset.columns.get(key="value").highest == Decimal("0.5")
        assert Kpi.objects.get().versions.get().aggregation == "average"


def test_m4_the_list_costs_the_same_for_one_and_for_ten_plans(organization: Organization, manager: Member) -> None:
    client = client_of(manager)
    client.get("/metrics/entry/")
    with tenant_context(organization.pk):
        owner: Actor = make_actor("owner")
        make_entered(owner, organization, key="first")
    costs = []
    for number in range(2):
        with statements(5):
            page = client.get("/metrics/entry/").content.decode()
        costs.append(page.count("Overdue"))
        if not number:
            with tenant_context(organization.pk):
                for other in range(9):
                    make_entered(owner, organization, key=f"other-{other}")

    assert costs == [1, 10]


def test_m4_overdue_figures_are_flagged_on_the_page_of_the_kpi(plan: EntryPlan, manager: Member) -> None:
    with tenant_context(plan.organization_id):
        kpi = Kpi.objects.get()
    client, key = client_of(manager), key_of(plan, START)
    client.post(f"/metrics/entry/{plan.pk}/cells/", {f"v.{key}": "12", f"s.{key}": "0"})

    page = client.get(f"/metrics/kpis/{kpi.pk}/").content.decode()

    assert f"/metrics/entry/{plan.pk}/" in page


def _version(plan: EntryPlan) -> str:
    with tenant_context(plan.organization_id):
        return str(EntryChange.objects.latest("pk").pk)
