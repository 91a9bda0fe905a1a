"""Generated calls of the API, well formed and malformed, by callers of all kinds; every answer is held to the description."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks

from organization.choices import BuiltInRole
from organization.models import Organization
from organization.permissions import all_permissions
from organization.services.tokens import create_token
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_member
from tests.project.url_objects import MAKERS, objects_for

CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
ANYTHING = {"id": 1, "pk": 1, "key": "x", "day": "2026-01-01"}
NUMBERED = ("assignment", "panel", "annotation", "share", "run")
NOBODY = "ops_1_nobody"
REAL_PATHS = 0.7


@dataclass
class World:
    """A company with one object of each kind, and tokens of every role. seen: (operation, status) -> how often."""

    organization: Organization
    tokens: list[str]
    paths: dict[str, dict[str, Any]]
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)


@lru_cache(maxsize=1)
def described() -> Any:
    """The description, as a client gets it."""
    raw = Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    found = schemathesis.openapi.from_dict(raw)
    found.app = _whole
    return found


def _whole(environ: Any, start_response: Any) -> list[bytes]:
    """The application; files are read to their end and closed, as a server does."""
    answer = get_wsgi_application()(environ, start_response)
    try:
        return list(answer)
    finally:
        answer.close()


def operations() -> Iterator[Any]:
    """Every operation, in the order of the description."""
    for found in described().get_all_operations():
        yield found.ok()


def name_of(operation: Any) -> str:
    """The operation's id."""
    return str(operation.definition.raw["operationId"])


def make_world(organization: Organization, wanted: list[Any]) -> World:
    """The company with what the wanted operations name in their paths."""
    routes = {operation.path: _route(operation.path) for operation in wanted}
    made = objects_for(organization, {route for route in routes.values() if route in MAKERS})
    tokens = [_token(organization, role) for role in BuiltInRole] + [NOBODY]
    named = {path: made[route] for path, route in routes.items() if route in made}
    paths = {
        path: {"id" if key == "pk" else key: value for key, value in kwargs.items()} for path, kwargs in named.items()
    }
    return World(organization, tokens, paths)


@contextmanager
def kept_connection() -> Iterator[None]:
    """As Django's own test client: the connection, and with it the transaction of the test, outlives each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def exercise(world: World, operation: Any, *, examples: int) -> None:
    """Call the operation so often; raises what a check finds."""
    chance = random.Random(name_of(operation))  # the same calls each time
    shares = {GenerationMode.POSITIVE: examples - examples // 3, GenerationMode.NEGATIVE: examples // 3}
    real = world.paths.get(operation.path)
    for mode, share in shares.items():
        for path, count in _split(share, real, chance):
            if count:
                with kept_connection():
                    _run(operation.as_strategy(generation_mode=mode, path_parameters=path), world, chance, count)


def _run(strategy: Any, world: World, chance: random.Random, count: int) -> None:
    @seed(20_260_101)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def call(case: Any) -> None:
        cache.clear()  # a thousand calls a minute are the point here
        # Most by those who may, so that more than the door is tried
        token = world.tokens[0] if chance.random() < 0.5 else chance.choice(world.tokens)
        plain = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        case.headers = {**(case.headers or {}), **plain}
        response = case.call()
        world.seen[name_of(case.operation), response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    call()


def _split(count: int, real: dict[str, Any] | None, chance: random.Random) -> list[tuple[dict[str, Any] | None, int]]:
    if real is None:
        return [(None, count)]
    most = round(count * REAL_PATHS)
    return [(real, most), (None, count - most)]


def _route(path: str) -> str:
    filled = path
    for name, value in (ANYTHING | dict.fromkeys(NUMBERED, 1)).items():
        filled = filled.replace(f"{{{name}}}", str(value))
    return resolve(filled).view_name


def _token(organization: Organization, role: str) -> str:
    with tenant_transaction(organization.pk):
        owner = actor_of(make_member("owner"))
        _row, text = create_token(
            owner,
            organization,
            name=str(role),
            member=make_member(role),
            codenames=[permission.codename for permission in all_permissions()],
            expires_at=timezone.now() + timedelta(days=1),
        )
    return text
