"""The example client of docs/client against the running product, and the examples of docs/api.md as they stand."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from organization.permissions import all_permissions
from organization.services import data_exports
from organization.services.tokens import create_token
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_member
from tests.metrics.api.conftest import Company, found

ROOT = Path(__file__).resolve().parents[3]
PATH = ROOT / "docs" / "client" / "ops_client.py"
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])


@pytest.fixture(scope="module")
def ops() -> Any:
    """The client as somebody would import it."""
    spec = importlib.util.spec_from_file_location("ops_client", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ops_client"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def company(transactional_db: None) -> Company:
    return found(timezone="Asia/Shanghai")


@pytest.fixture
def connect(ops: Any, company: Company, live_server: Any) -> Callable[..., Any]:
    """A client with the rights named, all without names."""

    def make(*codenames: str, **options: Any) -> Any:
        with tenant_transaction(company.organization.pk):
            owner, member = actor_of(make_member("owner")), make_member("owner")
            wanted = list(codenames) or [permission.codename for permission in all_permissions()]
            end = timezone.now() + timedelta(days=1)
            facts = {"name": "Client", "member": member, "codenames": wanted, "expires_at": end}
            _row, text = create_token(owner, company.organization, **facts)
        return ops.Client(live_server.url, text, **options)

    return make


def test_m5_the_client_sends_reads_and_removes_exact_values(ops: Any, company: Company, connect: Any) -> None:
    client = connect()
    rows = [ops.Row(date(2025, 3, day), {"quantity": 1, "price": Decimal("0.10")}, key=f"A-{day}") for day in (1, 2, 3)]

    first, again = client.send("orders", rows), client.send("orders", rows)
    company.recompute()
    points = client.series("revenue", grain="month", first=date(2025, 3, 1), last=date(2025, 3, 31))

    assert (first.created, first.unchanged, again.created, again.unchanged) == (3, 0, 0, 3)
    assert [(point.value, point.start.isoformat()) for point in points] == [
        (Decimal("0.30"), "2025-03-01T00:00:00+08:00")
    ]
    assert client.remove("orders", ["A-1", "A-9"]) == 1
    assert sum(one.created for one in client.send_all("visits", [replace(row, key=None) for row in rows])) == 3


def test_m5_the_client_walks_lists_page_by_page(connect: Any) -> None:
    client = connect()

    assert sorted(kpi.key for kpi in client.kpis(size=1)) == ["basket", "orders", "revenue"]
    assert [column.key for column in next(client.datasets(q="orders")).columns][:2] == ["at", "id"]
    assert {member.is_active for member in client.members()} == {True}


def test_o4_the_client_says_what_went_wrong_by_the_kind_of_its_exceptions(ops: Any, connect: Any) -> None:
    client = connect()
    made = client.create_department("Sales", "S")
    changed = client.change_department(made, name="Selling")

    with pytest.raises(ops.Conflict) as conflict:
        client.change_department(made, name="Shop")
    with pytest.raises(ops.Invalid) as invalid:
        client.send("orders", [ops.Row("yesterday", {}, key="1")])
    with pytest.raises(ops.NotFound):
        client.series("nothing")
    with pytest.raises(ops.Forbidden):
        connect("metrics.kpi.view").create_department("B", "B")
    with pytest.raises(ops.Unauthorized):
        ops.Client(client._base.removesuffix("/api/v1/"), "ops_1_x").call("GET", "kpis/")

    assert (changed.version, conflict.value.current["name"]) == (2, "Selling")
    assert invalid.value.errors[0]["row"] == 0


def test_m5_a_call_that_fails_in_passing_is_made_again_under_the_same_key(
    ops: Any, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    client, keys = connect(sleep=waited.append), []
    once = ops.Client._once

    def unlucky(self: Any, request: Any) -> Any:
        answer = once(self, request)
        if request.method == "GET":
            return answer
        keys.append(request.headers["Idempotency-key"])
        if len(keys) == 1:  # it was done, and the answer got lost
            raise ops.TooManyCalls(503, {}, 3.0)
        return answer

    monkeypatch.setattr(ops.Client, "_once", unlucky)

    made = client.create_department("Sales", "S")

    assert (len(keys), len(set(keys)), waited) == (2, 1, [3.0])
    assert [department.id for department in client.departments()] == [made.id]


def test_o7_the_client_schedules_and_sends_reports(ops: Any, company: Company, connect: Any) -> None:
    client = connect()
    board = client.call("POST", "dashboards/", {"name": "Board", "default_period": "last-30-days", "is_private": False})
    reader = client.call("GET", "me/")["member"]

    made = client.create_report("Weekly", board["id"], members=[reader], weekday=4)
    changed = client.change_report(made, words="Good morning")
    sending = client.send_report(changed)

    assert (made.members, made.version, changed.version) == ([reader], 1, 2)
    assert made.next_run_at is not None
    assert made.next_run_at.isoformat().endswith("T08:00:00+08:00")
    assert [one.id for one in client.sendings(changed)] == [sending.id]
    assert [report.name for report in client.reports(q="week")] == ["Weekly"]


def test_o10_the_client_fetches_an_archive_as_it_was_made(ops: Any, company: Company, connect: Any) -> None:
    client = connect()
    started = client.start_archive()
    with pytest.raises(ops.NotFound):
        client.file(f"exports/{started.id}/file/")
    with tenant_transaction(company.organization.pk):
        stored = default_storage.save(f"{company.organization.pk}/exports/c.zip", ContentFile(b"PK"))
        facts = {"size_bytes": 2, "sha256": "ab", "rows": 1, "as_of": timezone.now()}
        data_exports.finish_export(started.id, stored=stored, **facts)

    assert client.archive(started.id).status == "done"
    assert client.file(f"exports/{started.id}/file/") == b"PK"


def test_m5_the_examples_of_the_description_run(ops: Any, company: Company, connect: Any, live_server: Any) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    (example,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "ops_client" in block]
    client = connect()
    printed: list[Any] = []
    token = client._headers["Authorization"].removeprefix("Bearer ")
    code = example.replace("https://ops.example.com", live_server.url).replace("ops_1_...", token)

    exec(code, {"print": lambda *values: printed.append(values)})  # our own page

    assert "revenue" in [values[0] for values in printed]
    assert any("IMP-" in str(value) for values in printed for value in values)
