"""Every address: a declared permission or a reason, and the right answer to everybody who asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from organization.access import can
from organization.choices import BuiltInRole
from organization.middleware import SESSION_KEY
from organization.models import AuditEntry, DomainEvent, Member, Organization
from organization.permissions import find
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member, make_organization
from tests.project.url_objects import MAKERS, objects_for

# Addresses that need no membership, each with its reason. Our own views say theirs in `public`.
FOREIGN = {
    "account_": "sign-in, password and e-mail address, by allauth",
    "openid_connect_": "sign-in through the company's identity provider, by allauth",
    "socialaccount_": "sign-in through the company's identity provider, by allauth",
    "mfa_": "the signed-in person's own second factor, by allauth",
    "healthz": "answers the load balancer, tells no data",
    "readyz": "answers the load balancer, tells no data",
    "schema": "the shape of the API, no data",
    "api-docs": "the shape of the API, no data",
}
# Pages of a row that ask for less on the row than in general
# Their permission opens the page; whether its row is there decides the right to see the KPI or object that it is about
OF_ANOTHER_RIGHT = {"organization:loop", "metrics:entry-grid", "metrics:entry-history"}
ONES_OWN = {f"organization:bulk-{part}" for part in ("detail", "progress", "refused")}
WHO_SEE_ALL = {BuiltInRole.OWNER, BuiltInRole.ADMIN}
SEEN_IS_ENOUGH = {"metrics:dashboard-copy": "the copy is one's own; of the other dashboard it needs to be seen"}
# Calls about a row that its readers see and that these are not for: told so, and not that it is missing
SEEN_NOT_CHANGED = {"api:share-list", "api:dashboard-first-roles", "api:source-plan"}
# Plans of figures are for who enters them and for who makes datasets
OF_WHOM_IT_CONCERNS = {"api:entry-plan", "api:figures"}
MISSING = 2**40
NEED_AN_OBJECT = {"api:link-list", "api:attachment-list"}
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Address:
    """A named address with the view behind it."""

    name: str
    keywords: frozenset[str]
    view: Any

    @property
    def is_api(self) -> bool:
        return not hasattr(self.view, "view_class") or hasattr(self.view, "cls")

    @property
    def view_class(self) -> Any:
        return getattr(self.view, "cls", None) or getattr(self.view, "view_class", None)

    @property
    def is_foreign(self) -> bool:
        return any(self.name.startswith(start) for start in FOREIGN)

    @property
    def public(self) -> str:
        return getattr(self.view_class, "public", "") if self.view_class else ""

    @property
    def permission(self) -> Any:
        return getattr(self.view_class, "permission", None)

    @property
    def methods(self) -> list[str]:
        actions = getattr(self.view, "actions", None)
        if actions:
            return [method for method in METHODS if method in actions]
        return [
            method
            for method in METHODS
            if method in self.view_class.http_method_names and hasattr(self.view_class, method)
        ]

    def permission_for(self, method: str) -> str:
        declared = self.permission
        return declared.get(method.upper(), declared.get("GET")) if isinstance(declared, dict) else declared


def _walk(patterns: list[Any], namespace: str = "", keywords: frozenset[str] = frozenset()) -> Iterator[Address]:
    for pattern in patterns:
        own = keywords | set(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, own)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name or ''}", own, pattern.callback)


ADDRESSES = list(_walk(get_resolver().url_patterns))
OURS = [address for address in ADDRESSES if not address.is_foreign and not address.public]
NAMED = {address.name for address in OURS if address.keywords - {"format"}}
MADE = NAMED & set(MAKERS)
# An address whose row nobody can make fails one test of its own, not all the walks.
WALKED = [address for address in OURS if address.name not in NAMED - MADE]
PAGES = [address for address in WALKED if not address.is_api]


def in_words(address: Address) -> str:
    return address.name


def client_of(member: Member) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(member.user)
    session = client.session
    session[SESSION_KEY] = member.organization_id
    session.save()
    return client


@pytest.fixture
def company(db: None) -> Organization:
    return make_organization()


def member_as(company: Organization, role: str) -> Member:
    with tenant_context(company.pk):
        return make_member(role)


@pytest.mark.parametrize("address", ADDRESSES, ids=in_words)
def test_o4_every_address_declares_a_permission_or_says_why_it_is_public(address: Address) -> None:
    if address.is_foreign or address.public:
        assert not address.permission
        return

    declared = address.permission

    assert declared, f"{address.name} declares no permission."
    for codename in declared.values() if isinstance(declared, dict) else [declared]:
        assert find(codename).codename == codename


def test_o4_every_address_with_an_object_has_a_maker() -> None:
    assert NAMED - set(MAKERS) == set()


@pytest.mark.parametrize("address", OURS, ids=in_words)
def test_o4_nobody_gets_in_without_signing_in(address: Address, client: Client, db: None) -> None:
    url = reverse(address.name, kwargs=_numbers(address))

    answer = getattr(client, address.methods[0])(url)

    if address.is_api:
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", list(BuiltInRole))
def test_o4_each_role_opens_exactly_what_its_rights_say(company: Organization, role: str) -> None:
    objects = objects_for(company, MADE & {address.name for address in PAGES})
    member = member_as(company, role)
    client = client_of(member)
    with tenant_context(company.pk):
        actor = actor_of(member)
    wrong = {}

    for address in PAGES:
        if "get" not in address.methods:
            continue
        answer = client.get(reverse(address.name, kwargs=objects.get(address.name, {})))
        if answer.streaming:
            b"".join(answer)  # read to its end, a file is closed
        expected = {200, 302} if can(actor, address.permission) else {403}
        if (
            can(actor, address.permission)
            and not actor.holds_everywhere(address.permission)
            and address.name in objects
            and address.name not in SEEN_IS_ENOUGH
        ):
            expected = {404, 403}  # a right over a narrow scope opens the page; the row lies outside it, hidden or seen
        if address.name in OF_ANOTHER_RIGHT and role not in WHO_SEE_ALL:
            expected = expected | {404}
        if address.name in ONES_OWN and 200 in expected:
            expected = {404}  # somebody else asked for it
        if address.name == "sample-remove" and 200 in expected:
            expected = {404}  # this organization is no sample
        if answer.status_code not in expected:
            wrong[address.name] = answer.status_code

    assert wrong == {}


@pytest.mark.parametrize("role", list(BuiltInRole))
def test_o4_each_role_reads_by_the_api_exactly_what_its_rights_say(company: Organization, role: str) -> None:
    calls = [address for address in WALKED if address.is_api and "get" in address.methods]
    objects = objects_for(company, MADE & {address.name for address in calls})
    member = member_as(company, role)
    client = client_of(member)
    with tenant_context(company.pk):
        actor = actor_of(member)
    wrong = {}

    for address in calls:
        codename = address.permission_for("get")
        answer = client.get(reverse(address.name, kwargs=objects.get(address.name, {})))
        if answer.streaming:
            b"".join(answer)
        expected = 200 if can(actor, codename) else 403
        if address.name in NEED_AN_OBJECT and expected == 200:
            expected = 400  # without the query that names it
        if expected == 200 and address.name in objects and not actor.holds_everywhere(codename):
            expected = 403 if address.name in SEEN_NOT_CHANGED else 404
        if address.name in OF_WHOM_IT_CONCERNS and not actor.holds("metrics.dataset.edit") and expected == 200:
            expected = 404
        if answer.status_code != expected:
            wrong[address.name] = (answer.status_code, expected)

    assert calls
    assert wrong == {}


@pytest.mark.parametrize("role", [BuiltInRole.MANAGER, BuiltInRole.STAFF, BuiltInRole.AUDITOR])
def test_o4_a_write_by_the_api_without_the_right_is_refused_and_changes_nothing(
    company: Organization, role: str
) -> None:
    calls = [address for address in WALKED if address.is_api]
    objects = objects_for(company, MADE & {address.name for address in calls})
    member = member_as(company, role)
    client = client_of(member)
    with tenant_context(company.pk):
        actor = actor_of(member)
        before = _traces()
    wrong, count = {}, 0

    for address in calls:
        for method in set(address.methods) - {"get"}:
            if not can(actor, address.permission_for(method)):
                count += 1
                url = reverse(address.name, kwargs=objects.get(address.name, {}))
                answer = getattr(client, method)(url, {"name": "Taken"}, content_type="application/json")
                if answer.status_code != 403:
                    wrong[address.name, method] = answer.status_code

    with tenant_context(company.pk):
        assert _traces() == before
    assert count
    assert wrong == {}


def test_o4_another_organizations_owner_gets_the_same_404_as_for_a_missing_row(company: Organization) -> None:
    objects = objects_for(company, MADE)
    client = client_of(member_as(make_organization(), "owner"))
    differing = {}

    for address in WALKED:
        kwargs = objects.get(address.name)
        if not kwargs:
            continue
        missing = {name: MISSING if isinstance(value, int) else value for name, value in kwargs.items()}
        for method in address.methods:
            theirs = getattr(client, method)(reverse(address.name, kwargs=kwargs))
            nobodys = getattr(client, method)(reverse(address.name, kwargs=missing))
            if (theirs.status_code, _bare(theirs)) != (404, _bare(nobodys)) or nobodys.status_code != 404:
                differing[address.name, method] = (theirs.status_code, nobodys.status_code)

    assert objects
    assert differing == {}


@pytest.mark.parametrize("role", [role for role in BuiltInRole if role != BuiltInRole.OWNER])
def test_o4_a_write_without_the_right_is_refused_and_changes_nothing(company: Organization, role: str) -> None:
    objects = objects_for(company, MADE & {address.name for address in PAGES})
    member = member_as(company, role)
    client = client_of(member)
    with tenant_context(company.pk):
        actor = actor_of(member)
        before = _traces()
    wrong = {}

    for address in PAGES:
        if "post" in address.methods and not can(actor, address.permission):
            answer = client.post(reverse(address.name, kwargs=objects.get(address.name, {})), {"name": "Taken"})
            if answer.status_code != 403:
                wrong[address.name] = answer.status_code

    with tenant_context(company.pk):
        assert _traces() == before
    assert wrong == {}


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["form", "swap"])
def test_o4_another_sites_form_changes_nothing(company: Organization, headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = client_of(member_as(company, "owner")).cookies

    answers = {
        address.name: client.post(reverse(address.name, kwargs=_numbers(address)), headers=headers).status_code
        for address in OURS
    }

    assert {name: code for name, code in answers.items() if code not in (403, 405)} == {}
    assert answers["organization:member-new"] == 403


@pytest.mark.parametrize("address", ["account_login", "organization:member-list", "metrics:kpi-list", "api:kpi-list"])
def test_o4_every_answer_forbids_foreign_scripts_frames_and_forms(company: Organization, address: str) -> None:
    answer = client_of(member_as(company, "owner")).get(reverse(address))

    policy = dict(line.split(maxsplit=1) for line in answer["Content-Security-Policy"].split("; "))
    assert {policy[name] for name in ("default-src", "style-src", "form-action")} == {"'self'"}
    assert {policy[name] for name in ("object-src", "base-uri", "frame-ancestors")} == {"'none'"}
    assert re.fullmatch(r"'self'( 'nonce-[^']+')?", policy["script-src"])
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")
    assert answer["Referrer-Policy"] == "same-origin"


def test_o4_only_seeing_a_role_does_not_change_its_rights(company: Organization) -> None:
    objects = objects_for(company, {"organization:role-detail"})
    client = client_of(member_as(company, "auditor"))
    url = reverse("organization:role-detail", kwargs=objects["organization:role-detail"])

    answer = client.post(url, {"version": "1", "organization.role.edit": "organization"})

    assert answer.status_code == 403


def _traces() -> tuple[int, int]:
    return AuditEntry.objects.count(), DomainEvent.objects.count()


def _numbers(address: Address) -> dict[str, Any]:
    texts = {"label": "organization.department", "day": "2026-01-01"}
    return {name: texts.get(name, 1) for name in address.keywords - {"format"}}


def _bare(answer: Any) -> str:
    """The page without what differs from one request to the next: nonces, tokens, its own address."""
    text = re.sub(r'(nonce|content|value)="[^"]*"', "", answer.content.decode())
    return re.sub(r"/[a-z/_.-]*\d+[a-z0-9/_.-]*|[0-9a-f-]{32,}", "", text)
