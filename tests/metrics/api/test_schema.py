"""The description tells the truth: every status it names is seen, and no operation is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from organization.api.schema import TOLD
from organization.api.throttling import ActorThrottle
from tests.metrics.api.conftest import Caller, Company, found
from tests.project.test_urls import OURS

ROW = {"at": "2025-01-01", "key": "1", "values": {}}
SEND = {"dataset": "orders", "rows": [ROW]}
REMOVE = {"dataset": "orders", "keys": ["1"]}
# operation -> how to call it well; for writes the body
READS = {
    "list_datasets": "datasets/",
    "list_kpis": "kpis/",
    "get_kpi": "kpis/revenue/",
    "get_kpi_series": "kpis/revenue/series/",
}
NOW_AND_THEN = {"Idempotency-Replayed", "Link", "Retry-After"}
WRITES = {"send_observations": ("observations/", SEND), "remove_observations": ("observations/removals/", REMOVE)}


@pytest.fixture
def operations(db: None) -> dict[str, dict[str, Any]]:
    answer = Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    schema = answer.json()
    assert schema["openapi"].startswith("3.1")
    return {
        operation["operationId"]: operation
        for path in schema["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    }


def call(caller: Caller, operation: str, *, bad: str = "") -> Any:
    if operation in READS:
        path = READS[operation].replace("revenue", "missing" if bad == "missing" else "revenue")
        return caller.get(path, **{"bad": {"nonsense": "1"}, "impossible": {"breakdown": "colour"}}.get(bad, {}))
    path, body = WRITES[operation]
    wrong = {
        "missing": body | {"dataset": "missing"},
        "bad": body | {"more": 1},
        "impossible": {"dataset": "orders", "rows": [{}]} if "rows" in body else {"dataset": "orders", "keys": [1]},
    }
    return caller.post(path, wrong.get(bad, body))


def good(company: Company, operation: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    return call(company.caller(), operation)


def unknown(company: Company, operation: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    return call(Caller("ops_1_unknown"), operation)


def powerless(company: Company, operation: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    return call(company.caller(codenames=["metrics.import.view"]), operation)


def read_before(company: Company, operation: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    caller = company.caller()
    tag = caller.get(READS[operation])["ETag"]
    return caller.call("get", READS[operation], If_None_Match=tag)


def wanting_a_page(company: Company, operation: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    path, body = WRITES.get(operation, (READS.get(operation), None))
    return company.caller().call("post" if body else "get", str(path), body, Accept="text/html")


def as_text(company: Company, operation: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    return company.caller().call("post", WRITES[operation][0], b"text", media="text/plain")


def often(company: Company, operation: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(ActorThrottle, "rate", "1/min", raising=False)
    caller = company.caller()
    call(caller, operation)
    return call(caller, operation)


def large(company: Company, operation: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 10)
    return call(company.caller(), operation)


def while_another_loads(company: Company, operation: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    company = found()  # the transaction of the test holds the locks of the other one
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
    parameters = connection.get_connection_params()
    other = psycopg2.connect(**{name: parameters[name] for name in ("dbname", "user", "password", "host")})
    try:
        with other.cursor() as cursor:
            name = f"load:{company.organization.pk}:{company.orders.pk}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return call(company.caller(), operation)
    finally:
        other.close()


def called(bad: str) -> Callable[[Company, str, pytest.MonkeyPatch], Any]:
    return lambda company, operation, _patch: call(company.caller(), operation, bad=bad)


CAUSES: dict[str, Callable[[Company, str, pytest.MonkeyPatch], Any]] = {
    "200": good,
    "201": good,
    "400": called("bad"),
    "401": unknown,
    "403": powerless,
    "304": read_before,
    "404": called("missing"),
    "406": wanting_a_page,
    "409": while_another_loads,
    "413": large,
    "415": as_text,
    "422": called("impossible"),
    "429": often,
}


def test_every_operation_is_described(operations: dict[str, dict[str, Any]]) -> None:
    calls = {(address.name, method) for address in OURS if address.is_api for method in address.methods}
    assert len(operations) == len(calls) >= 60
    assert {*READS, *WRITES} <= set(operations)
    assert all(operation["security"] == [{"token": []}] for operation in operations.values())


@pytest.mark.parametrize("operation", [*READS, *WRITES])
def test_every_documented_status_is_seen(
    company: Company, operations: dict[str, dict[str, Any]], operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status, response in operations[operation]["responses"].items():
        with monkeypatch.context() as patched:
            answer = CAUSES[status](company, operation, patched)

        assert str(answer.status_code) == status
        kinds = list(response.get("content", ()))
        assert answer.get("Content-Type", "").partition(";")[0] in kinds or (kinds, answer.content) == ([], b"")
        told, promised = {name for name in TOLD if name in answer}, set(response.get("headers", ()))
        assert promised - NOW_AND_THEN <= told <= promised
        if answer.status_code >= 400:
            assert answer.json()["status"] == answer.status_code
        if answer.status_code in (409, 429):
            assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "TRACE"])
def test_the_page_of_the_api_takes_no_other_method(method: str) -> None:
    assert Client().generic(method, "/api/v1/docs/").status_code == 405


def test_the_docs_page_works_offline_under_its_own_policy(db: None) -> None:
    page = Client().get("/api/v1/docs/")

    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://testserver", "")
    assert "https://" not in page.text
    policy = page["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy + ";"
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in page.text
    script = Client().get("/api/v1/docs/?script=").text
    assert "prefers-color-scheme: dark" in script
    assert "SwaggerUIBundle" in script
