"""Setting sources up, plans of figures, and starter kits, by the API."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from metrics.models import DataSource
from metrics.services.sealing import unseal
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_member, make_organization
from tests.factories.metrics import make_dataset
from tests.metrics.api.conftest import Caller, Company
from tests.metrics.entering import make_entered

SOURCES = ["metrics.source.view", "metrics.source.manage", "metrics.dataset.view", "metrics.dataset.edit"]
ENTRIES = [
    "metrics.entry.view",
    "metrics.entry.write",
    "metrics.kpi.view",
    "metrics.kpi.edit",
    "metrics.dashboard.edit",
]
ROW = {"placed_at": "2026-03-01T08:00:00Z", "number": "A-1", "amount": 12.5}


@pytest.fixture
def caller(company: Company) -> Caller:
    people = ["organization.member.view", "organization.role.view", "metrics.dashboard.view"]
    return company.caller("owner", [*SOURCES, *ENTRIES, *people])


def test_m1_a_webhook_is_set_up_settled_and_its_secret_told_once(company: Company, caller: Caller) -> None:
    key = "8f0f2b3e-0f39-4b43-a5f3-0c6ab1a3a001"
    facts = {"name": "Shop orders", "sample": json.dumps(ROW)}
    made = caller.post("sources/webhooks/", facts, Idempotency_Key=key).json()
    replayed = caller.post("sources/webhooks/", facts, Idempotency_Key=key).json()
    address = f"sources/{made['id']}/"

    proposed = caller.get(f"{address}plan/").json()
    settled = caller.call("put", f"{address}plan/", proposed)
    other = caller.post(f"{address}secret/", None).json()

    assert made["secret"].startswith("whsec_")
    assert replayed == made | {"secret": None}
    assert "/hooks/" in made["address"]
    assert {column["path"] for column in proposed["columns"]} == {"/placed_at", "/number", "/amount"}
    assert (settled.status_code, settled.json()["is_enabled"], settled.json()["is_settled"]) == (200, True, True)
    with tenant_transaction(company.organization.pk):
        assert unseal(DataSource.objects.get().sealed) == other["secret"] != made["secret"]
    assert caller.call("delete", address).status_code == 204


def test_m1_a_plan_that_cannot_work_names_its_places(caller: Caller) -> None:
    made = caller.post("sources/webhooks/", {"name": "Shop", "sample": json.dumps(ROW)}).json()
    column = {"path": "/amount", "role": "measure", "key": "amount", "name": "Amount"}

    answer = caller.call("put", f"sources/{made['id']}/plan/", {"columns": [column, column]})

    assert answer.status_code == 422
    assert "columns[1].key" in {error["field"] for error in answer.json()["errors"]}
    assert caller.get(f"sources/{made['id']}/").json()["is_settled"] is False


def test_m1_a_query_keeps_its_password_and_asks_for_it_before_it_goes_elsewhere(
    company: Company, caller: Caller
) -> None:
    facts = {
        "name": "ERP", "host": "db.example.com", "port": 5432, "database": "erp", "user": "reader", "password": "hidden",
        "tls": "require", "query": "SELECT id, at, amount FROM sales", "overlap": 60, "every": "hour",
    }  # fmt: skip
    made = caller.post("sources/queries/", facts)
    address = f"sources/{made.json()['id']}/"

    renamed = caller.call("patch", address, {"name": "Old ERP"})
    elsewhere = caller.call("patch", address, {"host": "evil.example.com"})
    foreign_member = caller.call("patch", address, {"events": []})

    assert (made.status_code, renamed.json()["name"], elsewhere.status_code) == (201, "Old ERP", 422)
    assert elsewhere.json()["field"] == "password"
    assert foreign_member.status_code == 400
    assert "hidden" not in str(made.content + renamed.content)
    with tenant_transaction(company.organization.pk):
        assert DataSource.objects.get().settings["host"] == "db.example.com"


def test_o4_a_source_feeds_no_dataset_of_another_organization(caller: Caller) -> None:
    stranger = make_organization()
    with tenant_transaction(stranger.pk):
        foreign = make_dataset(actor_of(make_member("owner")), stranger).pk

    answer = caller.post("sources/webhooks/", {"name": "Shop", "dataset": foreign})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "dataset")
    assert caller.get("sources/").json()["results"] == []


def test_m4_figures_are_read_with_what_a_change_needs_and_a_period_is_waived(company: Company, caller: Caller) -> None:
    with tenant_transaction(company.organization.pk):
        owner = actor_of(make_member("owner"))
        _kpi, plan = make_entered(owner, company.organization)
    address = f"entry-plans/{plan.pk}/"
    period: dict[str, Any] = {"starts_on": "2026-02-01"}

    first = caller.post(f"{address}figures/", {"figures": [{"column": "value", "starts_on": "2026-01-01", "value": 5}]})
    waived = caller.post(f"{address}waivers/", period | {"reason": "Closed"})
    cells = {cell["starts_on"]: cell for cell in caller.get(f"{address}figures/", until="2026-02-15").json()["results"]}
    caller.post(f"{address}expect/", period)
    again = {
        row["starts_on"]: row["state"] for row in caller.get(f"{address}figures/", until="2026-02-15").json()["results"]
    }
    nowhere = caller.post(f"{address}waivers/", {"starts_on": "2025-01-01", "reason": "Closed"})

    assert waived.json() == period | {"department": None, "reason": "Closed"}
    assert Decimal(cells["2026-01-01"]["value"]) == 5
    assert cells["2026-01-01"]["version"] == first.json()["results"][0]["version"]
    assert (cells["2026-02-01"]["state"], cells["2026-02-01"]["waived_why"]) == ("waived", "Closed")
    assert (again["2026-02-01"], nowhere.status_code) == ("overdue", 422)


def test_m4_a_plan_changes_who_enters_and_keeps_the_rest(company: Company, caller: Caller) -> None:
    with tenant_transaction(company.organization.pk):
        _kpi, plan = make_entered(actor_of(make_member("owner")), company.organization)
        person = make_member("staff")
    address = f"entry-plans/{plan.pk}/"
    before = caller.get(address).json()

    changed = caller.call("patch", address, {"due_days": 9, "version": before["version"]})
    given = caller.call("patch", address, {"member": person.pk, "role": None, "version": changed.json()["version"]})

    assert changed.json() == before | {"due_days": 9, "version": before["version"] + 1}
    assert (given.json()["member"], given.json()["role"], given.json()["due_days"]) == (person.pk, None, 9)
