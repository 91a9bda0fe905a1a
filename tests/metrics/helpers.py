"""A small shop for tests of pages: orders of some days, KPIs on them, clients that are signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Dataset, Kpi
from metrics.services.rollups import recompute_dataset
from organization.access import Actor
from organization.middleware import SESSION_KEY
from organization.models import Member, Organization
from tests.factories.metrics import at, load, make_dataset, make_kpi

CONTROL = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")
REVENUE = {"aggregation": "sum", "expression": "revenue", "breakdowns": [("country",), ("country", "customer")]}


def client_of(member: Member) -> Client:
    """A browser in which the member is signed in."""
    client = Client()
    client.force_login(member.user)
    session = client.session
    session[SESSION_KEY] = member.organization_id
    session.save()
    return client


def order(number: int, day: str, revenue: int | str, country: str | None = "France", **more: Any) -> dict[str, Any]:
    """A row of the orders dataset."""
    row = {"id": f"o{number}", "at": at(day), "quantity": 1, "price": Decimal(revenue), "country": country}
    return row | more


def recompute(dataset: Dataset) -> None:
    """Roll up what was loaded, as a worker would."""
    assert recompute_dataset(dataset.organization_id, dataset.pk)


def make_shop(
    owner: Actor, organization: Organization, rows: list[dict[str, Any]], **values: Any
) -> tuple[Dataset, Kpi]:
    """A dataset of these orders with one KPI, its revenue unless other values are given, rolled up."""
    dataset = make_dataset(owner, organization)
    kpi = make_kpi(owner, organization, dataset=dataset, **(REVENUE | values))
    load(dataset, rows)
    recompute(dataset)
    return dataset, kpi


@contextmanager
def statements(expected: int) -> Iterator[None]:
    """Exactly this many SQL statements, savepoints not counted."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        yield
    found = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(CONTROL)]
    assert len(found) == expected, f"{len(found)} statements:\n" + "\n".join(sql[:300] for sql in found)
