"""What is measured: an organization with a dataset of orders, and rows that are the same in every run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
from django.conf import settings

from metrics.choices import Aggregation, ColumnRole, GrainCode, RowKey, Source
from metrics.models import Dataset, ImportBatch, Kpi
from metrics.services import datasets, kpis
from metrics.services.datasets import ColumnSpec
from metrics.services.kpis import DefinitionSpec
from metrics.services.loading import Counts, Loader
from organization.access import Actor, system_actor
from organization.models import Organization, User
from organization.services.organizations import found_organization
from organization.services.references import next_reference
from organization.tenancy import tenant_transaction

START, DAYS = datetime(2025, 1, 1, tzinfo=UTC), 365
SERIES, CUSTOMERS, COUNTRIES = 200, 5_000, 40
CHUNK = 50_000
PASSWORD = "a-long-password-1"  # noqa: S105  # of a person who lives for one run
COLUMNS = (
    ColumnSpec("at", ColumnRole.INSTANT),
    ColumnSpec("id", ColumnRole.KEY),
    ColumnSpec("quantity", ColumnRole.MEASURE),
    ColumnSpec("price", ColumnRole.MEASURE),
    ColumnSpec("series", ColumnRole.DIMENSION),
    ColumnSpec("customer", ColumnRole.DIMENSION),
    ColumnSpec("country", ColumnRole.DIMENSION),
)


@dataclass(frozen=True)
class Rows:
    """Rows column by column, as the loader takes them."""

    instants: list[datetime]
    keys: list[str]
    numbers: dict[str, list[str | None]]
    texts: dict[str, list[str | None]]

    def as_copy(self) -> bytes:
        """The same rows as the text that COPY reads, dimensions as numbers."""
        columns: list[Any] = [
            [instant.isoformat() for instant in self.instants],
            self.keys,
            self.numbers["quantity"],
            self.numbers["price"],
            *([str(value)[1:] for value in self.texts[name]] for name in ("series", "customer", "country")),
        ]
        return "\n".join(map("\t".join, zip(*columns, strict=True))).encode() + b"\n"

    def as_csv(self) -> bytes:
        """The same rows as a file that somebody uploads."""
        columns: list[Any] = [
            [instant.strftime("%Y-%m-%d %H:%M:%S") for instant in self.instants],
            self.keys,
            self.numbers["quantity"],
            self.numbers["price"],
            *(self.texts[name] for name in ("series", "customer", "country")),
        ]
        return "\n".join(map(",".join, zip(*columns, strict=True))).encode() + b"\n"


def rows(count: int, *, start: datetime = START, days: float = DAYS, first: int = 0) -> Iterator[Rows]:
    """`count` rows in order of time over `days`, in chunks."""
    step = timedelta(days=days) / count
    for begin in range(0, count, CHUNK):
        places = range(begin, min(begin + CHUNK, count))
        yield Rows(
            [(start + place * step).replace(microsecond=0) for place in places],
            [f"k{first + place}" for place in places],
            {
                "quantity": [str(1 + place % 7) for place in places],
                "price": [f"{place * 7919 % 100_000 / 100:.2f}" for place in places],
            },
            {
                "series": [f"s{place * 7919 % SERIES}" for place in places],
                "customer": [f"c{place * 104_729 % CUSTOMERS}" for place in places],
                "country": [f"l{place * 31 % COUNTRIES}" for place in places],
            },
        )


class World:
    """One organization, and a connection of the tables' owner for the floors."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.dashboards: dict[int, str] = {}
        self.owner = User.objects.create_user("bench@example.com", PASSWORD, name="Bench")
        self.organization: Organization = found_organization(name="Bench", slug="bench", owner=self.owner)
        self.actor: Actor = system_actor(self.organization.pk, "benchmark")
        self.floor = psycopg2.connect(settings.DATABASE_ADMIN_URL)
        self.floor.autocommit = True
        with self.floor.cursor() as cursor:
            cursor.execute("SET timezone = 'UTC'; SET max_parallel_workers_per_gather = 0")

    def cursor(self) -> Any:
        """For the floors."""
        return self.floor.cursor()

    def dataset(self, key: str, *, row_key: str = RowKey.COLUMNS) -> Dataset:
        """An empty dataset of orders."""
        with tenant_transaction(self.organization.pk):
            return datasets.create_dataset(
                self.actor,
                self.organization,
                name=key,
                key=key,
                columns=COLUMNS,
                row_key=row_key,
                is_daily=False,
            )

    def kpi(self, key: str, dataset: Dataset, *, grain: GrainCode = GrainCode.DAY, **spec: Any) -> Kpi:
        """A sum of prices unless something else is given."""
        facts = {"aggregation": Aggregation.SUM, "expression": "price"} | spec
        with tenant_transaction(self.organization.pk):
            return kpis.create_kpi(
                self.actor,
                self.organization,
                name=key,
                key=key,
                grain=grain,
                definition=DefinitionSpec(dataset=dataset, **facts),
            )

    def load(self, dataset: Dataset, chunks: Iterator[Rows]) -> Counts:
        """Load rows as one batch."""
        with tenant_transaction(self.organization.pk):
            dataset.refresh_from_db()
            batch = ImportBatch.objects.create(
                dataset=dataset, reference=next_reference("IMP"), source=Source.FILE, started_by=None
            )
            loader = Loader(dataset, list(dataset.columns.all()), batch)
            for chunk in chunks:
                loader.add(chunk.instants, chunk.keys, chunk.numbers, chunk.texts)
            return loader.merge()
