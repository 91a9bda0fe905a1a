"""Sources for tests: settled webhooks with a sender who signs, and another PostgreSQL database to ask."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg2
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from metrics.choices import SourceKind
from metrics.engine.signatures import new_secret, sign
from metrics.engine.source_plan import SourceColumn, SourcePlan
from metrics.models import Dataset, DataSource, SourceDelivery
from metrics.services import source_run
from metrics.services.sources import create_source, settle_plan
from organization.access import Actor
from organization.models import Organization
from tests.metrics.importing import all_rows

ORDER_PLAN = SourcePlan(
    (
        SourceColumn("/placed_at", "instant", "at"),
        SourceColumn("/number", "key", "id"),
        SourceColumn("/lines/quantity", "measure", "quantity"),
        SourceColumn("/price", "measure", "price"),
        SourceColumn("/customer/country", "dimension", "country"),
    ),
    rows_at="/data/orders",
)
JANUARY = datetime(2026, 1, 20, 12, tzinfo=UTC)
QUERY_PLAN = SourcePlan(
    (
        SourceColumn("placed_at", "instant", "at"),
        SourceColumn("number", "key", "id"),
        SourceColumn("quantity", "measure", "quantity"),
        SourceColumn("price", "measure", "price"),
        SourceColumn("country", "dimension", "country"),
    )
)
TABLE = """
CREATE TABLE orders (number bigint, placed_at timestamptz, quantity double precision, price numeric, country text,
                     changed_at timestamptz NOT NULL)
"""
QUERY = "SELECT number, placed_at, quantity, price, country, changed_at FROM orders WHERE changed_at >= :since -- all; of them"


def sent_order(
    number: int | str, *, placed_at: Any = "2026-01-20T10:00:00Z", price: Any = 1, **more: Any
) -> dict[str, Any]:
    """An order as a shop's webhook tells it."""
    order = {"number": number, "placed_at": placed_at, "price": price, "lines": {"quantity": 1}}
    return order | {"customer": {"country": "France"}} | more


def make_webhook(
    actor: Actor, organization: Organization, dataset: Dataset | None, plan: SourcePlan | None = ORDER_PLAN
) -> tuple[DataSource, str]:
    """A webhook with its secret; its columns are settled unless there is no plan."""
    secret = new_secret()
    source = create_source(
        actor, organization, kind=SourceKind.WEBHOOK, name="Shop", dataset=dataset, settings={}, secret=secret
    )
    return (settle_plan(actor, source, plan=plan) if plan else source), secret


def hook_url(source: DataSource) -> str:
    return reverse("hook", args=[f"{source.organization_id}-{source.address}"])


def deliver(
    source: DataSource, secret: str, body: Any, *, key: str = "msg_1", at: int | None = None, **changed: str
) -> Any:
    """Send a delivery as the sender would. body: bytes as they are, else as JSON; changed: other headers."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = int(time.time()) if at is None else at
    headers = {
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, key, timestamp, raw),
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    client = Client(enforce_csrf_checks=True)
    return client.post(hook_url(source), raw, content_type="application/json", headers=headers)


def orders(*rows: dict[str, Any]) -> dict[str, Any]:
    """A body as ORDER_PLAN reads it."""
    return {"type": "orders.changed", "data": {"orders": list(rows)}}


class Elsewhere:
    """Somebody else's database, on the tests' server."""

    def __init__(self, name: str) -> None:
        admin = urlsplit(os.environ["DATABASE_ADMIN_URL"])
        self.name, self.user, self.password = name, str(admin.username), str(admin.password)
        self.host = parse_qs(admin.query)["host"][0]

    def run(self, statement: str, parameters: Any = None, *, database: str = "") -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(
            host=self.host, dbname=database or self.name, user=self.user, password=self.password
        )
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def add(self, *rows: tuple[Any, ...]) -> None:
        """Orders: number, placed_at, quantity, price, country, changed_at."""
        for row in rows:
            self.run("INSERT INTO orders VALUES (%s, %s, %s, %s, %s, %s)", row)

    def settings(self, **changed: Any) -> dict[str, Any]:
        """A source's settings that ask for these orders."""
        return {
            "host": self.host,
            "port": 5432,
            "database": self.name,
            "user": self.user,
            "tls": "prefer",
            "query": QUERY,
            "cursor": "changed_at",
            "overlap": 60,
            "every": "quarter_hour",
            "at": "03:00",
        } | changed

    def source(self, actor: Actor, organization: Organization, dataset: Dataset | None, **changed: Any) -> DataSource:
        """A settled source that asks for them."""
        source = create_source(
            actor,
            organization,
            kind=SourceKind.SQL,
            name="Warehouse",
            dataset=dataset,
            settings=self.settings(**changed),
            secret=self.password,
        )
        return settle_plan(actor, source, plan=QUERY_PLAN)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """A database with an empty table of orders, for the block."""
    found = Elsewhere(f"elsewhere_{os.getpid()}")
    found.run(f'CREATE DATABASE "{found.name}"', database="postgres")
    try:
        found.run(TABLE)
        yield found
    finally:
        found.run(f'DROP DATABASE "{found.name}" WITH (FORCE)', database="postgres")


def order(number: int, price: Any = "9.90", changed_at: datetime = JANUARY, **more: Any) -> tuple[Any, ...]:
    return (number, more.get("placed_at", JANUARY), 2, price, "France", changed_at)


def run(source: DataSource, **changed: Any) -> DataSource:
    """The source after a worker has asked, now."""
    DataSource.objects.filter(pk=source.pk).update(next_run_at=timezone.now(), **changed)
    assert source_run.run_source(source.organization_id, source.pk)
    source.refresh_from_db()
    return source


def keys(dataset: Dataset) -> list[str]:
    return sorted(row[5] for row in all_rows(dataset))


def last(source: DataSource) -> SourceDelivery:
    return SourceDelivery.objects.filter(source=source).latest("pk")


def counts(delivery: SourceDelivery) -> tuple[int, ...]:
    return (
        delivery.rows_read,
        delivery.rows_created,
        delivery.rows_updated,
        delivery.rows_unchanged,
        delivery.rows_refused,
    )
