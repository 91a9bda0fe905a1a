"""One look for every mail: what stands in the MIME tree, and that text and HTML say the same."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from organization.access import Actor
from organization.engine.accents import shades
from organization.mails import factor_reset_mail
from organization.models import Organization
from organization.queries.letters import Letter, letter
from organization.services.looks import change_look
from tests.factories import make_member

TEXT = "Tom & <b>Ann</b> invite you.\n\nhttps://ops.example.org/join/a?b=1&c=2\n\nNothing else.\n\n--\nOps · Acme"


def received(mail: Letter) -> EmailMessage:
    """As a mail program reads it."""
    return message_from_bytes(mail.message().as_bytes(), policy=policy.default)  # type: ignore[return-value]


def words_of(html: str) -> str:
    """What an HTML text says, in one line."""
    body = re.sub(r"<style.*?</style>|<title.*?</title>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture
def branded(owner: Actor, scope: Organization, settings: Any, tmp_path: Any) -> Organization:
    """An organization with a name, a logo and a colour of its own."""
    settings.MEDIA_ROOT = tmp_path
    buffer = BytesIO()
    Image.new("RGB", (90, 30), "#cc3300").save(buffer, "PNG")
    logo = SimpleUploadedFile("logo.png", buffer.getvalue())
    change_look(owner, scope, version=scope.version, brand_name="Acme", accent="#ffcc00", logo=logo)
    scope.refresh_from_db()
    return scope


def test_o3_a_mail_carries_name_colour_and_logo_inside_itself(branded: Organization) -> None:
    mail = letter("ann@example.com", "Hello\nyou", TEXT, organization=branded, act="Join")
    mail.attach("list.csv", "a,b", "text/csv")

    got = received(mail)

    assert got["Subject"] == "Hello you"
    assert got["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in got.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "text/csv",
    ]  # fmt: skip
    picture = next(part for part in got.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == "<logo@ops-platform>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content()[:4] == b"\x89PNG"
    html = got.get_body(["html"]).get_content()
    assert re.findall(r'<img src="([^"]+)"', html) == ["cid:logo@ops-platform"]
    assert shades("#ffcc00", "light").accent in html
    assert shades("#ffcc00", "dark").accent in html
    assert 'name="color-scheme" content="light dark"' in html
    assert f'class="name">{branded.display_name}<' in html


def test_o3_a_mail_without_a_logo_has_no_picture(scope: Organization) -> None:
    got = received(letter("ann@example.com", "Hello", TEXT, organization=scope))

    assert [part.get_content_type() for part in got.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "<img" not in got.get_body(["html"]).get_content()


def test_o3_text_and_html_of_a_mail_say_the_same_and_nothing_of_it_is_markup(scope: Organization) -> None:
    got = received(letter("ann@example.com", "Hello", TEXT, organization=scope, act="Join"))

    html = got.get_body(["html"]).get_content()
    said = words_of(html)
    assert said == (
        f"{scope.display_name} Hello Tom & <b>Ann</b> invite you. Join https://ops.example.org/join/a?b=1&c=2 "
        "Nothing else. Ops · Acme"
    )
    assert "<b>Ann" not in html
    assert got.get_body(["plain"]).get_content().split() == TEXT.split()


@pytest.mark.parametrize(("language", "sentence"), [("en", "second factor"), ("zh-hans", "第二")])
def test_o4_a_mail_about_an_account_says_in_html_what_its_text_says(
    branded: Organization, language: str, sentence: str
) -> None:
    member = make_member("staff")
    member.user.language = language

    with translation.override("en"):
        got = received(factor_reset_mail(member, branded))

    html = got.get_body(["html"]).get_content()
    text = got.get_body(["plain"]).get_content()
    assert sentence in text
    assert f'<html lang="{language}">' in html
    for line in filter(None, text.replace("--", "").splitlines()):
        assert line in words_of(html)
    assert "cid:logo@ops-platform" in html
