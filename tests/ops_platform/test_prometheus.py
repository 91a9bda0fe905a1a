"""Figures for Prometheus: who may read them, and that they are what happened."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from ops_platform.prometheus import BETWEEN, KEY, SECONDS, note
from organization.models import Organization
from organization.tasks import forget_keys
from organization.tenancy import tenant_context
from tests.factories import make_member
from tests.metrics.helpers import client_of

pytestmark = pytest.mark.django_db(databases=["default", "dispatcher"])
TOKEN = "a-token-for-figures"


@pytest.fixture(autouse=True)
def _watched(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def figures() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = Client().get("/metricsz", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def value(name: str, **labels: object) -> float | None:
    return figures().get((name, tuple(sorted((key, str(value)) for key, value in labels.items()))))


@pytest.mark.parametrize("given", [None, "Bearer wrong", "Basic eA==", f"Bearer {TOKEN}x"])
def test_figures_are_for_the_holder_of_the_token(given: str | None) -> None:
    answer = Client().get("/metricsz", headers={"Authorization": given} if given else {})

    assert answer.status_code == 401
    assert "ops_" not in answer.text


def test_without_a_token_there_is_no_such_address(settings: Any) -> None:
    settings.METRICS_TOKEN = ""

    assert Client().get("/metricsz").status_code == 404


def test_requests_are_counted_by_route_and_never_by_path(organization: Organization) -> None:
    with tenant_context(organization.pk):
        client = client_of(make_member("owner"))
    labels = {"method": "GET", "route": "metrics:kpi-detail", "status": 404}
    before = value("ops_requests_total", **labels) or 0

    for pk in (901, 902):
        client.get(reverse("metrics:kpi-detail", args=[pk]))

    assert value("ops_requests_total", **labels) == before + 2
    assert value("ops_request_seconds_count", route="metrics:kpi-detail") == before + 2
    assert [name for name in figures() if "901" in str(name)] == []


def test_times_fall_into_the_bucket_that_holds_them() -> None:
    for seconds in (0.005, 0.03, 0.03, 99.0):
        note("requests", ("GET", "made-up", 200), "request_seconds", "made-up", seconds, SECONDS)

    heights = [
        value("ops_request_seconds_bucket", route="made-up", le=bound)
        for bound in ("0.01", "0.025", "0.05", "10", "+Inf")
    ]
    assert heights == [1, 1, 3, 3, 4]
    assert value("ops_request_seconds_sum", route="made-up") == pytest.approx(99.065)
    redis = cache._cache.get_client(None, write=True)
    redis.hdel(KEY + "requests", BETWEEN.join(("GET", "made-up", "200")))


def test_tasks_are_counted_by_outcome() -> None:
    before = value("ops_tasks_total", task="organization.forget_keys", outcome="success") or 0

    forget_keys.apply()

    assert value("ops_tasks_total", task="organization.forget_keys", outcome="success") == before + 1


def test_what_waits_is_read_when_it_is_asked_for() -> None:
    assert value("ops_deliveries_parked") is not None
    assert value("ops_queue_messages", queue="reports") is not None
    assert [value("ops_up", part=part) for part in ("database", "broker", "redis")] == [1, 1, 1]
