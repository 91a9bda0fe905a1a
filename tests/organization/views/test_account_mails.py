"""What mails about an account say, in both languages, and the pages beside them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from organization.accounts import MAIL_THREAD
from tests.factories import make_user
from tests.factories.organizations import PASSWORD

Commit = Callable[..., Any]
RESET = {
    "en": (
        "A new password for Ops Platform",
        (
            "Somebody, probably you, wants a new password for {email}. Set it here:\n\n{link}\n\n"
            "The link works once, within three days.\nIf it was not you, do nothing: your password stays as it is.\n\n"
            "--\nOps Platform · https://ops.example.org"
        ),
    ),
    "zh-hans": (
        "重置运营平台密码",
        (
            "有人（可能是您本人）申请重置 {email} 的密码，请打开以下链接设置新密码：\n\n{link}\n\n"
            "链接三天内有效，只能使用一次。\n如非本人操作，请忽略本邮件，密码不会改变。\n\n"
            "--\n运营平台 · https://ops.example.org"
        ),
    ),
}
CONFIRM = {
    "en": ("Is this your address?", "is to use the address chief@other.example from now on."),
    "zh-hans": ("确认邮箱地址", "将改用邮箱 chief@other.example。"),
}


@pytest.fixture(autouse=True)
def at_home(settings: Any) -> None:
    """Where people reach the platform, and a host that believes whatever a browser says."""
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://ops.example.org", ["*"]


def sent(client: Client, commit: Commit, url: str, facts: dict[str, str]) -> None:
    """Post the form and wait for the mail that goes out beside the answer."""
    with commit(execute=True):
        client.post(url, facts)
    for thread in threading.enumerate():
        if thread.name == MAIL_THREAD:
            thread.join()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_o4_mail_for_a_new_password_says_what_to_do_and_what_happens_otherwise(
    db: None, language: str, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person = make_user()
    client = Client(headers={"accept-language": language, "host": "attacker.example"})

    sent(client, django_capture_on_commit_callbacks, reverse("account_reset_password"), {"email": person.email})

    [mail] = mailoutbox
    assert "attacker" not in mail.message().as_string()
    link = re.search(r"https://ops\.example\.org/accounts/password/reset/key/\S+", str(mail.body))
    assert link is not None
    subject, body = RESET[language]
    assert mail.subject == subject
    assert str(mail.body).strip() == body.format(email=person.email, link=link[0])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_o4_mail_to_a_new_address_names_account_and_address(
    db: None, language: str, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commit
) -> None:
    person = make_user()
    client = Client(headers={"accept-language": language})
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    facts = {"action_add": "", "email": "chief@other.example"}
    asked = client.post(reverse("account_email"), facts)["Location"]
    sent(client, django_capture_on_commit_callbacks, asked, {"password": PASSWORD})

    [mail] = mailoutbox
    subject, sentence = CONFIRM[language]
    assert (mail.subject, mail.to) == (subject, ["chief@other.example"])
    assert person.email in mail.body
    assert sentence in mail.body
    link = re.search(r"/accounts/confirm-email/\S+", str(mail.body))
    assert link is not None
    assert subject in client.get(link[0]).content.decode()


def test_an_old_link_to_confirm_an_address_says_so(db: None) -> None:
    html = Client().get(reverse("account_confirm_email", args=["used-up"])).content.decode()

    assert "This link no longer works" in html


def test_too_many_tries_get_a_page_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        html = render_to_string("429.html")

    assert "操作过于频繁" in html
    assert "请几分钟后再试" in html
