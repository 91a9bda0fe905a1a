"""Garbage in addresses: a page, a refusal, never a server error."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.models import Organization
from organization.tenancy import tenant_context
from tests.factories import make_actor
from tests.metrics.helpers import make_shop, order
from tests.project.test_urls import WALKED, Address, client_of, member_as
from tests.project.url_objects import objects_for

pytestmark = pytest.mark.django_db

# Each was an error page once, or stands for one: text that PostgreSQL refuses, digits that int() does, the ends of reach
GARBAGE = {"NUL": "a\0b", "odd digit": "²", "beyond": "9" * 30, "last day": "9999-12-31"}
# What pages read from their address: filters, ranges, cuts of a number, what a form begins with
NAMES = (
    *("q", "sort", "export", "next", "property", "value", "range", "grain", "compare", "anchor", "first_on", "last_on"),
    *(
        "start",
        "column",
        "key",
        "column2",
        "key2",
        "tree",
        "department",
        "owner",
        "status",
        "dataset",
        "parent",
        "part",
    ),
    *("year", "month", "day", "verb", "object_type", "object_id", "since", "until"),
)
FIXED = {
    "start": "grain=day",
    "first_on": "range=custom&last_on=2026-01-01",
    "last_on": "range=custom&first_on=2026-01-01",
}


@pytest.fixture
def owner_client(organization: Organization) -> Client:
    client = client_of(member_as(organization, "owner"))
    client.raise_request_exception = False
    return client


@pytest.fixture
def keywords(organization: Organization) -> dict[str, dict[str, Any]]:
    """What the addresses name: rows that have numbers, where those matter."""
    named = objects_for(organization, {address.name for address in WALKED if address.keywords - {"format"}})
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        _dataset, kpi = make_shop(owner, organization, [order(1, "2026-01-20", 7), order(2, "2026-01-21", 9)])
        panels = [PanelSpec(kpi), PanelSpec(kpi, "breakdown")]
        dashboard = create_dashboard(owner, organization, name="Walked", panels=panels)
    for name in named:
        if name.startswith("metrics:kpi-"):
            named[name] = {"pk": kpi.pk}
        elif name.startswith("metrics:dashboard-"):
            named[name] = {"pk": dashboard.pk}
        elif name.startswith("api:kpi-"):
            named[name] = {"key": kpi.key}
    return named


def queries(address: Address, text: str) -> list[str]:
    """All parameters at once, and by themselves those of the API and those that count only beside another."""
    sent = quote(text, errors="surrogatepass")
    if address.is_api:
        return [f"{name}={sent}" for name in address.view_class.parameters]
    together = "&".join(f"{name}={sent}" for name in NAMES)
    return [together, *(f"{name}={sent}&{rest}" for name, rest in FIXED.items())]


def test_no_address_fails_of_garbage(owner_client: Client, keywords: dict[str, dict[str, Any]]) -> None:
    failed = []
    for address in WALKED:
        if "get" not in address.methods:
            continue
        url = reverse(address.name, kwargs=keywords.get(address.name))
        for kind, text in GARBAGE.items():
            for query in queries(address, text):
                answer = owner_client.get(url, QUERY_STRING=query)
                if answer.streaming:
                    list(answer)  # to its end, which closes its file
                if answer.status_code >= 500:
                    failed.append((address.name, kind, query[:60]))

    assert failed == []
