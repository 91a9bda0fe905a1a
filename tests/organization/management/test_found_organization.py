"""The first organization of an installation, from the command line."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from organization.models import Organization, User
from organization.queries.memberships import organizations_of

pytestmark = pytest.mark.django_db
OWNER = "mei@example.org"


def found(*arguments: str, **options: Any) -> str:
    said = StringIO()
    call_command("found_organization", *arguments, stdout=said, **options)
    return said.getvalue()


def organizations(email: str = OWNER) -> list[Organization]:
    return organizations_of(User.objects.get(email=email).pk)


def test_the_owner_signs_in_with_the_printed_password() -> None:
    said = found("云禾家居", "--owner", "Mei@Example.org", "--timezone", "Asia/Shanghai", "--currency", "cny")

    password = said.partition("Password: ")[2].split()[0]
    client = Client()
    client.post(reverse("account_login"), {"login": OWNER, "password": password})
    home = client.get("/", follow=True)

    assert home.status_code == 200
    assert "云禾家居" in home.content.decode()
    (made,) = organizations()
    assert (made.slug, made.timezone, made.currency, made.is_sample) == ("yun-he-jia-ju", "Asia/Shanghai", "CNY", False)


def test_a_password_of_the_environment_is_taken_and_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER_PASSWORD", "a-long-password-1")

    said = found("Acme", "--owner", OWNER)

    assert "assword" not in said
    assert User.objects.get(email=OWNER).check_password("a-long-password-1")


def test_who_has_an_account_keeps_it_and_its_password() -> None:
    person = User.objects.create_user(OWNER, "a-long-password-1", name="Mei")
    before = person.password

    found("Acme", "--owner", OWNER)
    found("Acme Two", "--owner", OWNER)

    person.refresh_from_db()
    assert person.password == before
    assert [row.slug for row in organizations()] == ["acme", "acme-two"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Acme", "--owner", "nobody"], "'nobody' is no e-mail address"),
        (["Acme", "--owner", OWNER, "--timezone", "Mars"], "no time zone called 'Mars'"),
        (["Acme", "--owner", OWNER, "--currency", "money"], "'money' is no currency"),
        (["Acme", "--owner", OWNER, "--slug", "A B"], "Name a --slug"),
        (["!!!", "--owner", OWNER], "Name a --slug"),
        ([" ", "--owner", OWNER, "--slug", "a"], "between 1 and 200"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        found(*arguments)

    assert not User.objects.filter(email=OWNER).exists()


def test_a_weak_password_and_a_taken_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER_PASSWORD", "12345")
    with pytest.raises(CommandError, match="too short"):
        found("Acme", "--owner", OWNER)
    monkeypatch.delenv("OWNER_PASSWORD")
    found("Acme", "--owner", "first@example.org")

    with pytest.raises(CommandError, match="There is an organization called acme"):
        found("Acme", "--owner", OWNER)

    assert not User.objects.filter(email=OWNER).exists()
