"""Signing in through an identity provider: a real one, over HTTP, with signed tokens."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse

from organization.models import AuditEntry, Member, Organization, RoleAssignment, User
from organization.tenancy import tenant_transaction
from tests.factories import make_user
from tests.factories.organizations import PASSWORD

CLIENT, SECRET, PLACE = "ops", "a-secret-of-the-client", "/accounts/oidc/sso/login/"


class Provider:
    """An OpenID Connect provider with one person, who has signed in there already."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {
            "sub": "7",
            "email": "li.na@acme.example",
            "email_verified": True,
            "name": "Li Na",
        }
        self.asked: list[dict[str, list[str]]] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages = {
                    "/.well-known/openid-configuration": provider.configuration,
                    "/userinfo": lambda: provider.claims,
                    "/keys": lambda: {"keys": []},
                }
                self._send(pages[urlsplit(self.path).path]())

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.asked.append(parse_qs(sent))
                self._send({"access_token": "a", "token_type": "Bearer", "id_token": provider.token()})

            def log_message(self, *args: Any) -> None:
                """Stay quiet."""

            def _send(self, answer: dict[str, Any]) -> None:
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.said_issuer = self.issuer
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def configuration(self) -> dict[str, Any]:
        places = ("authorization", "token", "userinfo")
        endpoints = {f"{place}_endpoint": f"{self.issuer}/{place}" for place in places}
        return endpoints | {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}

    def token(self) -> str:
        now = int(time.time())
        facts = {"iss": self.said_issuer, "aud": CLIENT, "iat": now, "exp": now + 60}
        return jwt.encode(self.claims | facts, self.key, algorithm="RS256", headers={"kid": "1"})


@pytest.fixture
def provider(settings: Any, db: None) -> Iterator[Provider]:
    found = Provider()
    settings.OIDC_ISSUER, settings.OIDC_NAME = found.issuer, "Acme"
    app = {
        "provider_id": "sso",
        "name": "Acme",
        "client_id": CLIENT,
        "secret": SECRET,
        "settings": {"server_url": found.issuer},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
    yield found
    found.server.shutdown()
    found.server.server_close()


def sign_in(client: Client, *, state: str | None = None) -> Any:
    """There and back again, as a browser goes."""
    there = client.get(PLACE)
    asked = parse_qs(urlsplit(there["Location"]).query)
    return client.get(f"{PLACE}callback/", {"code": "c", "state": state or asked["state"][0]})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_o4_the_sign_in_page_offers_the_provider_only_where_there_is_one(provider: Provider, settings: Any) -> None:
    with_it = Client().get(reverse("account_login")).content.decode()
    settings.OIDC_ISSUER = ""
    without = Client().get(reverse("account_login")).content.decode()

    assert [("Sign in with Acme" in page) for page in (with_it, without)] == [True, False]


def test_o4_somebody_with_a_confirmed_account_comes_in_and_is_known_again(provider: Provider) -> None:
    person = make_user()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    provider.claims["email"] = person.email.upper()

    first, again = Client(), Client()
    sign_in(first)
    provider.claims["email"] = "moved@acme.example"
    sign_in(again)

    assert [client.session["_auth_user_id"] for client in (first, again)] == [str(person.pk)] * 2
    assert SocialAccount.objects.get().uid == "7"
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)
    assert provider.asked[0]["client_secret"] == [SECRET]
    assert len(provider.asked[0]["code_verifier"][0]) > 40


def test_o4_nobody_comes_in_whom_nobody_invited(provider: Provider) -> None:
    client = Client()

    answer = sign_in(client)

    assert answer["Location"] == reverse("account_login")
    assert not is_in(client)
    assert not User.objects.exists()


@pytest.mark.parametrize("claim", [False, None, "true", "false", 1])
def test_o4_an_address_that_the_provider_has_not_confirmed_opens_nothing(provider: Provider, claim: Any) -> None:
    person, client = make_user(), Client()
    provider.claims |= {"email": person.email, "email_verified": claim}

    sign_in(client)

    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_o4_an_account_that_nobody_confirmed_starts_anew(provider: Provider) -> None:
    person = make_user()
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "theirs"})
    planted = Client()
    planted.force_login(person)
    provider.claims["email"] = person.email
    client = Client()

    sign_in(client)

    assert is_in(client)
    assert not User.objects.get(pk=person.pk).has_usable_password()
    assert not Authenticator.objects.filter(user=person).exists()
    assert planted.get(reverse("sign-ins")).status_code == 302


@pytest.mark.parametrize("wrong", ["state", "issuer"])
def test_o4_an_answer_that_was_not_asked_for_opens_nothing(provider: Provider, wrong: str) -> None:
    person, client = make_user(), Client()
    provider.claims["email"] = person.email
    if wrong == "issuer":
        provider.said_issuer = "https://evil.example"

    answer = sign_in(client, state="made-up" if wrong == "state" else None)

    assert not is_in(client)
    assert "That did not work" in answer.content.decode()
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_o4_a_domain_may_join_an_organization_by_itself(
    provider: Provider, organization: Organization, settings: Any, sign_in_again: Callable[[], Client]
) -> None:
    settings.OIDC_JOIN = {"acme.example": organization.slug}

    client = sign_in_again()

    assert is_in(client)
    with tenant_transaction(organization.pk):
        member = Member.objects.get(name="Li Na")
        assert list(RoleAssignment.objects.filter(member=member).values_list("role__key", flat=True)) == ["staff"]
        assert AuditEntry.objects.filter(reason="single sign-on").count() == 1
        Member.objects.filter(pk=member.pk).update(is_active=False)
    sign_in_again()
    with tenant_transaction(organization.pk):
        assert not Member.objects.get(pk=member.pk).is_active


@pytest.fixture
def sign_in_again() -> Callable[[], Client]:
    """A new browser each time."""

    def signed_in() -> Client:
        client = Client()
        sign_in(client)
        return client

    return signed_in
