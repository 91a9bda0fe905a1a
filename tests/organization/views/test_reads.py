"""What the trail says of data that left, from where, and on whose behalf."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.models import AuditEntry, Organization, RequestOrigin
from organization.origins import came_from, plain_address
from organization.queries.actors import token_holder
from organization.queries.audit import audit_entries, details, of_what, what, who
from organization.services import audit, origins, retention, tokens
from organization.tenancy import tenant_context, tenant_transaction
from tests.factories import actor_of, make_actor, make_member
from tests.metrics.helpers import client_of, make_shop, order

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_o5_a_list_that_goes_out_as_a_file_is_remembered(
    organization: Organization, sign_in: SignIn, kind: str
) -> None:
    client = sign_in("owner")

    answer = client.get("/organization/members/", {"export": kind, "q": "Compan"}, REMOTE_ADDR="203.0.113.7")
    assert answer.status_code == 200

    with tenant_context(organization.pk):
        entry = audit_entries(make_actor("owner"), verb="exported").get()
        assert (entry.verb, entry.object_type, entry.object_id) == (
            "organization.member.exported",
            "organization.member",
            None,
        )
        shown = answer.getvalue()
        assert entry.facts["kind"] == kind
        assert entry.facts["filters"] == ["q"]
        if kind == "csv":
            assert entry.facts["rows"] == shown.decode().count("@")
        assert (what(entry), of_what(entry)) == ("exported", "Member")
        assert details(entry) == f"Kind: {kind} · Rows: {entry.facts['rows']} · Filters: q"
        assert entry.address == "203.0.113.7"


def test_o5_a_list_that_is_only_looked_at_leaves_no_entry(organization: Organization, sign_in: SignIn) -> None:
    client = sign_in("owner")
    with tenant_context(organization.pk):
        before = AuditEntry.objects.count()

    client.get("/organization/members/")

    with tenant_context(organization.pk):
        assert AuditEntry.objects.count() == before
        assert not RequestOrigin.objects.exists()


def test_o5_rows_behind_a_number_that_go_out_are_remembered(organization: Organization) -> None:
    with tenant_context(organization.pk):
        member = make_member("owner")
        owner = actor_of(member)
        _, kpi = make_shop(owner, organization, [order(1, "2026-03-01", 5), order(2, "2026-03-01", 7)])
        create_dashboard(owner, organization, name="Wall", panels=[PanelSpec(kpi)])
    url = reverse("metrics:kpi-rows", args=[kpi.pk])

    answer = client_of(member).get(url, {"grain": "day", "start": "2026-03-01", "export": "csv"})

    assert answer.status_code == 200
    with tenant_context(organization.pk):
        entry = audit_entries(owner, verb="downloaded").get()
        assert (entry.object_type, entry.object_id) == ("metrics.kpi", kpi.pk)
        assert entry.facts == {"kind": "csv", "rows": 2}


def test_o5_the_trail_says_for_whom_a_token_acts(scope: Organization) -> None:
    ann = make_member("admin", name="Ann Lee")
    until = timezone.now() + timedelta(days=1)
    token, text = tokens.create_token(
        actor_of(ann), scope, name="Nightly", member=ann, codenames=["metrics.kpi.view"], expires_at=until
    )
    found = token_holder(text, as_of=timezone.now())
    assert found
    audit.record(found[2], "tests.thing.turned", scope)

    (entry,) = audit_entries(make_actor("owner"), verb="turned")
    (hidden,) = audit_entries(make_actor("auditor"), verb="turned")
    unseen = AuditEntry.objects.get(verb="tests.thing.turned")
    unseen.token_name = unseen.holder_name = None

    assert who(entry) == f"API token {token.pk}: Nightly, for Ann Lee"
    assert who(hidden) == f"API token {token.pk}, for Ann Lee"
    assert who(unseen) == f"API token {token.pk}"


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_o5_one_address_a_request_and_none_after_its_time(organization: Organization, settings: Any) -> None:
    with tenant_transaction(organization.pk):
        with came_from(lambda: "2001:db8::1"):
            origins.note_origin("r1")
            origins.note_origin("r1")
            origins.note_origin("")
        origins.note_origin("r2")
        past = timezone.now() - timedelta(days=settings.AUDIT_ADDRESS_DAYS, hours=1)
        RequestOrigin.objects.create(request_id="old", address="192.0.2.1", at=past)

    retention.forget_old(as_of=timezone.now())

    with tenant_transaction(organization.pk):
        assert list(RequestOrigin.objects.values_list("request_id", "address")) == [("r1", "2001:db8::1")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("", ""),
        ("unknown", ""),
        ("203.0.113.7:80", ""),
        ("<script>", ""),
    ],
)
def test_o5_addresses_are_plain_or_none(text: str, expected: str) -> None:
    assert plain_address(text) == expected


def test_o5_a_lie_about_the_address_fails_nothing(organization: Organization, sign_in: SignIn) -> None:
    client = sign_in("owner")

    answer = client.get(
        "/organization/members/", {"export": "csv"}, REMOTE_ADDR="not an address", HTTP_X_FORWARDED_FOR="'; --"
    )

    assert answer.getvalue()
    with tenant_context(organization.pk):
        assert audit_entries(make_actor("owner"), verb="exported").get().address is None
