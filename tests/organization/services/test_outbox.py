"""The outbox: claimed once, delivered at least once, put off, parked, found again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone

from organization import tasks
from organization.access import system_actor
from organization.errors import NotVisible
from organization.models import EventDelivery, Organization, Role
from organization.services import events, outbox
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
NAME = "tests.happened"


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """The messages that would have gone to the broker."""
    messages: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, kwargs=None, **_rest: messages.append((name, kwargs or {}))
    )
    return messages


@pytest.fixture
def company() -> Organization:
    return make_organization()


@pytest.fixture
def handler() -> Iterator[list[events.Event]]:
    """A listener that notes what it was given."""
    seen: list[events.Event] = []

    @events.handles(NAME)
    def note(event: events.Event) -> None:
        Role.objects.create(name=f"made by {event.id}")
        seen.append(event)

    yield seen
    events._handlers.pop(NAME)


@pytest.fixture
def broken() -> Iterator[None]:
    """A listener that writes and then fails."""

    @events.handles(NAME)
    def fail(event: events.Event) -> None:
        Role.objects.create(name="half done")
        raise ValueError("no luck")

    yield
    events._handlers.pop(NAME)


def emit(company: Organization) -> EventDelivery:
    with tenant_transaction(company.pk):
        event = events.emit(system_actor(company.pk, "test"), NAME, company, minutes=42)
        return EventDelivery.objects.get(event=event)


def state(company: Organization, delivery: EventDelivery) -> EventDelivery:
    with tenant_transaction(company.pk):
        return EventDelivery.objects.get(pk=delivery.pk)


def set_row(company: Organization, delivery: EventDelivery, **values: Any) -> None:
    with tenant_transaction(company.pk):
        EventDelivery.objects.filter(pk=delivery.pk).update(**values)


def roles_named(company: Organization, start: str) -> int:
    with tenant_transaction(company.pk):
        return Role.objects.filter(name__startswith=start).count()


def test_an_event_without_listeners_makes_no_delivery(company: Organization, sent: list[Any]) -> None:
    with tenant_transaction(company.pk):
        events.emit(system_actor(company.pk, "test"), NAME, company)

        assert not EventDelivery.objects.exists()
    assert sent == []


def test_a_rolled_back_use_case_leaves_neither_event_nor_message(
    company: Organization, handler: list[Any], sent: list[Any]
) -> None:
    with tenant_transaction(company.pk):
        events.emit(system_actor(company.pk, "test"), NAME, company)
        transaction.set_rollback(True)

    with tenant_transaction(company.pk):
        assert not EventDelivery.objects.exists()
    assert sent == []


def test_a_delivery_is_handled_once_with_its_facts(
    company: Organization, handler: list[events.Event], sent: list[tuple[str, dict[str, Any]]]
) -> None:
    delivery = emit(company)
    assert [name for name, _facts in sent] == ["organization.relay"]

    tasks.relay()
    name, facts = sent[-1]
    assert name == "organization.deliver"
    tasks.deliver(**facts)
    tasks.deliver(**facts)

    [event] = handler
    assert (event.name, event.organization_id, event.facts) == (NAME, company.pk, {"minutes": 42})
    assert roles_named(company, "made by") == 1
    assert state(company, delivery).done_at is not None
    assert outbox.claim()[1] == {}


def test_claims_see_every_tenants_queue_and_take_a_row_once(company: Organization, handler: list[Any]) -> None:
    other = make_organization()
    mine, theirs = emit(company), emit(other)

    _token, claimed = outbox.claim()

    assert claimed == {company.pk: [mine.pk], other.pk: [theirs.pk]}
    assert outbox.claim()[1] == {}


def test_a_claim_leaves_rows_that_another_relay_holds(company: Organization, handler: list[Any]) -> None:
    first, second = emit(company), emit(company)
    with tenant_transaction(company.pk):
        EventDelivery.objects.select_for_update().get(pk=first.pk)

        _token, claimed = outbox.claim()

    assert claimed == {company.pk: [second.pk]}


def test_a_worker_killed_between_claim_and_delivery_loses_nothing(
    company: Organization, handler: list[events.Event]
) -> None:
    delivery = emit(company)
    dead_token, claimed = outbox.claim()
    set_row(company, delivery, lease_until=timezone.now() - timedelta(seconds=1))

    token, again = outbox.claim()
    outbox.deliver(company.pk, again[company.pk], token)
    outbox.deliver(company.pk, claimed[company.pk], dead_token)

    assert len(handler) == 1
    assert state(company, delivery).done_at is not None
    assert state(company, delivery).attempts == 2


def test_a_late_worker_whose_lease_was_taken_does_nothing(company: Organization, handler: list[events.Event]) -> None:
    delivery = emit(company)
    late_token, claimed = outbox.claim()
    set_row(company, delivery, token=uuid.uuid4())

    outbox.deliver(company.pk, claimed[company.pk], late_token)

    assert handler == []
    assert state(company, delivery).done_at is None


def test_a_failing_handler_is_rolled_back_and_put_off(company: Organization, broken: None) -> None:
    delivery = emit(company)
    token, claimed = outbox.claim()
    before = timezone.now()

    outbox.deliver(company.pk, claimed[company.pk], token)

    row = state(company, delivery)
    assert roles_named(company, "half done") == 0
    assert row.done_at is None
    assert row.parked_at is None
    assert row.due_at > before
    assert row.error.rstrip().endswith("ValueError: no luck")
    assert outbox.claim()[1] == {}


def test_the_wait_doubles_up_to_an_hour() -> None:
    for attempts, seconds in ((1, 2), (5, 32), (11, 2048), (12, 3600), (40, 3600)):
        assert timedelta(seconds=seconds) <= outbox.back_off(attempts) <= timedelta(seconds=seconds * 1.25)


def test_the_last_attempt_parks_and_a_person_retries(
    company: Organization, broken: None, sent: list[tuple[str, Any]]
) -> None:
    delivery = emit(company)
    set_row(company, delivery, attempts=outbox.MOST_ATTEMPTS - 1)
    token, claimed = outbox.claim()

    outbox.deliver(company.pk, claimed[company.pk], token)
    parked = state(company, delivery)
    assert parked.parked_at is not None
    assert outbox.claim()[1] == {}

    sent.clear()
    with tenant_transaction(company.pk):
        outbox.retry_delivery(make_actor("admin"), parked)
    row = state(company, delivery)
    assert (row.parked_at, row.attempts) == (None, 0)
    assert sent == [("organization.relay", {})]
    assert outbox.claim()[1] == {company.pk: [delivery.pk]}


def test_retry_leaves_a_running_delivery_alone(company: Organization, handler: list[Any]) -> None:
    delivery = emit(company)
    outbox.claim()
    leased = state(company, delivery)

    with tenant_transaction(company.pk):
        outbox.retry_delivery(make_actor("admin"), leased)

    row = state(company, delivery)
    assert (row.token, row.lease_until, row.attempts) == (leased.token, leased.lease_until, 1)


def test_o4_staff_cannot_retry(company: Organization, broken: None) -> None:
    delivery = emit(company)
    set_row(company, delivery, parked_at=timezone.now())

    with tenant_transaction(company.pk):
        staff, parked = make_actor("staff"), EventDelivery.objects.get(pk=delivery.pk)
    with pytest.raises(NotVisible), tenant_transaction(company.pk):
        outbox.retry_delivery(staff, parked)

    assert state(company, delivery).parked_at is not None


def test_a_handler_that_is_gone_parks_at_once(company: Organization, handler: list[Any]) -> None:
    delivery = emit(company)
    set_row(company, delivery, handler="tests.renamed")
    token, claimed = outbox.claim()

    outbox.deliver(company.pk, claimed[company.pk], token)

    row = state(company, delivery)
    assert row.parked_at is not None
    assert "tests.renamed" in row.error


def test_one_broken_delivery_does_not_stop_the_next(company: Organization, handler: list[events.Event]) -> None:
    first, second = emit(company), emit(company)
    set_row(company, first, handler="tests.renamed")
    token, claimed = outbox.claim()

    outbox.deliver(company.pk, claimed[company.pk], token)

    assert state(company, first).parked_at is not None
    assert state(company, second).done_at is not None
