"""Two people who hold one link at the same moment."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from django.utils import timezone

from organization.access import system_actor
from organization.models import AuditEntry, Invitation, Member, User
from organization.services.invitations import invite, prepare_mail
from organization.services.joining import NotOpen, join_as_new
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL, BASE = "ann@example.com", "https://ops.example.org/"


def test_o4_an_invitation_that_two_people_accept_at_once_lets_one_in() -> None:
    organization = make_organization()
    with tenant_transaction(organization.pk):
        owner = make_actor("owner")
        [made] = invite(owner, organization, emails=[EMAIL], role=None, language="en", link_base=BASE)
        assert prepare_mail(made.pk, as_of=timezone.now()) is not None
    both, outcomes = threading.Barrier(2, timeout=10), dict[str, str]()

    def accept(name: str) -> None:
        try:
            with tenant_transaction(organization.pk):
                invitation = Invitation.objects.get(pk=made.pk)
                both.wait()  # both have seen it open
                join_as_new(
                    system_actor(organization.pk, "invitation"), invitation, name=name, password=f"the word of {name}"
                )
            outcomes[name] = "in"
        except NotOpen:
            outcomes[name] = "not open"
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept, args=(name,)) for name in ("Ann", "Bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes.values()) == ["in", "not open"]
    winner = next(name for name, outcome in outcomes.items() if outcome == "in")
    person = User.objects.get(email=EMAIL)
    assert (person.name, person.check_password(f"the word of {winner}")) == (winner, True)
    with tenant_transaction(organization.pk):
        assert [member.name for member in Member.objects.filter(user=person)] == [winner]
        assert AuditEntry.objects.filter(verb="organization.invitation.accepted").count() == 1
