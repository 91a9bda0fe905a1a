"""Second factors: setting one up, signing in with it, guessing it, and roles that ask for one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from organization.models import Organization, Role, User
from organization.tenancy import tenant_context
from tests.factories import make_member, make_user
from tests.factories.organizations import PASSWORD
from tests.organization.views.test_sign_in import wait_for_mails

Commit = Callable[..., Any]
HELD_BACK = "Too many failed login attempts"


def code_of(secret: str, at: float | None = None) -> str:
    """What an app shows."""
    return format_hotp_value(hotp_value(secret, int((at or time.time()) // 30)))


def sign_in_by_password(client: Client, person: User) -> Any:
    return client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def set_up_app(client: Client) -> tuple[str, str]:
    """Walk through the page as a person does; the secret, and the page with the recovery codes."""
    page = client.get(reverse("mfa_activate_totp"))
    if page.status_code == 302:
        client.post(page["Location"], {"password": PASSWORD})
        page = client.get(reverse("mfa_activate_totp"))
    secret = re.search(r'id="totp-key">(\w+)<', page.content.decode())
    assert secret is not None
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret[1])}, follow=True)
    return secret[1], answer.content.decode()


@pytest.fixture
def guarded(db: None) -> tuple[User, str, list[str]]:
    """A person with an app: with its secret and the recovery codes."""
    person, client = make_user(), Client()
    sign_in_by_password(client, person)
    secret, page = set_up_app(client)
    return person, secret, re.findall(r"\b\d{8}\b", page.partition("<pre")[2].partition("</pre>")[0])


def test_o4_setting_up_an_app_takes_the_password_once_more(db: None) -> None:
    person, client = make_user(), Client()
    sign_in_by_password(client, person)

    asked = client.get(reverse("mfa_activate_totp"))
    wrong = client.post(asked["Location"], {"password": "a guess"})

    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert wrong.status_code == 200
    assert client.get(reverse("mfa_activate_totp")).status_code == 302
    assert not Authenticator.objects.exists()


def test_o4_the_secret_of_an_app_is_sealed_in_the_database(guarded: tuple[User, str, list[str]]) -> None:
    _person, secret, _codes = guarded

    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]

    assert secret not in kept
    assert kept.startswith("gAAAA")


def test_o4_the_picture_to_scan_needs_no_inline_style(db: None) -> None:
    person, client = make_user(), Client()
    sign_in_by_password(client, person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    page = client.get(reverse("mfa_activate_totp")).content.decode()

    assert 'src="data:image/svg+xml;base64,' in page
    assert "style=" not in page


def test_o4_a_password_alone_no_longer_opens_a_guarded_account(guarded: tuple[User, str, list[str]]) -> None:
    person, secret, _codes = guarded
    client = Client()

    answer = sign_in_by_password(client, person)

    assert (answer["Location"], is_in(client)) == (reverse("mfa_authenticate"), False)
    assert client.get(reverse("account_email")).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret, time.time() + 30)})
    assert is_in(client)


def test_o4_five_wrong_codes_hold_the_account_back_wherever_they_come_from(
    guarded: tuple[User, str, list[str]],
) -> None:
    person, secret, _codes = guarded
    for number in range(5):
        client = Client(REMOTE_ADDR=f"10.0.0.{number}")
        sign_in_by_password(client, person)
        client.post(reverse("mfa_authenticate"), {"code": "000000"})

    client = Client(REMOTE_ADDR="10.0.1.1")
    sign_in_by_password(client, person)
    refused = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    assert HELD_BACK in refused.content.decode()
    assert not is_in(client)


def test_o4_recovery_codes_are_shown_once_and_each_opens_once(guarded: tuple[User, str, list[str]]) -> None:
    person, _secret, codes = guarded
    assert len(set(codes)) == 10
    client, again = Client(), Client()

    sign_in_by_password(client, person)
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    sign_in_by_password(again, person)
    again.post(reverse("mfa_authenticate"), {"code": codes[0]})

    assert (is_in(client), is_in(again)) == (True, False)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not any(code in page for code in codes)
    assert client.get(reverse("mfa_download_recovery_codes")).status_code == 403


def test_o4_a_second_factor_is_told_by_mail(
    db: None, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person, client = make_user(), Client()
    sign_in_by_password(client, person)

    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(client)
    wait_for_mails()

    assert [(mail.subject, mail.to) for mail in mailoutbox] == [("An app now protects your account", [person.email])]
    assert "If it was not you" in mailoutbox[0].body


def test_o4_the_first_who_confirms_an_address_clears_what_others_set_up(
    db: None, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    """Whoever made the account could otherwise come back in by a passkey of theirs, or shut its owner out by an app."""
    person = make_user()
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "theirs"})

    _reset(person, mailoutbox, django_capture_on_commit_callbacks)

    assert not Authenticator.objects.filter(user=person).exists()


def test_o4_a_password_reset_does_not_go_around_the_owners_own_second_factor(
    guarded: tuple[User, str, list[str]], mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person, _secret, _codes = guarded
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)

    _reset(person, mailoutbox, django_capture_on_commit_callbacks)

    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": "another-long-password-7"})
    assert not is_in(client)


def test_o4_a_role_that_asks_for_a_second_factor_opens_nothing_without(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        Role.objects.filter(key="manager").update(needs_second_factor=True)
        member = make_member("manager")
    client, other = sign_in(member=member), sign_in("staff")

    pages = ["home", "organization:department-list", "metrics:kpi-list", "organization:search"]
    answers = {page: client.get(reverse(page)) for page in pages}
    written = client.post(reverse("organization:department-new"), {"name": "Mine", "code": "M"})

    assert {answer["Location"] for answer in (*answers.values(), written)} == {reverse("mfa_index")}
    assert "Your role asks for a second factor" in client.get(reverse("mfa_index")).content.decode()
    assert other.get(reverse("organization:department-list")).status_code == 200
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    set_up_app(client)
    assert client.get(reverse("organization:department-list")).status_code == 200


def test_o4_recovery_codes_alone_are_no_second_factor(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        Role.objects.filter(key="staff").update(needs_second_factor=True)
        member = make_member("staff")
    Authenticator.objects.create(user=member.user, type=Authenticator.Type.RECOVERY_CODES, data={})

    answer = sign_in(member=member).get(reverse("organization:department-list"))

    assert answer["Location"] == reverse("mfa_index")


def test_o4_a_passkey_of_somebody_else_cannot_be_removed(db: None) -> None:
    person, other, client = make_user(), make_user(), Client()
    theirs = Authenticator.objects.create(user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "theirs"})
    sign_in_by_password(client, person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    for page in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        assert client.post(reverse(page, args=[theirs.pk]), {"name": "mine"}).status_code == 404

    assert Authenticator.objects.get(pk=theirs.pk).data["name"] == "theirs"


def _reset(person: User, mails: list[EmailMessage], commit: Commit) -> None:
    client = Client()
    mails.clear()
    with commit(execute=True):
        client.post(reverse("account_reset_password"), {"email": person.email})
    wait_for_mails()
    link = re.search(r"/accounts/password/reset/key/\S+", str(mails[0].body))
    assert link is not None
    form = client.get(link[0], follow=True)
    new = "another-long-password-7"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
