"""Who a person was goes; what they did stays, under a pseudonym, with every figure and the trail as they were."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from metrics.models import Kpi
from metrics.queries.series import series, window
from ops_platform.database.scope import organization_var
from organization.access import Actor
from organization.engine.periods import Grain, periods
from organization.errors import LastOwner, NotAllowed, StateConflict
from organization.models import ApiToken, AuditEntry, Member, Organization, RequestOrigin, RoleAssignment, User
from organization.queries.audit import audit_entries, chain_check, who
from organization.queries.personal_data import data_of, entries_of
from organization.services.departments import create_department
from organization.services.erasure import AlreadyErased, WrongPerson, erase_person
from organization.services.organizations import found_organization
from organization.services.positions import create_position
from organization.services.tokens import create_token
from tests.factories import PASSWORD, actor_of, make_actor, make_member
from tests.factories.metrics import at, load, make_dataset, make_kpi

SECRET_WORDS = ("Zhao Minhui", "zhao.minhui@example.com", "203.0.113.77")
NOW = timezone.now()


@pytest.fixture
def person(scope: Organization, owner: Actor) -> Member:
    """Somebody who did things, and of whom much is known."""
    member = make_member("admin", name="Zhao Minhui", position=create_position(owner, scope, name="Head of Sales"))
    User.objects.filter(pk=member.user_id).update(email="zhao.minhui@example.com", name="Zhao Minhui")
    EmailAddress.objects.create(user_id=member.user_id, email="zhao.minhui@example.com", verified=True)
    session = SessionStore()
    session["_auth_user_id"] = str(member.user_id)
    session.save()
    actor = actor_of(member)
    structlog.contextvars.bind_contextvars(request_id="by-zhao")
    create_department(actor, scope, name="Sales", code="S", head=member)
    structlog.contextvars.unbind_contextvars("request_id")
    RequestOrigin.objects.create(request_id="by-zhao", address="203.0.113.77")
    create_token(owner, scope, name="Robot", member=member, codenames=["organization.department.view"], expires_at=NOW)
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, aggregation="sum", expression="quantity")
    Kpi.objects.filter(pk=kpi.pk).update(owner=member)
    load(dataset, [{"at": at("2026-03-01"), "id": 1, "quantity": 5}])
    return Member.objects.select_related("user").get(pk=member.pk)


def erase(actor: Actor, member: Member, **facts: Any) -> Member:
    return erase_person(actor, member, **({"version": member.version, "typed": member.name, "as_of": NOW} | facts))


def everything() -> str:
    """All rows that the app role sees in the open organization, and all accounts, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
                       "AND NOT relispartition AND has_table_privilege(oid, 'SELECT')")  # fmt: skip
        texts = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            texts.append(cursor.fetchone()[0] or "")
    return "\n".join(texts)


def test_o10_an_erased_person_is_found_nowhere_and_what_they_did_stays(
    scope: Organization, owner: Actor, person: Member
) -> None:
    assert all(word in everything() for word in SECRET_WORDS)
    trail = list(AuditEntry.objects.order_by("pk").values_list("pk", "hash"))
    shown = window(periods(Grain.MONTH, at("2026-01-01"), at("2026-04-01"), scope.period_rule), "", scope.period_rule)
    figures = series(Kpi.objects.values_list("pk", flat=True), shown)
    counted = (Member.objects.count(), Kpi.objects.filter(owner=person).count())

    erased = erase(owner, person)

    text = everything()
    assert [word for word in SECRET_WORDS if word in text] == []
    assert erased.name == f"Erased person {person.pk}"
    assert list(AuditEntry.objects.order_by("pk").values_list("pk", "hash"))[: len(trail)] == trail
    assert chain_check().is_whole
    assert series(Kpi.objects.values_list("pk", flat=True), shown) == figures
    assert (Member.objects.count(), Kpi.objects.filter(owner=person).count()) == counted
    entry = audit_entries(owner).get(verb="organization.department.created")
    assert who(entry) == f"Erased person {person.pk}"
    assert not RoleAssignment.objects.filter(member=person).exists()
    assert ApiToken.objects.get(member=person).revoked_at == NOW
    assert not Session.objects.exists()


def test_o10_an_erased_person_cannot_sign_in(client: Client, scope: Organization, owner: Actor, person: Member) -> None:
    person.user.set_password(PASSWORD)
    person.user.save()
    assert client.login(email="zhao.minhui@example.com", password=PASSWORD)

    erase(owner, person)

    assert not client.login(email="zhao.minhui@example.com", password=PASSWORD)
    assert not User.objects.filter(email="zhao.minhui@example.com").exists()


def test_o10_an_account_that_opens_another_organization_is_theirs_to_keep(
    scope: Organization, owner: Actor, person: Member
) -> None:
    token = organization_var.set(None)
    found_organization(name="Other", slug="other", owner=person.user)
    organization_var.reset(token)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.organization_id', %s, true)", [str(scope.pk)])

    erased = erase(owner, person)

    assert erased.user_id != person.user_id
    assert User.objects.get(pk=person.user_id).email == "zhao.minhui@example.com"
    assert not erased.user.is_active


def test_o10_erasing_asks_for_the_name_the_state_and_another_owner(
    scope: Organization, owner: Actor, person: Member
) -> None:
    with pytest.raises(WrongPerson):
        erase(owner, person, typed="Zhao")
    with pytest.raises(StateConflict):
        erase(owner, person, version=person.version + 1)
    with pytest.raises(NotAllowed):
        erase(make_actor("manager"), person)
    assert Member.objects.get(pk=person.pk).name == "Zhao Minhui"

    erased = erase(owner, person)
    with pytest.raises(AlreadyErased):
        erase(owner, erased)


def test_o10_the_last_owner_cannot_be_erased(scope: Organization) -> None:
    only = Member.objects.get()

    with pytest.raises(LastOwner):
        erase(actor_of(only), only)

    assert Member.objects.get().erased_at is None


def test_o10_a_persons_data_is_all_there_is_of_them(scope: Organization, owner: Actor, person: Member) -> None:
    kinds = {kind.label: kind.rows for kind in data_of(person)}

    assert kinds["organization.member"][0]["name"] == "Zhao Minhui"
    assert kinds["organization.user"][0]["email"] == "zhao.minhui@example.com"
    assert "password" not in kinds["organization.user"][0]
    assert [row["email"] for row in kinds["account.emailaddress"]] == ["zhao.minhui@example.com"]
    assert len(kinds["organization.roleassignment"]) == 1
    assert [what for _at, what, _of, _details in entries_of(person)] == ["created"]
