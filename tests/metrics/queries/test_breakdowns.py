"""The parts of a number down the department tree, each against the target that was set for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from metrics.choices import GrainCode
from metrics.models import KpiTarget
from metrics.queries.kpi_page import kpi_page, kpis_for_page
from metrics.queries.periods import Asked
from metrics.services import rollups
from organization.access import Actor
from organization.engine.periods import Grain
from organization.models import Organization
from organization.services.departments import create_department
from tests.factories.metrics import at, load, make_dataset, make_kpi


def test_m3_department_is_judged_by_its_own_target(scope: Organization, owner: Actor) -> None:
    sales = create_department(owner, scope, name="Sales", code="S")
    north = create_department(owner, scope, name="North", code="N", parent=sales)
    create_department(owner, scope, name="South", code="X", parent=sales)
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(
        owner,
        scope,
        dataset=dataset,
        aggregation="sum",
        expression="quantity",
        breakdowns=[("unit",)],
        grain=GrainCode.DAY,
    )
    load(
        dataset,
        [
            {"at": at("2026-03-01"), "id": 1, "quantity": 60, "unit": "N"},
            {"at": at("2026-03-01"), "id": 2, "quantity": 30, "unit": "X"},
        ],
    )
    rollups.recompute_dataset(scope.pk, dataset.pk)
    for department, value in ((sales, 100), (north, 50)):
        KpiTarget.objects.create(
            kpi=kpi, department=department, grain=GrainCode.DAY, starts_on=date(2026, 1, 1), value=value,
            warning_margin=Decimal("0.2"),
        )  # fmt: skip

    page = kpi_page(
        owner,
        kpis_for_page(owner).get(pk=kpi.pk),
        Asked(range="", grain=Grain.DAY),
        as_of=datetime(2026, 3, 2, 9, tzinfo=UTC),
        rule=scope.period_rule,
        currency="EUR",
    )

    (tree,) = [view for view in page.breakdowns if view.column.by_department]
    assert tree.has_targets
    assert [(bar.name, bar.value, bar.target_text, bar.status and bar.status.level) for bar in tree.bars] == [
        ("Sales", Decimal(90), "100", "watch"),
        ("North", Decimal(60), "50", "good"),
        ("South", Decimal(30), "", None),
    ]
