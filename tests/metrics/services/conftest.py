"""Another PostgreSQL database for sources to ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from metrics.models import Dataset
from organization.access import Actor
from organization.models import Organization
from tests.factories.metrics import make_dataset
from tests.metrics.sourcing import Elsewhere, elsewhere


@pytest.fixture(scope="module")
def database(django_db_setup: None) -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


@pytest.fixture
def asked(database: Elsewhere, settings: Any) -> Iterator[None]:
    """The tests' server may be asked; its orders are gone afterwards."""
    settings.PULL_PRIVATE_HOSTS = [database.host]
    yield
    database.run("TRUNCATE orders")


@pytest.fixture
def dataset(owner: Actor, scope: Organization) -> Dataset:
    return make_dataset(owner, scope)
