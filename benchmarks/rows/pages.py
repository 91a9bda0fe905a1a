"""Rows 1 and 11: a dashboard of eight charts, and what the middleware alone costs, against plain Django pages."""

from __future__ import annotations

from http import HTTPStatus
from itertools import count
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.floor import pages
from benchmarks.measuring import Result, in_turn, ratio_of
from benchmarks.world import World, rows
from metrics.choices import Aggregation
from metrics.services import dashboards, rollups
from metrics.services.dashboards import PanelSpec
from organization.middleware import SESSION_KEY
from organization.tenancy import tenant_transaction

ROUNDS = 40
ASKED = {"range": "custom", "grain": "day", "first_on": "2025-01-01", "last_on": "2025-12-31"}
MEASURES = ("price", "quantity", "price * quantity", "price + quantity", "price - quantity")
AGGREGATIONS = (Aggregation.SUM, Aggregation.AVERAGE, Aggregation.MAXIMUM, Aggregation.MINIMUM)


def make_dashboards(world: World) -> dict[int, str]:
    """Dashboards of 8 and 20 charts over a year of days: their addresses by the number of charts."""
    if world.dashboards:
        return world.dashboards
    dataset = world.dataset("charts", row_key="content")
    world.load(dataset, rows(20_000))
    kpis = [
        world.kpi(f"chart-{number}", dataset, aggregation=AGGREGATIONS[number % 4], expression=MEASURES[number // 4])
        for number in range(20)
    ]
    assert rollups.recompute_dataset(world.organization.pk, dataset.pk)
    with tenant_transaction(world.organization.pk):
        for count in (8, 20):
            panels = [PanelSpec(kpi) for kpi in kpis[:count]]
            dashboard = dashboards.create_dashboard(
                world.actor, world.organization, name=f"{count} charts", panels=panels
            )
            world.dashboards[count] = reverse("metrics:dashboard-detail", args=[dashboard.pk])
    return world.dashboards


def dashboard(world: World) -> list[Result]:
    """Row 1, in this process and without a network: what the server does for a page."""
    addresses, product, floor = make_dashboards(world), member_of(world), floor_client(world)
    base, eight, twenty = in_turn(
        lambda: floor("/page/"),
        lambda: product(addresses[8], ASKED),
        lambda: product(addresses[20], ASKED),
        rounds=ROUNDS,
        warm_up=5,
    )
    statements = {count: _statements(product, address) for count, address in addresses.items()}
    # Another address each time shows what a page costs that is not kept
    turn = iter(range(10**6))
    remade, cold = in_turn(
        lambda: product(addresses[8], ASKED | {"turn": next(turn)}),
        lambda: (cache.clear(), product(addresses[8], ASKED)),
        rounds=10,
    )
    tag = product(addresses[8], ASKED).headers["ETag"]
    (unchanged,) = in_turn(lambda: product(addresses[8], ASKED, tag), rounds=ROUNDS)
    p95 = eight.at(0.95) / base.at(0.95)
    facts = {"statements_of_20_charts": statements[20]}
    growth = statements[20] / statements[8]
    what = "dashboard of 8 charts x 365 days"
    return [
        Result(1, f"{what}, p50", base.median, eight.median, ratio=ratio_of(eight, base), limit="<= 1.0"),
        Result(1, f"{what}, p95", base.at(0.95), eight.at(0.95), ratio=p95, limit="<= 1.0"),
        Result(1, "statements of 8 charts", ratio=statements[8], limit="<= 8", facts=facts),
        Result(1, "statements of 20 charts over those of 8", ratio=growth, limit="<= 1.0"),
        Result(1, "dashboard of 20 charts, p50", base.median, twenty.median, ratio=ratio_of(twenty, base)),
        Result(1, f"{what}, another address over kept figures", base.median, remade.median),
        Result(1, f"{what}, nothing kept", base.median, cold.median),
        Result(
            6,
            f"{what}, unchanged (304), against a page that is made",
            remade.median,
            unchanged.median,
            ratio=unchanged.median / remade.median,
            limit="<= 0.4",
        ),
    ]


def middleware(world: World) -> list[Result]:
    """Row 11: an authorised page that shows nothing."""
    product, floor = member_of(world), floor_client(world)
    base, empty = in_turn(lambda: floor("/partial/"), lambda: product("/bench/empty/"), rounds=200, warm_up=20)
    facts = {"statements": _statements(product, "/bench/empty/")}
    return [
        Result(
            11,
            "authorised empty page",
            base.median,
            empty.median,
            ratio=ratio_of(empty, base),
            limit="<= 1.3",
            facts=facts,
        )
    ]


def member_of(world: World) -> Any:
    """What asks for a page as the organization's owner."""
    return _asking(signed_in(world))


def floor_client(world: World) -> Any:
    """What asks for a page of the floor."""
    with world.cursor() as cursor:
        pages.make_rows(cursor)
    with override_settings(MIDDLEWARE=pages.MIDDLEWARE):
        client = signed_in(world)
        client.handler.load_middleware()
    return _asking(client)


def floor_poster(world: World) -> Any:
    """What ticks one row of the floor after another."""
    with override_settings(MIDDLEWARE=pages.MIDDLEWARE):
        client = signed_in(world)
        client.handler.load_middleware()
    rows = count(1)

    def tick() -> Any:
        answer = client.post(f"/tick/{next(rows)}/")
        if answer.status_code != HTTPStatus.NO_CONTENT:
            raise RuntimeError(f"The floor answered {answer.status_code}.")
        return answer

    return tick


def signed_in(world: World) -> Client:
    """A client with the owner's session in the organization."""
    client = Client()
    client.force_login(world.owner, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session[SESSION_KEY] = world.organization.pk
    session.save()
    return client


def _asking(client: Client) -> Any:
    def ask(address: str, facts: Any = None, tag: str = "") -> Any:
        answer = client.get(address, facts, headers={"If-None-Match": tag} if tag else {})
        if answer.status_code != (304 if tag else 200):
            raise RuntimeError(f"{address} answered {answer.status_code}.")
        return answer

    return ask


def _statements(ask: Any, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        ask(address, ASKED if "dashboards" in address else None)
    return sum(
        not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for query in seen.captured_queries
    )
