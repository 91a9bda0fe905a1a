"""Two callers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from metrics.models import DataSource, ImportBatch, Observation, SourceDelivery, WaitingEvent
from metrics.services.source_events import note_event
from metrics.services.source_run import run_source
from metrics.services.sources import create_source
from organization.services.events import emit
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization
from tests.factories.metrics import make_dataset
from tests.metrics.api.conftest import Company
from tests.metrics.sourcing import deliver, elsewhere, make_webhook, orders, sent_order

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


def test_m5_one_delivery_of_a_webhook_from_two_threads_is_taken_once() -> None:
    organization = make_organization()
    with tenant_transaction(organization.pk):
        owner = make_actor("owner")
        dataset = make_dataset(owner, organization)
        source, secret = make_webhook(owner, organization, dataset)
    body = orders(*(sent_order(number, price="dear" if number == 7 else number) for number in range(300)))

    answers = at_once(*[lambda: deliver(source, secret, body)] * 3)

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert sorted("Idempotency-Replayed" in answer for answer in answers) == [False, True, True]
    with tenant_transaction(organization.pk):
        assert (ImportBatch.objects.count(), SourceDelivery.objects.count(), Observation.objects.count()) == (1, 1, 299)


def test_m5_a_source_that_two_workers_take_up_is_asked_by_one() -> None:
    with elsewhere() as database:
        organization = make_organization()
        with tenant_transaction(organization.pk):
            owner = make_actor("owner")
            database.add(("1", "2026-01-20T12:00Z", 1, 1, "France", "2026-01-20T12:00Z"))
            source = database.source(owner, organization, make_dataset(owner, organization))

        with override_settings(PULL_PRIVATE_HOSTS=[database.host]):
            ran = at_once(*[lambda: run_source(organization.pk, source.pk)] * 3)

        assert sorted(ran) == [False, False, True]
        with tenant_transaction(organization.pk):
            assert (SourceDelivery.objects.count(), Observation.objects.count()) == (1, 1)


def test_m5_events_noted_while_a_batch_is_being_taken_are_not_forgotten() -> None:
    organization = make_organization()
    with tenant_transaction(organization.pk):
        owner = make_actor("owner")
        source = create_source(
            owner, organization, kind="events", name="All", settings={"events": ["metrics.kpi_changed"]}
        )
        dataset_id = source.dataset_id

    def happen() -> None:
        for _number in range(10):
            with tenant_transaction(organization.pk):
                event = emit(owner, "metrics.kpi_changed", organization)
            with tenant_transaction(organization.pk):
                note_event(event.name, event.pk)

    def take() -> None:
        for _number in range(20):
            with tenant_transaction(organization.pk):
                DataSource.objects.filter(pk=source.pk, next_run_at__isnull=False).update(next_run_at=timezone.now())
            run_source(organization.pk, source.pk)

    at_once(happen, take, happen)

    take()
    with tenant_transaction(organization.pk):
        assert WaitingEvent.objects.count() == 0
        assert Observation.objects.filter(dataset_id=dataset_id).count() == 20
