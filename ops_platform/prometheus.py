"""`/metricsz`: figures for Prometheus, for whoever holds METRICS_TOKEN; without that setting there is no such address.

Every process adds what it did to hashes in Redis, so that one scrape of any host tells of the whole installation. Redis
may forget them, which Prometheus takes for a restart. What waits is asked of database and broker at the moment of the
scrape. Names follow Prometheus' own conventions: base units, `_total`.
"""

from __future__ import annotations

import hmac
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache as once
from itertools import accumulate
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connections, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from ops_platform.celery import app
from ops_platform.supervisor.programs import QUEUES

log = structlog.get_logger(__name__)

KEY = "ops:figures:"
BETWEEN = "\x1f"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
TASK_SECONDS = (0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900)
WAITING = """
SELECT 'ops_deliveries_waiting', count(*) FROM organization_eventdelivery WHERE done_at IS NULL AND parked_at IS NULL
UNION ALL SELECT 'ops_deliveries_parked', count(*) FROM organization_eventdelivery WHERE parked_at IS NOT NULL
UNION ALL SELECT 'ops_delivery_lag_seconds', coalesce(extract(epoch FROM now() - min(due_at)), 0)
  FROM organization_eventdelivery WHERE done_at IS NULL AND parked_at IS NULL AND due_at <= now()
UNION ALL SELECT 'ops_rollup_marks_waiting', count(*) FROM metrics_rollupmark
UNION ALL SELECT 'ops_imports_running', count(*) FROM metrics_importbatch WHERE status IN ('checking','loading','undoing')
UNION ALL SELECT 'ops_reports_waiting', count(*) FROM automation_reportrun WHERE due_at IS NOT NULL
"""
MEANINGS = {
    "ops_deliveries_waiting": "Deliveries of events that wait.",
    "ops_deliveries_parked": "Deliveries that were given up and wait for a person.",
    "ops_delivery_lag_seconds": "Age of the oldest delivery that is due.",
    "ops_rollup_marks_waiting": "Buckets of figures to be computed anew.",
    "ops_imports_running": "Imports that are being checked, loaded or undone.",
    "ops_reports_waiting": "Runs of scheduled reports with copies to send.",
}


def is_on() -> bool:
    """Whether figures are kept: a token is set, and the extra `ops` is installed."""
    return bool(settings.METRICS_TOKEN) and _library() is not None


def note(
    counter: str, labels: Sequence[object], histogram: str, name: str, seconds: float, bounds: Sequence[float]
) -> None:
    """Count one more of `labels`, and its time among those of `name`. Redis may be away: then it is not counted."""
    place = bisect_left(bounds, seconds)
    try:
        pipe = _redis().pipeline(transaction=False)
        pipe.hincrby(KEY + counter, BETWEEN.join(map(str, labels)), 1)
        pipe.hincrby(KEY + histogram, f"{name}{BETWEEN}{place}", 1)
        pipe.hincrbyfloat(KEY + histogram, f"{name}{BETWEEN}sum", seconds)
        pipe.execute()
    except (RedisError, OSError) as error:
        log.warning("figures.lost", error=type(error).__name__)


class RequestMeter:
    """Counts and times each request by its route, never by its path: a path names objects."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_on():
            return self.get_response(request)
        began = time.perf_counter()
        answer = self.get_response(request)
        match = request.resolver_match
        route = (match.view_name or match.route) if match else "none"
        labels = (request.method, route, answer.status_code)
        note("requests", labels, "request_seconds", route, time.perf_counter() - began, SECONDS)
        return answer


@task_prerun.connect
def _begin(task: Any = None, **_: Any) -> None:
    if is_on() and task is not None:
        task.request.began = time.perf_counter()


@task_postrun.connect
def _end(task: Any = None, state: str | None = None, **_: Any) -> None:
    began = getattr(getattr(task, "request", None), "began", None)
    if began is not None:
        labels = (task.name, (state or "unknown").lower())
        note("tasks", labels, "task_seconds", task.name, time.perf_counter() - began, TASK_SECONDS)


@require_safe
@never_cache
def metricsz(request: HttpRequest) -> HttpResponse:
    """The figures, in Prometheus' text format."""
    library = _library()
    if library is None or not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        refusal = HttpResponse("Send the token of METRICS_TOKEN as a bearer.", status=401, content_type="text/plain")
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    registry = library.CollectorRegistry(auto_describe=False)
    registry.register(Installation(library.core))
    return HttpResponse(library.generate_latest(registry), content_type=library.CONTENT_TYPE_LATEST)


class Installation:
    """What was done and what waits. A part that does not answer is left out, and `ops_up` says so."""

    def __init__(self, families: Any) -> None:
        self._families = families

    def collect(self) -> Iterator[Any]:
        """The families of figures."""
        up = self._families.GaugeMetricFamily("ops_up", "Whether a part answers.", labels=("part",))
        for part, ask in (("database", self._rows), ("broker", self._queues), ("redis", self._done)):
            try:
                found = list(ask())
            except (DatabaseError, RedisError, OperationalError, OSError):
                up.add_metric([part], 0)
            else:
                up.add_metric([part], 1)
                yield from found
        yield up

    def _rows(self) -> Iterator[Any]:
        with transaction.atomic(using="dispatcher"), connections["dispatcher"].cursor() as cursor:
            cursor.execute(WAITING)
            for name, value in cursor.fetchall():
                yield self._families.GaugeMetricFamily(name, MEANINGS[name], value=float(value))

    def _queues(self) -> Iterator[Any]:
        lengths = self._families.GaugeMetricFamily("ops_queue_messages", "Messages in a queue.", labels=("queue",))
        with app.connection_for_read() as connection:
            client = connection.default_channel.client
            for queue in QUEUES.split(","):
                lengths.add_metric([queue], client.llen(queue))
        yield lengths

    def _done(self) -> Iterator[Any]:
        yield self._counter("requests", "Requests by route.", ("method", "route", "status"))
        yield self._histogram("request_seconds", "Time to answer a request.", "route", SECONDS)
        yield self._counter("tasks", "Background tasks by outcome.", ("task", "outcome"))
        yield self._histogram("task_seconds", "Time that a task took.", "task", TASK_SECONDS)

    def _counter(self, name: str, meaning: str, labels: Sequence[str]) -> Any:
        family = self._families.CounterMetricFamily(f"ops_{name}", meaning, labels=labels)
        for field, count in _hash(name).items():
            family.add_metric(field.split(BETWEEN), float(count))
        return family

    def _histogram(self, name: str, meaning: str, label: str, bounds: Sequence[float]) -> Any:
        family = self._families.HistogramMetricFamily(f"ops_{name}", meaning, labels=(label,))
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for field, value in _hash(name).items():
            of, _, place = field.rpartition(BETWEEN)
            found[of][place] = float(value)
        names = [*(str(bound) for bound in bounds), "+Inf"]
        for of, places in found.items():
            heights = accumulate(places.get(str(place), 0.0) for place in range(len(names)))
            family.add_metric([of], list(zip(names, heights, strict=True)), places.get("sum", 0.0))
        return family


def _hash(name: str) -> dict[str, str]:
    return {field.decode(): value.decode() for field, value in _redis().hgetall(KEY + name).items()}


def _redis() -> Any:
    return cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]  # Django's own back end for Redis


@once
def _library() -> Any:
    """prometheus_client, or None where the extra `ops` is not installed."""
    try:
        import prometheus_client.core  # an extra: not every installation is watched
    except ImportError:
        return None
    return prometheus_client
