"""Planning what is entered by hand: a new KPI with its dataset and plan at once, and changes to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.choices import Aggregation, ColumnRole, GrainCode, RowKey
from metrics.errors import BadEntry
from metrics.events import ENTRY_PLANNED
from metrics.models import Dataset, DatasetColumn, EntryPlace, EntryPlan, Kpi
from metrics.queries.buckets import GRAINS
from metrics.services.datasets import ColumnSpec, create_dataset
from metrics.services.entry_work import follow_plan
from metrics.services.kpis import DefinitionSpec, create_kpi
from organization.access import Actor
from organization.engine.local_time import day_start
from organization.engine.periods import period_of
from organization.errors import StateConflict
from organization.models import Department, Member, Organization, Role
from organization.services import audit, events
from organization.usecases import use_case

VALUE, PERIOD, PLACE, INSTANT = "value", "period", "department", "starts_on"
WEEK_HOURS, DAY_HOURS = 48, 24


@dataclass(frozen=True)
class PlanSpec:
    """Who enters what when. member or role, one of them; department: in which the role is meant.

    places: departments with figures of their own, none for the whole. lowest, highest: between which each figure lies.
    """

    grain: int
    starts_on: date
    due_days: int = 3
    member: Member | None = None
    role: Role | None = None
    department: Department | None = None
    places: Sequence[Department] = ()
    lowest: Decimal | None = None
    highest: Decimal | None = None


@use_case("metrics.kpi.edit")
def create_entered_kpi(
    actor: Actor, organization: Organization, *, name: str, key: str, plan: PlanSpec, together: str, **values: Any
) -> Kpi:
    """A KPI whose figures people enter: its dataset, its definition and the plan in one.

    together: how periods add up to longer ones and departments to the whole, one of Aggregation's sum, average, minimum,
    maximum and last. values: further fields of Kpi. Raises BadEntry, and what create_dataset and create_kpi raise.
    """
    columns = [
        ColumnSpec(INSTANT, ColumnRole.INSTANT, "Period", "期间"),
        ColumnSpec(PERIOD, ColumnRole.KEY, "Row", "行"),
        ColumnSpec(VALUE, ColumnRole.MEASURE, name, values.get("name_zh", ""), values.get("unit", "number")),
    ]
    if plan.places:
        columns.append(ColumnSpec(PLACE, ColumnRole.DEPARTMENT, "Department", "部门"))
    names = {field: values[field] for field in ("name_zh", "owner", "department") if field in values}
    dataset = create_dataset(
        actor, organization, name=name, key=key, columns=columns, row_key=RowKey.COLUMNS, is_entered=True, **names
    )
    DatasetColumn.objects.filter(dataset=dataset, key=VALUE).update(lowest=plan.lowest, highest=plan.highest)
    plan_entry(actor, dataset, spec=plan)
    return create_kpi(
        actor,
        organization,
        name=name,
        key=key,
        grain=plan.grain,
        due_hours=(plan.due_days + 2) * DAY_HOURS + WEEK_HOURS,
        definition=DefinitionSpec(dataset, together, VALUE, breakdowns=[(PLACE,)] if plan.places else []),
        **values,
    )


@use_case("metrics.dataset.edit")
def plan_entry(actor: Actor, dataset: Dataset, *, spec: PlanSpec) -> EntryPlan:
    """Let people feed a dataset whose rows carry days, keys and at most one department. Raises BadEntry."""
    columns = list(dataset.columns.all())
    if dataset.row_key != RowKey.COLUMNS or any(column.role == ColumnRole.DIMENSION for column in columns):
        raise BadEntry(_("Only a dataset with keys and without properties can be entered by hand."))
    if spec.places and not any(column.role == ColumnRole.DEPARTMENT for column in columns):
        raise BadEntry(_("This dataset holds no departments."), field="places")
    plan = EntryPlan(dataset=dataset, **_facts(spec, dataset))
    plan.full_clean(exclude=["organization", "dataset", "member", "role", "department"], validate_constraints=False)
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError as error:
        raise BadEntry(_("This dataset has a plan already.")) from error
    EntryPlace.objects.bulk_create(EntryPlace(plan=plan, department=place) for place in spec.places)
    Dataset.objects.filter(pk=dataset.pk).update(is_entered=True)
    dataset.is_entered = True
    audit.record(actor, "metrics.entry.planned", plan, dataset=dataset.pk, grain=int(spec.grain))
    events.emit(actor, ENTRY_PLANNED, plan, dataset=dataset.pk)
    follow_plan(actor, plan, as_of=timezone.now())
    return plan


@use_case("metrics.dataset.edit")
def change_plan(
    actor: Actor,
    dataset: Dataset,
    *,
    version: int,
    due_days: int,
    member: Member | None,
    role: Role | None,
    department: Department | None,
    is_active: bool,
) -> EntryPlan:
    """Change who enters the dataset's figures and by when. Raises StateConflict, BadEntry."""
    found = EntryPlan.objects.select_for_update(of=("self",)).select_related("dataset__department")
    plan = found.get(dataset=dataset)
    if plan.version != version:
        raise StateConflict
    _check_who(member, role)
    facts = {
        "due_days": due_days,
        "member": member,
        "role": role,
        "department": department if role else None,
        "is_active": is_active,
    }
    changed = {name: [getattr(plan, name), value] for name, value in facts.items() if getattr(plan, name) != value}
    for name, value in facts.items():
        setattr(plan, name, value)
    plan.version += 1
    plan.save()
    audit.record(actor, "metrics.entry.changed", plan, changed=changed)
    events.emit(actor, ENTRY_PLANNED, plan, dataset=dataset.pk)
    follow_plan(actor, plan, as_of=timezone.now())
    return plan


def _facts(spec: PlanSpec, dataset: Dataset) -> dict[str, Any]:
    _check_who(spec.member, spec.role)
    if spec.lowest is not None and spec.highest is not None and spec.lowest > spec.highest:
        raise BadEntry(_("The lowest value stands above the highest."), field="lowest")
    rule = Organization.objects.get(pk=dataset.organization_id).period_rule
    grain = GrainCode(spec.grain)
    if grain == GrainCode.HOUR:
        raise BadEntry(_("Figures are entered by the day or longer."), field="grain")
    first = period_of(GRAINS[grain], day_start(spec.starts_on, rule.timezone), rule)
    return {
        "grain": grain,
        "starts_on": first.first_on,
        "due_days": spec.due_days,
        "member": spec.member,
        "role": spec.role,
        "department": spec.department if spec.role else None,
    }


def _check_who(member: Member | None, role: Role | None) -> None:
    if (member is None) == (role is None):
        raise BadEntry(_("Choose the person or the role that enters the figures."), field="member")


TOGETHER = (Aggregation.SUM, Aggregation.AVERAGE, Aggregation.LAST, Aggregation.MINIMUM, Aggregation.MAXIMUM)
