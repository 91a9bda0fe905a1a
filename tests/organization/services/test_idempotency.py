"""A call under a key happens once, also when it comes twice at the same moment."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from organization.access import Actor
from organization.choices import ActorKind
from organization.errors import KeyReused
from organization.models import IdempotencyKey, Organization, Role
from organization.services import idempotency
from organization.tenancy import tenant_transaction
from tests.factories import make_organization


def answer_once(actor: Actor, key: Any, body: bytes = b"{}") -> tuple[int, Any, bool]:
    def work() -> tuple[int, Any]:
        return 201, {"pk": Role.objects.create(name=f"Role {Role.objects.count()}").pk}

    return idempotency.once(actor, key, idempotency.fingerprint("POST", "/x/", body), work)


def test_the_second_call_gets_the_first_answer(scope: Organization, owner: Actor) -> None:
    key = uuid4()

    first = answer_once(owner, key)
    second = answer_once(owner, key)

    assert first[2] is False
    assert second == (first[0], first[1], True)
    assert Role.objects.filter(name__startswith="Role").count() == 1


def test_a_key_with_another_request_is_refused(scope: Organization, owner: Actor) -> None:
    key = uuid4()
    answer_once(owner, key)

    with pytest.raises(KeyReused):
        answer_once(owner, key, b'{"other": 1}')

    assert Role.objects.filter(name__startswith="Role").count() == 1


def test_keys_of_two_actors_do_not_meet(scope: Organization, owner: Actor) -> None:
    key = uuid4()
    machine = Actor(ActorKind.TOKEN, scope.pk, member_id=owner.member_id, token_id=1)

    answers = [answer_once(owner, key), answer_once(machine, key)]

    assert [replayed for _status, _body, replayed in answers] == [False, False]


def test_work_that_fails_leaves_the_key_free(scope: Organization, owner: Actor) -> None:
    key = uuid4()

    def fail() -> tuple[int, Any]:
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"), transaction.atomic():
        idempotency.once(owner, key, idempotency.fingerprint("POST", "/x/", b"{}"), fail)

    assert answer_once(owner, key)[2] is False


@pytest.mark.django_db(transaction=True)
def test_two_callers_at_once_do_the_work_once() -> None:
    company = make_organization()
    actor, key = Actor(ActorKind.MEMBER, company.pk, member_id=1), uuid4()
    inside, go_on = threading.Event(), threading.Event()
    answers: list[tuple[int, Any, bool]] = []

    def slow_work() -> tuple[int, Any]:
        inside.set()
        assert go_on.wait(10)
        return 201, {"pk": Role.objects.create(name="Once").pk}

    def call() -> None:
        try:
            with tenant_transaction(company.pk):
                answers.append(idempotency.once(actor, key, idempotency.fingerprint("POST", "/x/", b"{}"), slow_work))
        finally:
            connection.close()

    first, second = threading.Thread(target=call), threading.Thread(target=call)
    first.start()
    assert inside.wait(10)
    second.start()
    second.join(0.3)
    waits = second.is_alive()
    go_on.set()
    first.join(10)
    second.join(10)

    assert waits
    assert sorted(replayed for _status, _body, replayed in answers) == [False, True]
    assert answers[0][:2] == answers[1][:2]
    with tenant_transaction(company.pk):
        assert Role.objects.filter(name="Once").count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_old_keys_go_and_young_ones_stay_in_every_organization() -> None:
    companies = [make_organization(), make_organization()]
    now = timezone.now()
    for company in companies:
        with tenant_transaction(company.pk):
            for days in (1, 6, 8):
                IdempotencyKey.objects.create(
                    actor_key="a", key=uuid4(), fingerprint="", created_at=now - timedelta(days=days)
                )

    idempotency.forget_old_keys(as_of=now)

    for company in companies:
        with tenant_transaction(company.pk):
            assert IdempotencyKey.objects.count() == 2
            assert not IdempotencyKey.objects.filter(created_at__lt=now - timedelta(days=7)).exists()
