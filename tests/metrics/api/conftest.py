"""A company with a dataset and KPIs, and callers with tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from metrics.models import Dataset
from metrics.services import rollups
from organization.models import Organization
from organization.services.tokens import create_token
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_member, make_organization
from tests.factories.metrics import make_dataset, make_kpi

WRITE, SEE = "metrics.observation.write", "metrics.dataset.view"
RIGHTS = [WRITE, SEE, "metrics.kpi.view", "metrics.import.view"]


@dataclass
class Caller:
    """A machine with a token."""

    token: str

    def get(self, path: str, **parameters: Any) -> Any:
        return Client().get(f"/api/v1/{path}", parameters, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("post", path, body, **headers)

    def call(self, method: str, path: str, body: Any = None, *, media: str = "application/json", **headers: str) -> Any:
        """Any call. headers: with _ for -."""
        raw = body if isinstance(body, str | bytes) else b"" if body is None else json.dumps(body)
        every = {"Authorization": f"Bearer {self.token}", **{name.replace("_", "-"): v for name, v in headers.items()}}
        return Client().generic(method.upper(), f"/api/v1/{path}", raw, content_type=media, headers=every)

    def send(self, dataset: str, *rows: dict[str, Any], **headers: str) -> Any:
        return self.post("observations/", {"dataset": dataset, "rows": list(rows)}, **headers)


@dataclass
class Company:
    """The organization with its two datasets: `orders` by key, `visits` by content."""

    organization: Organization
    orders: Dataset
    visits: Dataset

    def caller(self, role: str = "admin", codenames: list[str] = RIGHTS, *, days: float = 1) -> Caller:
        with tenant_transaction(self.organization.pk):
            member = make_member(role)
            owner = actor_of(make_member("owner"))
            _row, text = create_token(
                owner,
                self.organization,
                name="A machine",
                member=member,
                codenames=codenames,
                expires_at=timezone.now() + timedelta(days=days),
            )
        return Caller(text)

    def recompute(self) -> None:
        for dataset in (self.orders, self.visits):
            rollups.recompute_dataset(self.organization.pk, dataset.pk)


def found(**fields: object) -> Company:
    organization = make_organization(**fields)
    with tenant_transaction(organization.pk):
        owner = actor_of(make_member("owner"))
        orders = make_dataset(owner, organization, key="orders")
        visits = make_dataset(owner, organization, key="visits", row_key="content", is_daily=False)
        shared = {"dataset": orders, "expression": "revenue", "breakdowns": [("country",), ("unit",)]}
        make_kpi(owner, organization, key="revenue", aggregation="sum", unit="money", **shared)
        make_kpi(owner, organization, key="orders", aggregation="count", dataset=orders)
        make_kpi(owner, organization, key="basket", formula="revenue / orders")
    return Company(organization, orders, visits)


@pytest.fixture
def make_company() -> Callable[..., Company]:
    return found


@pytest.fixture
def company(db: None) -> Company:
    return found(timezone="Asia/Shanghai")
