"""Rollups equal the observations: against the slow reference, incrementally and from scratch."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics.choices import GrainCode
from metrics.engine.rollups import Aggregation, Kind, Row, roll_up
from metrics.models import Dataset, DimensionValue, Kpi, Rollup
from metrics.queries.series import value_of
from metrics.services import rollups
from organization.access import Actor
from organization.engine.periods import Grain, periods
from organization.models import Organization
from tests.factories.metrics import load, make_dataset, make_kpi

pytestmark = pytest.mark.django_db

START, END = datetime(2024, 12, 20, tzinfo=UTC), datetime(2025, 4, 10, tzinfo=UTC)


def random_rows(seed: int, count: int = 400) -> list[dict[str, Any]]:
    """Orders over sixteen weeks with missing values, repeated customers and equal instants."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        moment = START + timedelta(minutes=chance.randrange(int((END - START).total_seconds() // 60) // 30) * 30)
        rows.append(
            {
                "id": f"r{number}",
                "at": moment,
                "quantity": chance.choice([None, -2, 1, 3, Decimal("0.125")]),
                "price": chance.choice([None, Decimal("2.55"), Decimal("19.99"), Decimal("0.01")]),
                "customer": chance.choice([None, "anna", "bo", "chen", "dora"]),
                "country": chance.choice([None, "France", "中国"]),
                "invoice": f"i{chance.randrange(count // 3)}",
            }
        )
    return rows


def recompute(dataset: Dataset) -> None:
    assert rollups.recompute_dataset(dataset.organization_id, dataset.pk)


def stored(kpi: Kpi, grain: GrainCode, breakdown_id: int = 0) -> dict[Any, Decimal]:
    """What the store says: (bucket, keys) -> value."""
    version = kpi.versions.get()
    rows = Rollup.objects.filter(version_id=version.pk, grain=grain, breakdown_id=breakdown_id)
    return {
        (row.bucket_start, row.key1): value_of(
            version.aggregation, (row.n, row.sum, row.min, row.max, row.first, row.last, row.value)
        )
        for row in rows
    }


CASES = {
    "sum": ({"aggregation": "sum", "expression": "revenue"}, Aggregation(Kind.SUM)),
    "count": ({"aggregation": "count"}, Aggregation(Kind.COUNT)),
    "average": ({"aggregation": "average", "expression": "revenue"}, Aggregation(Kind.AVERAGE)),
    "minimum": ({"aggregation": "minimum", "expression": "revenue"}, Aggregation(Kind.MINIMUM)),
    "maximum": ({"aggregation": "maximum", "expression": "revenue"}, Aggregation(Kind.MAXIMUM)),
    "distinct": ({"aggregation": "distinct", "subject": "customer"}, Aggregation(Kind.DISTINCT, of="customer")),
    "repeat": (
        {"aggregation": "repeat", "subject": "customer", "occasion": "invoice", "at_least": 3},
        Aggregation(Kind.REPEAT, of="customer", per="invoice", at_least=3),
    ),
    "median": ({"aggregation": "median", "expression": "revenue"}, Aggregation(Kind.MEDIAN)),
    "percentile": (
        {"aggregation": "percentile", "expression": "revenue", "percentile": Decimal("90")},
        Aggregation(Kind.PERCENTILE, fraction=Decimal("0.9")),
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("timezone", ["Asia/Shanghai", "America/New_York"])
def test_m2_rollup_of_every_grain_equals_the_reference(
    scope: Organization, owner: Actor, case: str, timezone: str
) -> None:
    Organization.objects.update(timezone=timezone, fiscal_year_starts_month=4)
    scope.refresh_from_db()
    dataset = make_dataset(owner, scope)
    definition, aggregation = CASES[case]
    kpi = make_kpi(owner, scope, dataset=dataset, breakdowns=[("country",)], **definition)
    rows = random_rows(7)
    load(dataset, rows[:250])
    recompute(dataset)
    load(dataset, rows[250:])
    recompute(dataset)

    facts = [
        Row(
            row["at"],
            row["id"],
            Decimal(1) if case == "count" else revenue(row),
            {name: row[name] for name in ("customer", "country", "invoice")},
        )
        for row in rows
    ]
    codes = dict(DimensionValue.objects.filter(column__key="country").values_list("value", "code")) | {None: 0}
    by_country = kpi.versions.get().breakdowns.get()
    for grain in GrainCode:
        if grain == GrainCode.HOUR:
            continue
        spans = [(p.start, p.end) for p in periods(Grain(grain.name.lower()), START, END, scope.period_rule)]
        expected = {(key[0], 0): value for key, value in roll_up(facts, spans, aggregation).items()}
        split = {
            (key[0], codes[key[1]]): value for key, value in roll_up(facts, spans, aggregation, by=("country",)).items()
        }

        assert without_missing(stored(kpi, grain)) == pytest.approx(without_missing(expected), rel=Decimal("1e-30"))
        assert without_missing(stored(kpi, grain, by_country.pk)) == pytest.approx(
            without_missing(split), rel=Decimal("1e-30")
        )


def revenue(row: dict[str, Any]) -> Decimal | None:
    return None if None in (row["quantity"], row["price"]) else Decimal(row["quantity"]) * row["price"]


def without_missing(values: dict[Any, Decimal | None]) -> dict[Any, Decimal]:
    """Buckets that hold a value; a count of none says the same as no bucket."""
    return {key: value for key, value in values.items() if value}
