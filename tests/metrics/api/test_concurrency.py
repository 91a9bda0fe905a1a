"""Two callers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from metrics.models import ImportBatch, Observation
from organization.tenancy import tenant_transaction
from tests.metrics.api.conftest import Company

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each gives, begun at the same moment in threads of their own."""
    barrier, found = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int) -> None:
        barrier.wait()
        try:
            found[place] = works[place]()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_m5_one_key_from_two_threads_counts_once(make_company: Callable[[], Company]) -> None:
    company = make_company()
    caller, key = company.caller(), str(uuid4())
    rows = [{"at": "2025-01-01", "values": {"quantity": number}} for number in range(500)]

    answers = at_once(*[lambda: caller.send("visits", *rows, Idempotency_Key=key)] * 2)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert sorted("Idempotency-Replayed" in answer for answer in answers) == [False, True]
    with tenant_transaction(company.organization.pk):
        assert (ImportBatch.objects.count(), Observation.objects.count()) == (1, 500)


def test_m5_the_same_rows_from_two_threads_are_stored_once(make_company: Callable[[], Company]) -> None:
    company = make_company()
    caller = company.caller()
    rows = [{"at": "2025-01-01", "key": str(number), "values": {"country": f"c{number}"}} for number in range(300)]

    answers = at_once(*[lambda: caller.send("orders", *rows)] * 3)

    assert sorted(answer.json()["created"] for answer in answers) == [0, 0, 300]
    with tenant_transaction(company.organization.pk):
        assert Observation.objects.count() == 300
