"""Fixtures for every test. The servers are started by `ops_platform.testing.plugin`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops_platform.testing.database import copy_the_migrated_database, roles_of_production
from ops_platform.testing.tools import CHROMIUM_ARGUMENTS, chromium
from organization.access import Actor
from organization.models import Organization
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_organization

SHARED_DATA = Path(os.environ.get("OPS_SHARED_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    copy_the_migrated_database()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), roles_of_production():
        yield


@pytest.fixture
def shared_data() -> Path:
    """The folder of other people's real data; skips where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"No shared data at {SHARED_DATA}; set OPS_SHARED_DATA.")
    return SHARED_DATA


@pytest.fixture
def organization(db: None) -> Organization:
    """An organization whose scope is not open: tests through a door open it there."""
    return make_organization()


@pytest.fixture
def scope(organization: Organization) -> Iterator[Organization]:
    """The organization with its scope open: for services and queries."""
    with tenant_context(organization.pk):
        yield organization


@pytest.fixture
def owner(scope: Organization) -> Actor:
    """An owner's actor in the open organization."""
    return make_actor("owner")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, quiet on a closed network."""
    return {**browser_type_launch_args, "executable_path": chromium(), "args": list(CHROMIUM_ARGUMENTS)}
