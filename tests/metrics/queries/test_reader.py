"""Reading formulas that share operands."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from metrics.models import Kpi
from metrics.queries.series import series, window
from metrics.services import rollups
from metrics.services.kpis import MOST_LEVELS
from organization.access import Actor
from organization.engine.periods import Grain, periods
from organization.models import Organization
from tests.factories.metrics import at, load, make_dataset, make_kpi


def test_m2_formulas_over_shared_formulas_are_walked_once(scope: Organization, owner: Actor) -> None:
    """As many levels as there may be, of two formulas over the two below: half a million ways, thirty-eight formulas."""
    dataset = make_dataset(owner, scope)
    load(dataset, [{"at": at("2026-03-01"), "id": 1, "quantity": 3}])
    left: Kpi = make_kpi(owner, scope, key="left0", dataset=dataset, aggregation="sum", expression="quantity")
    make_kpi(owner, scope, key="right0", dataset=dataset, aggregation="count")
    rollups.recompute_dataset(scope.pk, dataset.pk)
    for level in range(MOST_LEVELS - 1):
        formula = f"(left{level} + right{level}) / 2"
        left = make_kpi(owner, scope, key=f"left{level + 1}", formula=formula)
        make_kpi(owner, scope, key=f"right{level + 1}", formula=formula)
    days = periods(Grain.DAY, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC), scope.period_rule)

    found = series([left.pk], window(days, "", scope.period_rule))

    assert found[left.pk].values == [Decimal(2)]
