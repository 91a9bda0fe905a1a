"""What is the same on every machine: how much a small change reads, however long the history is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from metrics.choices import GrainCode
from metrics.models import Dataset
from metrics.services import rollups
from ops_platform.testing.database import as_migrator
from organization.access import Actor
from organization.models import Organization
from tests.factories.metrics import at, load, make_dataset, make_kpi

pytestmark = pytest.mark.django_db
CHANGES = re.compile(r"(INSERT INTO|DELETE FROM) metrics_rollup\b")
NOW = at("2025-06-01", "00:00+00:00")


@contextmanager
def pages_touched() -> Iterator[list[int]]:
    """How many pages each statement that drops or makes rollups looks at; it is still carried out."""
    found: list[int] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not CHANGES.search(sql):
            return execute(sql, params, many, context)
        result = execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params, many, context)
        (plan,) = context["cursor"].fetchone()
        top = (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]
        found.append(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
        return result

    with connection.execute_wrapper(explain):
        yield found


def filled(owner: Actor, organization: Organization, years: int) -> Dataset:
    """Eight rows a day over the years before NOW, rolled up by hour with a breakdown."""
    dataset = make_dataset(owner, organization, row_key="content", is_daily=False)
    make_kpi(
        owner, organization, dataset=dataset, aggregation="sum", expression="quantity", grain=GrainCode.HOUR,
        breakdowns=[("country",)],
    )  # fmt: skip
    load(dataset, [row(number, NOW - timedelta(hours=3 * number)) for number in range(1, 8 * 365 * years)])
    assert rollups.recompute_dataset(organization.pk, dataset.pk)
    with as_migrator(), connection.cursor() as cursor:
        cursor.execute("ANALYZE metrics_observation; ANALYZE metrics_rollup")
    return dataset


def row(number: int, moment: Any) -> dict[str, Any]:
    return {"id": f"r{number}", "at": moment, "quantity": 1, "country": f"c{number % 5}"}


def test_a_small_change_reads_no_more_in_ten_years_of_history_than_in_one(scope: Organization, owner: Actor) -> None:
    touched = []
    for years in (1, 10):
        dataset = filled(owner, scope, years)
        load(dataset, [row(10**6 + number, NOW + timedelta(minutes=number)) for number in range(30)])
        with pages_touched() as found:
            assert rollups.recompute_dataset(scope.pk, dataset.pk)
        touched.append(sum(found))

    short, long = touched
    assert short > 50
    assert (
        long <= 1.1 * short + 60
    )  # an index that is ten times as large is a level deeper for each of its twelve statements
