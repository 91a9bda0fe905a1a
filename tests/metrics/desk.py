"""Seven orders, and dashboards with one panel on them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from metrics.models import Dashboard, DatasetColumn, Kpi
from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.models import Organization
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member
from tests.factories.metrics import make_kpi
from tests.metrics.helpers import client_of, make_shop, order, recompute

NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)
# What was sold, to whom: three months, the last one running
ROWS = [
    order(1, "2026-01-05", 100, "France", customer="Ada"),
    order(2, "2026-01-20", 50, "Spain", customer="Bob"),
    order(3, "2026-02-03", 60, "France", customer="Ada"),
    order(4, "2026-02-10", 30, "Spain", customer="Cleo"),
    order(5, "2026-02-11", 10, None, customer="Dan"),
    order(6, "2026-03-02", 25, "France", customer="Ada"),
    order(7, "2026-03-04", 5, "Spain", customer="Cleo"),
]
MONTHS = {"grain": "month"}
ASKED = {"range": "custom", "first_on": "2026-01-01", "last_on": "2026-03-11"}


class Desk:
    """Dashboards on seven orders."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        with tenant_context(organization.pk):
            self.member = make_member("owner")
            self.owner = actor_of(self.member)
            self.dataset, self.kpi = make_shop(self.owner, organization, ROWS, name="Revenue", key="revenue")
            self.country = self.dataset.columns.get(key="country")
            self.customer = self.dataset.columns.get(key="customer")
        self.client = client_of(self.member)

    def kpi_of(self, **values: Any) -> Kpi:
        with tenant_context(self.organization.pk):
            made = make_kpi(self.owner, self.organization, dataset=self.dataset, **values)
            recompute(self.dataset)
        return made

    def lay_out(self, kind: str, column: DatasetColumn | None = None, **facts: Any) -> Dashboard:
        spec = PanelSpec(facts.pop("kpi", self.kpi), kind, column, **facts)
        with tenant_context(self.organization.pk):
            return create_dashboard(self.owner, self.organization, name="Wall", panels=[spec])

    def figure(self, dashboard: Dashboard, client: Client | None = None, **query: str) -> Any:
        """What the only panel of a dashboard shows, fetched as the page does."""
        answer = (client or self.client).get(self.url(dashboard), ASKED | query)
        assert answer.status_code == 200
        return answer.context["panel"].figure

    def url(self, dashboard: Dashboard, name: str = "panel-detail") -> str:
        with tenant_context(self.organization.pk):
            return reverse(f"metrics:{name}", args=[dashboard.pk, dashboard.panels.get().pk])

    def file(self, dashboard: Dashboard, kind: str = "csv", **query: str) -> list[list[Any]]:
        """The rows of the panel's file, its heads first."""
        answer = self.client.get(self.url(dashboard, "panel-data"), ASKED | {"export": kind} | query)
        assert answer.status_code == 200
        body = b"".join(answer)
        if kind == "xlsx":
            lines: list[list[Any]] = [
                list(row) for row in load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True)
            ]
            return list(lines[next(i for i, line in enumerate(lines) if not any(line)) + 1 :])
        read = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
        return read[read.index([]) + 1 :]
