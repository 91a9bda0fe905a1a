"""Scheduled reports by the API."""

from __future__ import annotations

from typing import Any

import pytest

from automation.models import ReportMail, ReportRun
from metrics.services.dashboards import create_dashboard
from organization.models import Member, Organization, Role
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_member, make_organization
from tests.metrics.api.conftest import Caller, Company, found

RIGHTS = ["automation.report.view", "automation.report.edit", "metrics.dashboard.view"]


@pytest.fixture
def company(db: None) -> Company:
    return found()


@pytest.fixture
def caller(company: Company) -> Caller:
    return company.caller("owner", [*RIGHTS, "organization.member.view", "organization.role.view"])


@pytest.fixture
def facts(company: Company) -> dict[str, Any]:
    """What makes a report of a dashboard, for one reader."""
    with tenant_transaction(company.organization.pk):
        board = create_dashboard(actor_of(make_member("owner")), company.organization, name="Board", panels=[])
        reader = Member.objects.order_by("pk").first()
    assert reader is not None
    return {"name": "Weekly", "dashboard": board.pk, "rhythm": "weekly", "at": "08:30", "members": [reader.pk]}


def test_o7_a_report_is_scheduled_and_what_is_not_sent_stays(caller: Caller, facts: dict[str, Any]) -> None:
    made = caller.post("reports/", facts).json()
    address = f"reports/{made['id']}/"

    changed = caller.call("patch", address, {"weekday": 4, "version": made["version"]})
    late = caller.call("patch", address, {"weekday": 5, "version": made["version"]})

    assert (made["at"], made["weekday"], made["members"], made["roles"]) == ("08:30", 0, facts["members"], [])
    told = changed.json()
    assert changed.status_code == 200, told
    assert told | {"next_run_at": ""} == made | {"weekday": 4, "version": 2, "next_run_at": ""}
    assert (late.status_code, late.json()["current"]["weekday"]) == (409, 4)
    assert [row["id"] for row in caller.get("reports/", q="week").json()["results"]] == [made["id"]]


def test_o7_readers_are_members_and_roles_and_never_none(
    company: Company, caller: Caller, facts: dict[str, Any]
) -> None:
    with tenant_transaction(company.organization.pk):
        role = Role.objects.get(key="manager").pk
    made = caller.post("reports/", facts).json()
    address = f"reports/{made['id']}/"

    by_role = caller.call("patch", address, {"members": [], "roles": [role], "version": 1})
    nobody = caller.call("patch", address, {"members": [], "roles": [], "version": 2})

    assert (by_role.json()["members"], by_role.json()["roles"]) == ([], [role])
    assert (nobody.status_code, nobody.json()["field"]) == (422, "members")
    assert caller.get(address).json()["roles"] == [role]


def test_o7_a_report_is_paused_sent_and_deleted(company: Company, caller: Caller, facts: dict[str, Any]) -> None:
    made = caller.post("reports/", facts).json()
    address = f"reports/{made['id']}/"

    paused = caller.call("put", f"{address}switch/", {"is_enabled": False}).json()
    sent = caller.post(f"{address}send/", None)
    again = caller.post(f"{address}send/", None)
    runs = caller.get(f"{address}runs/").json()["results"]
    with tenant_transaction(company.organization.pk):
        run = ReportRun.objects.get()
        ReportMail.objects.create(run=run, member_id=facts["members"][0], status="refused")
    [copy] = caller.get(f"{address}runs/{run.pk}/copies/").json()["results"]
    gone = caller.call("delete", address)

    assert (paused["is_enabled"], paused["next_run_at"]) == (False, None)
    assert (sent.status_code, again.status_code) == (202, 422)
    assert runs == [sent.json()]
    assert (copy["member"], copy["status"]) == (facts["members"][0], "refused")
    assert (gone.status_code, caller.get(address).status_code) == (204, 404)


def test_o4_another_organizations_dashboard_is_not_sent(caller: Caller, facts: dict[str, Any]) -> None:
    stranger: Organization = make_organization()
    with tenant_transaction(stranger.pk):
        foreign = create_dashboard(actor_of(make_member("owner")), stranger, name="Theirs", panels=[])

    answer = caller.post("reports/", facts | {"dashboard": foreign.pk})

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["dashboard"])
    assert caller.get("reports/").json()["results"] == []
