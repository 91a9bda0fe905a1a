"""`manage.py reset_second_factor`."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command

from organization.models import AuditEntry, Member
from organization.tenancy import tenant_transaction
from tests.factories import make_member, make_organization


@pytest.mark.django_db(databases=["default", "dispatcher"], transaction=True)
def test_o5_the_operator_resets_a_second_factor_with_a_mail_and_an_entry() -> None:
    organization = make_organization()
    with tenant_transaction(organization.pk):
        member = make_member("owner")
    Authenticator.objects.create(user=member.user, type=Authenticator.Type.TOTP, data={"secret": "x"})

    call_command("reset_second_factor", member.user.email.upper(), organization=organization.slug)

    assert not Authenticator.objects.filter(user=member.user).exists()
    [message] = mail.outbox
    assert message.to == [member.user.email]
    with tenant_transaction(organization.pk):
        entry = AuditEntry.objects.latest("pk")
        assert (entry.verb, entry.object_id, entry.actor_kind, entry.reason) == (
            "organization.member.second_factor_reset",
            member.pk,
            "system",
            "command",
        )


@pytest.mark.django_db(databases=["default", "dispatcher"], transaction=True)
def test_o5_the_command_refuses_strangers_and_members_without_a_second_factor() -> None:
    organization = make_organization()
    with tenant_transaction(organization.pk):
        member = make_member("owner")

    for email, slug in (("nobody@example.com", organization.slug), (member.user.email, organization.slug), ("a", "x")):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", email, organization=slug)

    assert mail.outbox == []


@pytest.mark.django_db(databases=["default", "dispatcher"], transaction=True)
def test_o5_the_command_helps_somebody_of_several_organizations_too() -> None:
    first, second = make_organization(), make_organization()
    with tenant_transaction(first.pk):
        member = make_member("owner")
    with tenant_transaction(second.pk):
        Member.objects.create(user=member.user, name=member.name)
    Authenticator.objects.create(user=member.user, type=Authenticator.Type.TOTP, data={"secret": "x"})

    call_command("reset_second_factor", member.user.email, organization=first.slug)

    assert not Authenticator.objects.filter(user=member.user).exists()
