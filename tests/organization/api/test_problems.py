"""Whatever is sent, the answer is a problem that says what was wrong; nothing is a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from organization.api.throttling import ActorThrottle
from organization.models import Department, Organization
from organization.tenancy import tenant_transaction
from tests.metrics.api.conftest import Caller
from tests.organization.api.conftest import MakeCaller

NESTED = "[" * 5_000 + "]" * 5_000
GOOD = {"name": "Sales", "code": "S"}


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b'{"name": NaN}', 400),
        (b'{"name": "a\\u0000b", "code": "S"}', 400),
        (b'{"name": "\\ud800", "code": "S"}', 400),
        (b'{"name": "a\xff", "code": "S"}', 400),
        (NESTED.encode(), 400),
        (b'{"name": "A", "code": "S", "parent": 1e999999999}', 400),
        (b'{"name": "A", "code": "S", "parent": ' + b"9" * 5_000 + b"}", 400),
        (b'{"name": "A", "code": "S", "parent": 1.5}', 400),
        (json.dumps(GOOD).encode("utf-16"), 400),
        (b"x" * (12 * 1024 * 1024 + 1), 413),
        (b'{"name": "' + b"x" * (10 * 1024 * 1024) + b'", "code": "S"}', 422),
    ],
    ids=lambda value: str(value)[:24],
)
def test_m5_a_body_that_cannot_be_read_or_stored_is_a_problem(
    organization: Organization, caller: Caller, raw: bytes, status: int
) -> None:
    answer = caller.call("post", "departments/", raw)

    assert_problem(answer, status)
    with tenant_transaction(organization.pk):
        assert not Department.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("get", "nothing/", 404, {}),
        ("get", "departments/999999999999999999999999/", 404, {}),
        ("get", "departments/0/", 404, {}),
        ("put", "departments/", 405, {}),
        ("options", "departments/", 405, {}),
        ("trace", "departments/", 405, {}),
        ("post", "audit-entries/check/", 405, {}),
        ("get", "departments/", 406, {"Accept": "text/html"}),
        ("get", "departments/?format=xml", 400, {}),
        ("get", "departments/?q=a%00b", 400, {}),
        ("get", "departments/?cursor=%ff", 400, {}),
        ("get", "calendars/1/days/2026-13-45/", 404, {}),
        ("get", "links/?type=organization.department&id=99999999999999999999", 400, {}),
        ("get", "links/?type=no.model&id=1", 404, {}),
        ("post", "departments/", 400, {"Idempotency_Key": "no-uuid"}),
    ],
)
def test_m5_every_refusal_is_a_problem(
    caller: Caller, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = caller.call(method, path, GOOD if method == "post" else None, **headers)

    assert_problem(answer, status)


def test_m5_a_body_of_another_kind_is_a_415(caller: Caller) -> None:
    assert_problem(caller.call("post", "departments/", b"name=A", media="application/x-www-form-urlencoded"), 415)


@pytest.mark.parametrize(
    "header", ["", "Bearer ops_1_x", "Bearer ops_99999999999999999999_x", "Basic eDp5", "Bearer ops_x"]
)
def test_m5_without_a_token_there_is_a_401_that_says_how(db: None, header: str) -> None:
    answer = Client().get("/api/v1/departments/", headers={"Authorization": header} if header else {})

    assert_problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_m5_calls_are_counted_by_token_and_the_headers_say_how_many_are_left(
    make_caller: MakeCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ActorThrottle, "rate", "2/min", raising=False)
    first, second = make_caller(), make_caller()

    answers = [first.get("organization/") for _call in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"2"}
    assert 0 < int(answers[2]["Retry-After"]) <= 61
    assert 0 < int(answers[2]["RateLimit-Reset"]) <= 61
    assert second.get("organization/").status_code == 200
    assert_problem(answers[2], 429)


def test_m5_problems_speak_the_language_of_the_call(caller: Caller) -> None:
    answer = caller.call("get", "departments/0/", Accept_Language="zh-Hans")

    assert answer.json()["title"] == "页面不存在，或者没有访问权限。"


def assert_problem(answer: Any, status: int) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body = answer.json()
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"]
