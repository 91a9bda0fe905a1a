"""The door: guessing passwords, telling accounts apart, sessions, and whose address an account has."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organization.accounts import MAIL_THREAD
from organization.models import ApiToken, Member, Organization, SignInFailure, User
from organization.services import tokens
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member, make_organization, make_user
from tests.factories.organizations import PASSWORD

NEW = "another-long-password-7"
HELD_BACK = "Too many failed login attempts"
Commit = Callable[..., Any]


def enter(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session and client.get(reverse("account_email")).status_code == 200


def ask_for(client: Client, email: str) -> None:
    """Ask for another address, and enter the password again, which that takes."""
    asked = client.post(reverse("account_email"), {"action_add": "", "email": email})
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == reverse("account_email")


def wait_for_mails() -> None:
    for thread in threading.enumerate():
        if thread.name == MAIL_THREAD:
            thread.join()


class BrokenBackend(BaseEmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages: list[EmailMessage]) -> int:
        raise SMTPServerDisconnected


def test_o4_an_account_takes_five_wrong_passwords_from_wherever_they_come(db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    person = make_user()

    for number in range(5):
        cache.clear()
        answer = enter(Client(HTTP_HOST=f"h{number}.test"), person.email, "wrong", REMOTE_ADDR=f"10.0.0.{number}")
        assert HELD_BACK not in answer.content.decode()
    refused = enter(Client(HTTP_HOST="h6.test"), person.email.upper(), PASSWORD, REMOTE_ADDR="10.0.1.1")

    assert (refused.status_code, HELD_BACK in refused.content.decode()) == (200, True)
    assert SignInFailure.objects.get().failures == 5
    SignInFailure.objects.update(since=timezone.now() - timedelta(minutes=5))
    assert enter(Client(), person.email).status_code == 302


def test_o4_an_address_that_nobody_has_is_held_back_alike(db: None) -> None:
    answers = [enter(Client(), "nobody@example.com", "wrong", REMOTE_ADDR=f"10.0.0.{n}") for n in range(6)]

    assert [HELD_BACK in answer.content.decode() for answer in answers] == [False] * 5 + [True]


def test_o4_one_address_tries_ten_accounts_a_minute(db: None) -> None:
    people = [make_user() for _ in range(11)]

    answers = [enter(Client(), person.email, "wrong") for person in people]

    assert [HELD_BACK in answer.content.decode() for answer in answers] == [False] * 10 + [True]


def test_o4_the_address_of_a_caller_behind_a_proxy_is_the_proxys_word(db: None, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    people = [make_user() for _ in range(12)]

    said = [
        enter(Client(), one.email, "wrong", HTTP_X_FORWARDED_FOR=f"9.9.9.{n}, 10.0.0.7") for n, one in enumerate(people)
    ]

    assert HELD_BACK in said[-1].content.decode()
    other = enter(Client(), people[0].email, "wrong", HTTP_X_FORWARDED_FOR="10.0.0.7, 10.0.0.8")
    assert HELD_BACK not in other.content.decode()


def test_people_sign_in_while_redis_is_away(db: None, settings: Any) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}

    assert enter(Client(), make_user().email).status_code == 302


def test_o4_signing_in_makes_a_new_session(organization: Organization) -> None:
    with tenant_context(organization.pk):
        member = make_member()
    client = Client()
    session = client.session
    session["left by"] = "somebody else"
    session.save()
    planted = client.session.session_key

    enter(client, member.user.email)

    assert client.session.session_key != planted
    assert not Session.objects.filter(pk=planted).exists()
    cookie = client.cookies["ops-session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


@pytest.mark.parametrize("way", ["change", "reset"])
def test_o4_a_new_password_ends_the_other_sessions(
    db: None, way: str, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person = make_user()
    mine, other = Client(), Client()
    for client in (mine, other):
        enter(client, person.email)

    if way == "change":
        words = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        assert mine.post(reverse("account_change_password"), words).status_code == 302
    else:
        _reset(mine, person.email, mailoutbox, django_capture_on_commit_callbacks)

    assert not other.get(reverse("account_email")).wsgi_request.user.is_authenticated
    assert enter(Client(), person.email).status_code == 200
    assert enter(Client(), person.email, NEW).status_code == 302


def test_o4_a_reset_says_the_same_of_every_address_and_does_not_wait_for_the_mail(
    db: None, settings: Any, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person = make_user()
    settings.EMAIL_BACKEND = f"{__name__}.{BrokenBackend.__name__}"

    answers = []
    with django_capture_on_commit_callbacks(execute=True):
        for email in (person.email, "nobody@example.com"):
            answers.append(Client().post(reverse("account_reset_password"), {"email": email}))
            assert mailoutbox == []
    wait_for_mails()

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, reverse("account_reset_password_done"))
    ] * 2


def test_o4_a_reset_lets_in_somebody_whose_account_was_held_back(
    db: None, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person = make_user()
    for number in range(5):
        enter(Client(), person.email, "wrong", REMOTE_ADDR=f"10.0.0.{number}")

    _reset(Client(), person.email, mailoutbox, django_capture_on_commit_callbacks)

    assert enter(Client(), person.email, NEW).status_code == 302


@pytest.mark.parametrize("button", ["action_primary", "action_remove", "action_send"])
def test_o4_an_address_is_not_ones_own_before_its_mailbox_says_so(
    db: None, button: str, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person, wanted = make_user(), "chief@other.example"
    own = person.email
    client = Client()
    enter(client, own)

    with django_capture_on_commit_callbacks(execute=True):
        ask_for(client, wanted)
    client.post(reverse("account_email"), {button: "", "email": wanted})
    wait_for_mails()

    assert User.objects.get(pk=person.pk).email == own
    assert f"{wanted} waits to be confirmed." in client.get(reverse("account_email")).content.decode()
    assert [mail.to for mail in mailoutbox] == [[wanted]]
    link = re.search(r"/accounts/confirm-email/\S+", str(mailoutbox[0].body))
    assert link is not None
    client.post(link[0])
    assert User.objects.get(pk=person.pk).email == wanted


def test_the_present_address_waits_for_nothing(db: None) -> None:
    client, person = Client(), make_user()
    enter(client, person.email)

    page = client.get(reverse("account_email")).content.decode()

    assert person.email in page
    assert "waits to be confirmed" not in page


def test_o4_who_finds_an_open_session_cannot_take_the_account_away_with_it(
    db: None, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    client, person = Client(), make_user()
    enter(client, person.email)
    with django_capture_on_commit_callbacks(execute=True):
        asked = client.post(reverse("account_email"), {"action_add": "", "email": "mine@evil.example"})
        wrong = client.post(asked["Location"], {"password": "a guess"})
    wait_for_mails()

    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert wrong.status_code == 200
    assert not EmailAddress.objects.filter(email="mine@evil.example").exists()
    assert mailoutbox == []


def test_o4_an_address_of_another_account_is_never_taken_over(
    db: None, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person, other = make_user(), make_user()
    own = person.email
    client = Client()
    enter(client, own)

    with django_capture_on_commit_callbacks(execute=True):
        ask_for(client, other.email)
    wait_for_mails()
    link = re.search(r"/accounts/confirm-email/\S+", str(mailoutbox[0].body))
    assert link is not None
    answer = Client().post(link[0])

    assert answer.status_code < 500
    assert User.objects.get(pk=person.pk).email == own
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_o4_no_mailed_link_opens_an_account_of_another_address(
    db: None, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person = make_user()
    EmailAddress.objects.create(user=person, email="mine@evil.example")

    with django_capture_on_commit_callbacks(execute=True):
        Client().post(reverse("account_reset_password"), {"email": "mine@evil.example"})
    wait_for_mails()

    assert mailoutbox == []


def test_o4_a_password_set_by_mail_confirms_the_address(
    db: None, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person = make_user()

    _reset(Client(), person.email, mailoutbox, django_capture_on_commit_callbacks)

    assert list(EmailAddress.objects.values_list("user", "email", "verified")) == [(person.pk, person.email, True)]


def test_o4_somebody_switched_off_loses_page_and_token_at_the_next_request(organization: Organization) -> None:
    client, token = _member_with_token(organization)
    bearer = {"Authorization": f"Bearer {token}"}
    page, call = reverse("organization:department-list"), reverse("api:kpi-list")
    assert (client.get(page).status_code, Client(headers=bearer).get(call).status_code) == (200, 200)

    with tenant_context(organization.pk):
        Member.objects.filter(pk=ApiToken.objects.get().member_id).update(is_active=False)

    assert client.get(page)["Location"].startswith(reverse("organization:choose"))
    assert client.get(call).status_code == 401
    assert Client(headers=bearer).get(call).status_code == 401


def test_o4_an_account_switched_off_loses_page_and_token_at_the_next_request(organization: Organization) -> None:
    client, token = _member_with_token(organization)

    User.objects.filter(pk=client.session["_auth_user_id"]).update(is_active=False)

    assert client.get(reverse("organization:department-list"))["Location"].startswith(reverse("account_login"))
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get(reverse("api:kpi-list"))
    assert answer.status_code == 401


def test_o4_who_left_one_organization_keeps_the_other(organization: Organization) -> None:
    client, _token = _member_with_token(organization)
    other = make_organization()
    with tenant_context(other.pk):
        Member.objects.create(user_id=client.session["_auth_user_id"], name="Guest", name_pinyin="guest")
    with tenant_context(organization.pk):
        Member.objects.filter(user_id=client.session["_auth_user_id"]).update(is_active=False)
    key = client.session.session_key

    home = client.get(reverse("organization:department-list"), follow=True)

    assert home.wsgi_request.organization.pk == other.pk  # type: ignore[attr-defined]
    assert client.session.session_key == key


def test_pages_of_an_organization_stay_in_no_cache(organization: Organization) -> None:
    client, token = _member_with_token(organization)

    page = client.get(reverse("organization:department-list"))
    call = Client(headers={"Authorization": f"Bearer {token}"}).get(reverse("api:kpi-list"))

    assert (page["Cache-Control"], call["Cache-Control"]) == ("private, no-store", "private, no-store")


def _member_with_token(organization: Organization) -> tuple[Client, str]:
    with tenant_context(organization.pk):
        member = make_member("owner")
        _row, token = tokens.create_token(
            actor_of(member),
            organization,
            name="Till",
            member=member,
            codenames=["metrics.kpi.view"],
            expires_at=timezone.now() + timedelta(days=1),
        )
    client = Client()
    enter(client, member.user.email)
    client.get(reverse("organization:choose"))
    return client, token


def _reset(client: Client, email: str, mails: list[EmailMessage], commit: Commit) -> None:
    with commit(execute=True):
        client.post(reverse("account_reset_password"), {"email": email})
    wait_for_mails()
    [mail] = mails
    link = re.search(r"/accounts/password/reset/key/\S+", str(mail.body))
    assert link is not None
    form = client.get(link[0], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})


def test_signing_out_leaves_nothing_in_the_browser(organization: Organization) -> None:
    with tenant_context(organization.pk):
        member = make_member("staff")
    client = Client()
    enter(client, member.user.email)
    assert is_in(client)

    answer = client.post(reverse("account_logout"))

    assert answer.status_code == 302
    assert answer["Clear-Site-Data"] == '"cache"'
    assert not is_in(client)


def test_fewer_proxies_than_trusted_fail_nothing(organization: Organization, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    with tenant_context(organization.pk):
        member = make_member("owner")
    client = Client(headers={"x-forwarded-for": "203.0.113.7"})

    assert enter(client, member.user.email).status_code == 302
    client.get("/", follow=True)
    export = client.get("/organization/members/", {"export": "csv"})

    assert export.status_code == 200
    assert export.getvalue()
