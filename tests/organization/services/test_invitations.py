"""Inviting people: what is kept, who may, and what becomes of an invitation."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from celery.exceptions import Retry
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import timezone

from organization.access import Actor
from organization.choices import InvitationState, Scope
from organization.errors import NotAllowed, TooNarrow
from organization.models import AuditEntry, Invitation, Organization, Role, RoleGrant
from organization.services import invitations
from organization.services.departments import create_department
from organization.services.roles import BeyondOwnRights, create_role
from organization.tasks import send_invitation
from tests.factories import actor_of, make_actor, make_member

BASE = "https://ops.example/"


def invite(actor: Actor, organization: Organization, *emails: str, role: str | None = "staff", **facts: Any) -> Any:
    found = Role.objects.get(key=role) if role else None
    facts = {"language": "en", "link_base": BASE} | facts
    return invitations.invite(actor, organization, emails=emails, role=found, **facts)


def text_of(mail: EmailMessage) -> str:
    """What the link in the mail ends with."""
    return str(mail.body).partition("/invitations/")[2].partition("/")[0]


def send(invitation: Invitation) -> None:
    send_invitation(organization_id=invitation.organization_id, invitation_id=invitation.pk, link_base=BASE)


class BrokenBackend(BaseEmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages: list[EmailMessage]) -> int:
        raise SMTPServerDisconnected


def test_o4_several_people_are_invited_at_once_and_each_but_once(owner: Actor, scope: Organization) -> None:
    made = invite(owner, scope, "A@example.com", "b@example.com", "a@example.com ")

    assert [invitation.email for invitation in made] == ["a@example.com", "b@example.com"]
    assert {invitation.state(timezone.now()) for invitation in made} == {InvitationState.WAITING}
    verbs = AuditEntry.objects.filter(verb="organization.invitation.sent").values_list("object_id", flat=True)
    assert sorted(verbs) == sorted(invitation.pk for invitation in made)


def test_o4_the_secret_of_a_link_is_stored_nowhere(
    owner: Actor, scope: Organization, mailoutbox: list[EmailMessage]
) -> None:
    [invitation] = invite(owner, scope, "a@example.com")

    send(invitation)

    [mail] = mailoutbox
    secret = text_of(mail).partition("-")[2]
    assert len(secret) == 43
    invitation.refresh_from_db()
    assert invitation.digest == hashlib.sha256(f"{scope.pk}-{secret}".encode()).hexdigest()
    with connection.cursor() as cursor:
        for table in ("organization_invitation", "organization_auditentry", "organization_domainevent"):
            cursor.execute(f"SELECT count(*) FROM {table} row WHERE row::text LIKE %s", [f"%{secret}%"])
            assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_o7_the_mail_is_in_the_language_that_the_inviter_chose(
    scope: Organization, mailoutbox: list[EmailMessage], language: str
) -> None:
    [invitation] = invite(make_actor("owner", name="Li Na"), scope, "a@example.com", language=language)

    send(invitation)

    [mail] = mailoutbox
    assert "Li Na" in mail.subject
    assert mail.to == ["a@example.com"]
    assert f"{BASE}invitations/{scope.pk}-" in mail.body
    assert ("月" in mail.body) is (language == "zh-hans")  # the day until which the link works


def test_o4_an_invitation_is_mailed_once_however_often_its_task_runs(
    owner: Actor, scope: Organization, mailoutbox: list[EmailMessage]
) -> None:
    [invitation] = invite(owner, scope, "a@example.com")

    for _ in range(3):
        send(invitation)

    assert len(mailoutbox) == 1
    invitation.refresh_from_db()
    assert invitation.state(timezone.now()) == InvitationState.OPEN


def test_o4_a_mail_that_cannot_be_sent_says_so_and_is_tried_again(
    owner: Actor, scope: Organization, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    [invitation] = invite(owner, scope, "a@example.com")
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.{BrokenBackend.__name__}"

    with pytest.raises((Retry, SMTPServerDisconnected)):
        send(invitation)

    invitation.refresh_from_db()
    assert (invitation.state(timezone.now()), invitation.digest) == (InvitationState.FAILED, "")
    settings.EMAIL_BACKEND = working
    send(invitation)
    invitation.refresh_from_db()
    assert (invitation.state(timezone.now()), invitation.problem) == (InvitationState.OPEN, "")
    assert len(mailoutbox) == 1


def test_o4_a_new_mail_makes_the_link_before_worthless(
    owner: Actor, scope: Organization, mailoutbox: list[EmailMessage]
) -> None:
    [invitation] = invite(owner, scope, "a@example.com")
    send(invitation)

    invitations.send_again(owner, invitation, link_base=BASE)
    send(invitation)

    first, second = (text_of(mail) for mail in mailoutbox)
    assert first != second
    invitation.refresh_from_db()
    assert invitation.digest == hashlib.sha256(second.encode()).hexdigest()


def test_o4_inviting_an_address_again_replaces_the_open_invitation(owner: Actor, scope: Organization) -> None:
    [first] = invite(owner, scope, "a@example.com")

    [second] = invite(owner, scope, "a@example.com")

    first.refresh_from_db()
    assert first.state(timezone.now()) == InvitationState.REVOKED
    assert second.state(timezone.now()) == InvitationState.WAITING


def test_o4_a_revoked_invitation_is_neither_mailed_nor_sent_again(
    owner: Actor, scope: Organization, mailoutbox: list[EmailMessage]
) -> None:
    [invitation] = invite(owner, scope, "a@example.com")

    invitations.revoke(owner, invitation)
    send(invitation)

    assert mailoutbox == []
    with pytest.raises(invitations.InvitationClosed):
        invitations.send_again(owner, invitation, link_base=BASE)


def test_o4_members_are_not_invited_again(owner: Actor, scope: Organization) -> None:
    member = make_member("staff", name="Zhang San")

    with pytest.raises(invitations.MembersAlready, match="Zhang San"):
        invite(owner, scope, "new@example.com", member.user.email)

    assert not Invitation.objects.exists()


def test_o4_nobody_learns_of_members_they_do_not_see(scope: Organization) -> None:
    sales = create_department(make_actor("owner"), scope, name="Sales", code="S")
    hidden = make_member("staff")
    editor = _editor_of(scope, sales)

    made = invite(editor, scope, hidden.user.email, "nobody@example.com", role=None, department=sales)

    assert [type(invitation) for invitation in made] == [Invitation, Invitation]


def test_o4_whoever_edits_one_department_invites_into_it_alone(scope: Organization) -> None:
    sales = create_department(make_actor("owner"), scope, name="Sales", code="S")
    other = create_department(make_actor("owner"), scope, name="Other", code="O")
    editor = _editor_of(scope, sales)

    for department in (other, None):
        with pytest.raises(TooNarrow):
            invite(editor, scope, "a@example.com", role=None, department=department)

    assert not Invitation.objects.exists()


def test_o4_nobody_gives_by_invitation_what_they_do_not_hold(scope: Organization) -> None:
    sales = create_department(make_actor("owner"), scope, name="Sales", code="S")
    editor = _editor_of(scope, sales)

    with pytest.raises(BeyondOwnRights):
        invite(editor, scope, "a@example.com", role="owner", department=sales)

    assert not Invitation.objects.exists()


@pytest.mark.parametrize("role", ["manager", "staff", "auditor"])
def test_o4_who_may_not_add_members_invites_nobody(scope: Organization, role: str) -> None:
    with pytest.raises(NotAllowed):
        invite(make_actor(role), scope, "a@example.com", role=None)

    assert not Invitation.objects.exists()


def test_o4_an_organization_sends_only_so_many_invitations_a_day(
    owner: Actor, scope: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MOST_A_DAY", 3)
    invite(owner, scope, "a@example.com", "b@example.com")

    with pytest.raises(invitations.TooManyInvitations):
        invite(owner, scope, "c@example.com", "d@example.com")

    assert Invitation.objects.count() == 2
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    assert len(invite(owner, scope, "c@example.com", "d@example.com")) == 2


def _editor_of(scope: Organization, department: Any) -> Actor:
    role = create_role(make_actor("owner"), scope, name="Editor")
    for codename in ("organization.member.edit", "organization.member.view"):
        RoleGrant.objects.create(role=role, codename=codename, scope=Scope.DEPARTMENT)
    member = make_member(None, department=department)
    member.role_assignments.create(role=role, organization_id=scope.pk)
    return actor_of(member)
