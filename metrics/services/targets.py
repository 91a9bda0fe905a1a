"""Setting targets, period by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.choices import Direction, GrainCode, MarginKind
from metrics.errors import BadTarget
from metrics.events import TARGET_SET
from metrics.models import Kpi, KpiTarget
from metrics.queries.targets import targets_version
from metrics.services.telling import tell_of_targets
from organization.access import Actor
from organization.engine.audit_chain import changes
from organization.engine.local_time import day_start
from organization.engine.periods import Grain, period_of
from organization.errors import StateConflict
from organization.models import Department, Organization
from organization.services import audit, events
from organization.usecases import use_case

FIELDS = ("value", "low", "high", "margin_kind", "warning_margin")


@dataclass(frozen=True)
class TargetSpec:
    """A target from the period that contains `starts_on`; all numbers None take it away."""

    starts_on: date
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        return self.value is None and self.low is None and self.high is None


@use_case("metrics.target.edit")
def set_targets(
    actor: Actor,
    kpi: Kpi,
    *,
    grain: int,
    targets: Sequence[TargetSpec],
    department: Department | None = None,
    margin_kind: str = MarginKind.RELATIVE,
    warning_margin: Decimal = Decimal(0),
    version: str | None = None,
) -> Kpi:
    """Set the targets of these periods; others stay. Each change keeps what was before in the audit trail.

    warning_margin: a share (0.1 for 10 %) for relative margins, else in the KPI's unit. version: what the editor saw of
    the targets of this grain and department (`targets_version`), None for whatever stands. Raises BadTarget,
    StateConflict.
    """
    if warning_margin < 0:
        raise BadTarget(_("A margin is not negative."), field="warning_margin")
    kpi = Kpi.objects.select_for_update(of=("self",)).get(pk=kpi.pk)
    rule = Organization.objects.get(pk=kpi.organization_id).period_rule
    existing = {row.starts_on: row for row in KpiTarget.objects.filter(kpi=kpi, department=department, grain=grain)}
    if version not in (None, targets_version(existing.values())):
        raise StateConflict
    size = Grain(GrainCode(grain).name.lower())
    is_changed = False
    for spec in sorted(targets, key=lambda spec: spec.starts_on):
        starts_on = period_of(size, day_start(spec.starts_on, rule.timezone), rule).first_on
        row = existing.get(starts_on)
        if spec.is_empty:
            if row is not None:
                _remove(actor, row)
                is_changed = True
            continue
        _check(kpi, spec)
        facts = {
            "value": spec.value,
            "low": spec.low,
            "high": spec.high,
            "margin_kind": margin_kind,
            "warning_margin": warning_margin,
        }
        is_changed |= _set(
            actor, row or KpiTarget(kpi=kpi, department=department, grain=grain, starts_on=starts_on), facts
        )
    if is_changed:
        tell_of_targets(actor, kpi)
    return kpi


def _set(actor: Actor, row: KpiTarget, facts: Mapping[str, object]) -> bool:
    """Whether anything changed by it."""
    is_new = row.pk is None
    before = dict.fromkeys(FIELDS) if is_new else {name: getattr(row, name) for name in FIELDS}
    changed = changes(before, facts)
    if not changed:
        return False
    for name, value in facts.items():
        setattr(row, name, value)
    row.version += 0 if is_new else 1
    row.full_clean(exclude=["organization", "kpi", "department"], validate_unique=False, validate_constraints=False)
    row.save()
    _record(actor, "metrics.target.set", row, changed)
    events.emit(actor, TARGET_SET, row, kpi=row.kpi_id, starts_on=row.starts_on.isoformat())
    return True


def _remove(actor: Actor, row: KpiTarget) -> None:
    changed = {name: [getattr(row, name), None] for name in FIELDS if getattr(row, name) is not None}
    _record(actor, "metrics.target.removed", row, changed)
    events.emit(actor, TARGET_SET, row, kpi=row.kpi_id, starts_on=row.starts_on.isoformat())
    row.delete()


def _record(actor: Actor, verb: str, row: KpiTarget, changed: dict[str, list[object]]) -> None:
    audit.record(
        actor,
        verb,
        row,
        kpi=row.kpi_id,
        department=row.department_id,
        grain=int(row.grain),
        starts_on=row.starts_on,
        changed=changed,
    )


def _check(kpi: Kpi, spec: TargetSpec) -> None:
    if kpi.direction != Direction.IN_RANGE:
        if spec.value is None:
            raise BadTarget(_("Give the value aimed at."), field="value")
        return
    if spec.low is not None and spec.high is not None and spec.low > spec.high:
        raise BadTarget(_("The lowest value stands above the highest."), field="low")
    if spec.low is None and spec.high is None:
        raise BadTarget(_("Give the lowest value, the highest, or both."), field="low")
