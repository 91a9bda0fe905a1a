"""The pytest plugin of this project: PostgreSQL and Redis for the run, started before the settings are read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from ops_platform.supervisor.children import Children

STARTED = "OPS_TEST_SERVICES"
FAILED_CHECKS = "OPS_FAILED_CHECKS"
_children: Children | None = None


def _start_services() -> None:
    """Once per run: in the controlling process, before the settings are read."""
    global _children
    if os.environ.get(STARTED):
        return
    from ops_platform.testing import services

    _children = Children()
    try:
        started = services.start(_children)
    except BaseException:
        _children.stop()
        raise
    os.environ.update(started.environment, **{STARTED: str(started.folder)})


def _choose_redis_database() -> None:
    """Each parallel worker empties its own cache only."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].partition('?')[0]}?db={int(worker) + 1}"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    _start_services()
    _choose_redis_database()


def pytest_configure() -> None:
    import hypothesis
    from django.conf import settings

    # An example may take as long as a busy machine needs: no test is one of time
    hypothesis.settings.register_profile("here", deadline=None)
    hypothesis.settings.load_profile("here")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The checks that failed before the tests, where they are not overlooked: just above the last line."""
    failed = os.environ.get(FAILED_CHECKS)
    if failed:
        terminalreporter.write_line(f"FAILED before these tests: {failed}", red=True)


def pytest_unconfigure() -> None:
    if _children is not None:
        _children.stop()


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A request leaves its reader's language and zone active in the process; the next test must not inherit them."""
    yield
    from django.utils import timezone, translation

    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """What one test cached is gone for the next."""
    yield
    from django.core.cache import caches

    for cache in caches.all(initialized_only=True):
        cache.clear()
