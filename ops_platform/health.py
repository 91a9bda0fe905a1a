"""`/healthz`: the process answers. `/readyz`: what it needs is there too, with figures.

Answered by a middleware before all others: probes come over plain HTTP, under any host name, without a session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, connections
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from ops_platform.prometheus import metricsz

log = structlog.get_logger(__name__)

OLDEST_DELIVERY = """
SELECT coalesce(extract(epoch FROM now() - min(due_at)), 0)
FROM organization_eventdelivery WHERE done_at IS NULL AND parked_at IS NULL AND due_at <= now()
"""
LAST_TICK = "SELECT extract(epoch FROM now() - beat_at) FROM organization_heartbeat WHERE name = 'beat'"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process takes requests; nothing else is asked, so that a database that is away restarts no web server."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database and Redis answer, beat ticks and the outbox is not behind; 503 otherwise."""
    figures: dict[str, Any] = {}
    ready = True
    for name, ask, is_good in (
        ("database", _database, bool),
        ("redis", _redis, bool),
        ("beat_age_seconds", beat_age, lambda age: age is not None and age <= settings.BEAT_MAX_AGE_SECONDS),
        ("outbox_lag_seconds", _outbox_lag, lambda lag: lag <= settings.OUTBOX_MAX_LAG_SECONDS),
    ):
        figures[name], good = _answer(name, ask, is_good)
        ready &= good
    return JsonResponse({"ready": ready, **figures}, status=200 if ready else 503)


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metricsz": metricsz,
}


class ProbeMiddleware:
    """Stands first in MIDDLEWARE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        if probe is None:
            return self.get_response(request)
        try:
            return probe(request)
        except Http404:
            return HttpResponse("not found", status=404, content_type="text/plain")


def _answer(name: str, ask: Callable[[], Any], is_good: Callable[[Any], bool]) -> tuple[Any, bool]:
    try:
        value = ask()
    except (DatabaseError, RedisError, OSError) as error:
        log.warning("health.unreachable", part=name, error=type(error).__name__)
        return None, False
    return value, is_good(value)


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _redis() -> bool:
    return bool(cache._cache.get_client().ping())  # type: ignore[attr-defined]


def beat_age() -> float | None:
    """Seconds since the last tick that a worker carried out; None before the first."""
    return _seconds("default", LAST_TICK)


def _outbox_lag() -> float | None:
    return _seconds("dispatcher", OLDEST_DELIVERY)


def _seconds(alias: str, query: str) -> float | None:
    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
        return None if row is None else round(float(row[0]), 1)
