"""Figures that are entered by hand, for tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from metrics.models import EntryPlan, Kpi
from metrics.services.entries import Cell, Outcome, enter_figures
from metrics.services.entry_plans import PlanSpec, create_entered_kpi
from organization.access import Actor
from organization.choices import BuiltInRole
from organization.models import Organization, Role

FIRST = date(2026, 1, 1)


def make_entered(owner: Actor, organization: Organization, **values: Any) -> tuple[Kpi, EntryPlan]:
    """A KPI entered by the month from January 2026 on, by managers unless a member or another role is given."""
    spec: dict[str, Any] = {name: values.pop(name) for name in PlanSpec.__dataclass_fields__ if name in values}
    if "member" not in spec:
        spec.setdefault("role", Role.objects.get(key=BuiltInRole.MANAGER))
    facts = {"name": "Complaints", "key": "complaints", "together": "sum"} | values
    kpi = create_entered_kpi(owner, organization, plan=PlanSpec(**({"grain": 4, "starts_on": FIRST} | spec)), **facts)
    return kpi, EntryPlan.objects.select_related("dataset__department").get(dataset__key=kpi.key)


def cell(plan: EntryPlan, starts_on: date, value: Any, *, version: int = 0, place: int | None = None) -> Cell:
    """A cell of the plan's one figure."""
    column = plan.dataset.columns.get(role="measure")
    return Cell(column.pk, place, starts_on, None if value is None else Decimal(value), version)


def enter(actor: Actor, plan: EntryPlan, starts_on: date, value: Any, reason: str = "", **more: Any) -> Outcome:
    """Enter one figure."""
    return enter_figures(actor, plan, cells=[cell(plan, starts_on, value, **more)], reason=reason)[0]
