"""Imports and what is computed from them: real lines in bulk, and a late row that costs what it touches."""

from __future__ import annotations

import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from metrics.choices import GrainCode
from metrics.models import Rollup
from metrics.services.rollups import recompute_dataset
from organization.access import Actor
from organization.models import Organization
from tests.factories.metrics import make_kpi
from tests.metrics.importing import imported

pytestmark = pytest.mark.django_db

SALES = "ID,Date,Sales\n" + "".join(f"{n},2024-{n % 6 + 1:02}-{n % 28 + 1:02},{n}\n" for n in range(1, 200))


def places() -> dict[tuple[int, Any], str]:
    """Where each rollup row lies in its table: a row that is computed again lies elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT grain, bucket_start, ctid::text FROM metrics_rollup WHERE breakdown_id = 0")
        return {(grain, start): place for grain, start, place in cursor.fetchall()}


def test_m5_late_row_recomputes_only_the_periods_it_lies_in(scope: Organization, owner: Actor) -> None:
    dataset = imported(owner, scope, SALES).dataset
    kpi = make_kpi(owner, scope, dataset=dataset, aggregation="sum", expression="sales")
    recompute_dataset(scope.pk, dataset.pk)
    before = places()

    imported(owner, scope, SALES + "900,2024-03-11,0.5\n")
    recompute_dataset(scope.pk, dataset.pk)

    after = places()
    moved = {key for key in before if before[key] != after[key]}
    assert {GrainCode(grain).name: f"{start:%m-%d}" for grain, start in moved} == {
        "DAY": "03-11",
        "WEEK": "03-11",
        "MONTH": "03-01",
        "QUARTER": "01-01",
        "YEAR": "01-01",
    }
    assert len(moved) == 5
    assert after.keys() == before.keys()
    version = kpi.versions.get()
    total = Rollup.objects.get(version_id=version.pk, grain=GrainCode.YEAR)
    assert total.sum == sum(range(1, 200)) + Decimal("0.5")


def test_m5_half_a_million_real_lines_are_stored_with_their_repetitions(
    scope: Organization, owner: Actor, shared_data: Path
) -> None:
    path = shared_data / "crm" / "online_retail.csv.gz"
    with gzip.open(path, "rb") as file:
        lines = Counter(file.read().splitlines()[1:])

    batch = imported(owner, scope, path)

    assert (batch.rows_read, batch.rows_created, batch.rows_refused) == (541_909, 541_909, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE row_key LIKE '%%-%%') FROM metrics_observation WHERE dataset_id = %s",
            [batch.dataset_id],
        )
        stored, repeated = cursor.fetchone()
    assert stored == batch.dataset.row_count == 541_909
    assert repeated == sum(count - 1 for count in lines.values()) > 5_000
    assert batch.dataset.is_daily is False
