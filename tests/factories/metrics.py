"""Datasets, rows and KPIs for tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from metrics.choices import ColumnRole, RowKey
from metrics.models import Dataset, ImportBatch, Kpi
from metrics.services import datasets, kpis
from metrics.services.datasets import ColumnSpec
from metrics.services.kpis import DefinitionSpec
from metrics.services.loading import Counts, Loader
from organization.access import Actor
from organization.models import Organization
from organization.services.references import next_reference

_numbers = itertools.count(1)

ORDER_COLUMNS = (
    ColumnSpec("at", ColumnRole.INSTANT),
    ColumnSpec("id", ColumnRole.KEY),
    ColumnSpec("quantity", ColumnRole.MEASURE),
    ColumnSpec("price", ColumnRole.MEASURE),
    ColumnSpec("customer", ColumnRole.DIMENSION),
    ColumnSpec("country", ColumnRole.DIMENSION),
    ColumnSpec("invoice", ColumnRole.DIMENSION),
    ColumnSpec("unit", ColumnRole.DEPARTMENT),
    ColumnSpec("revenue", ColumnRole.MEASURE, expression="quantity * price"),
)


def make_dataset(
    actor: Actor,
    organization: Organization,
    columns: Iterable[ColumnSpec] = ORDER_COLUMNS,
    *,
    row_key: str = RowKey.COLUMNS,
    **values: Any,
) -> Dataset:
    """A dataset of orders unless other columns are given."""
    number = next(_numbers)
    return datasets.create_dataset(
        actor,
        organization,
        **({"name": f"Orders {number}", "key": f"orders-{number}", "columns": columns, "row_key": row_key} | values),
    )


def make_kpi(actor: Actor, organization: Organization, **values: Any) -> Kpi:
    """A KPI; what is no field of Kpi goes into its definition."""
    number = next(_numbers)
    spec = {name: values.pop(name) for name in DefinitionSpec.__dataclass_fields__ if name in values}
    return kpis.create_kpi(
        actor,
        organization,
        **({"name": f"KPI {number}", "key": f"kpi-{number}", "definition": DefinitionSpec(**spec)} | values),
    )


def load(dataset: Dataset, rows: Sequence[dict[str, Any]]) -> Counts:
    """Load rows given as dicts: `at` an aware datetime, `id` the row key, numbers and texts by column key."""
    dataset.refresh_from_db()
    batch = ImportBatch.objects.create(dataset=dataset, reference=next_reference("IMP"), loaded_at=timezone.now())
    columns = list(dataset.columns.all())
    loader = Loader(dataset, columns, batch)
    by_role = {column.key: column.role for column in columns if column.slot and not column.expression}
    numbers = {key: [text(row.get(key)) for row in rows] for key, role in by_role.items() if role == ColumnRole.MEASURE}
    texts = {key: [row.get(key) for row in rows] for key, role in by_role.items() if role != ColumnRole.MEASURE}
    loader.add([row["at"] for row in rows], [str(row["id"]) for row in rows], numbers, texts)
    return loader.merge()


def text(value: Any) -> str | None:
    """A number as COPY takes it."""
    return None if value is None else str(value)


def at(day: str, clock: str = "12:00+00:00") -> datetime:
    """An aware instant: at("2025-03-01"), at("2025-03-01", "23:30+08:00")."""
    return datetime.fromisoformat(f"{day}T{clock}")
