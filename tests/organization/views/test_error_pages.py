"""Each page of a refusal or failure, met for real: what it is, what to do, whom to ask, and a reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from organization.models import Organization
from organization.tenancy import tenant_context
from tests.factories import make_member

REFERENCE = re.compile(r"Reference <code>[0-9a-f-]{36}</code>")


def heading(html: str) -> str:
    """The page's one heading; its reference stands there, too."""
    assert REFERENCE.search(html), html[-1500:]
    [found] = re.findall(r"<h1>(.*?)</h1>", html)
    return str(found)


def test_o7_400_for_a_host_that_is_not_ours(db: None) -> None:
    answer = Client(headers={"host": "evil.example"}).get("/accounts/login/")

    assert (answer.status_code, heading(answer.content.decode())) == (400, "This request cannot be read")


def test_o7_403_names_the_right_and_who_can_give_it(organization: Organization, sign_in: Callable[..., Client]) -> None:
    with tenant_context(organization.pk):
        make_member("owner", name="Ask Me")
        make_member("staff", name="Not Me")

    answer = sign_in("staff").get("/organization/settings/")

    html = answer.content.decode()
    assert (answer.status_code, heading(html)) == (403, "You do not have the right to do this")
    assert "Your roles do not include this right." in html
    assert "<dt>What it takes</dt><dd>Change the organization&#x27;s settings</dd>" in html
    [givers] = re.findall(r"<dt>Who can give it</dt><dd>(.*?)</dd>", html)
    assert ("Ask Me" in givers, "Not Me" in givers) == (True, False)


def test_o7_403_for_a_form_that_is_not_ours_says_that_it_is_too_old(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("owner")
    client.handler.enforce_csrf_checks = True

    answer = client.post("/organization/departments/new/", {"name": "Sales"})

    html = answer.content.decode()
    assert (answer.status_code, heading(html)) == (403, "The form is too old")
    assert "This page was open too long." in html


def test_o7_404_for_a_page_that_is_not_there(sign_in: Callable[..., Client]) -> None:
    answer = sign_in("owner").get("/organization/members/999999/")

    assert (answer.status_code, heading(answer.content.decode())) == (404, "There is no such page")


def test_o7_405_for_an_address_that_only_a_button_leads_to(sign_in: Callable[..., Client]) -> None:
    answer = sign_in("owner").get("/first-steps/close/")

    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")
    assert heading(answer.content.decode()) == "This address does something when a button is pressed"


def test_o7_413_for_a_form_beyond_what_is_read(sign_in: Callable[..., Client], settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100  # type: ignore[attr-defined]  # pytest-django's settings

    answer = sign_in("owner").post("/organization/departments/new/", {"name": "S" * 200})

    assert (answer.status_code, heading(answer.content.decode())) == (413, "That is too much at once")


def test_o7_429_when_somebody_tries_out_links(db: None) -> None:
    cache.clear()

    answers = [Client().get(f"/invitations/1-{number}/") for number in range(31)]

    assert (answers[30].status_code, answers[30]["Retry-After"]) == (429, "60")
    html = answers[30].content.decode()
    assert heading(html) == "Too many tries"
    assert '<a class="button button--primary" href="/invitations/1-30/">' in html
    cache.clear()


def test_o7_500_needs_neither_database_nor_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """No `db` fixture: any statement would fail this test."""
    monkeypatch.setattr("organization.views.home.HomeView.dispatch", _break)

    answer = Client(raise_request_exception=False).get("/", HTTP_COOKIE="ops-session=abc")

    assert (answer.status_code, heading(answer.content.decode())) == (500, "Something broke on our side")


def test_o7_503_while_the_database_is_away(database_away: None) -> None:
    answer = Client(raise_request_exception=False).get("/", HTTP_COOKIE="ops-session=abc; theme=dark")

    html = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert heading(html) == "The service is away for a moment"
    assert 'data-theme="dark"' in html


def _break(*_: object, **__: object) -> None:
    raise ZeroDivisionError


@pytest.fixture
def database_away(transactional_db: None) -> Iterator[None]:
    """Nobody listens where the database should be."""
    connection.close()
    port = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = "1"
    yield
    connection.settings_dict["PORT"] = port
