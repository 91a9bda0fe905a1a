"""Targets and the attributes of KPIs as they were known: today's, with the trail of changes taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from metrics.choices import MarginKind
from metrics.models import Kpi, KpiTarget
from metrics.queries.known_on import KnownOn
from organization.models import AuditEntry

NUMBERS = ("value", "low", "high", "warning_margin")
ATTRIBUTES = ("direction", "unit", "decimals", "grain", "due_hours")
Rows = list[dict[str, Any]]


def restore_known(kpis: Iterable[Kpi], targets: Mapping[int, Rows], known: KnownOn) -> dict[int, Rows]:
    """What `target_rows` would have given then, by KPI; direction, unit, decimals, grain and due hours of `kpis` are set
    back in place and must not be saved. targets: as they are today. One statement.
    """
    by_id = {kpi.pk: kpi for kpi in kpis}
    states = {kpi_id: {_key(row): dict(row) for row in targets.get(kpi_id, ())} for kpi_id in by_id}
    entries = AuditEntry.objects.filter(
        Q(object_type=KpiTarget._meta.label_lower, facts__kpi__in=list(by_id))
        | Q(object_type=Kpi._meta.label_lower, object_id__in=list(by_id), verb="metrics.kpi.changed"),
        at__gte=known.at,
    )
    for entry in entries.order_by("-id"):
        changed = entry.facts.get("changed", {})
        if entry.object_type == Kpi._meta.label_lower:
            for name in ATTRIBUTES:
                if name in changed:
                    setattr(by_id[entry.object_id], name, changed[name][0])
        else:
            _take_back(states[entry.facts["kpi"]], entry.object_id, entry.facts, changed)
    return {
        kpi_id: [rows[key] for key in sorted(rows, key=lambda key: key[2]) if rows[key]["margin_kind"] is not None]
        for kpi_id, rows in states.items()
    }


def _take_back(rows: dict[Any, dict[str, Any]], target_id: int, facts: dict[str, Any], changed: dict[str, Any]) -> None:
    """Undo one change of a target. A row that had no kind of margin before it was not there."""
    key = (facts["department"], facts["grain"], facts["starts_on"])
    row = rows.setdefault(key, _empty(target_id, *key))
    for name, (before, _after) in changed.items():
        row[name] = before
    if row["warning_margin"] is None:
        row["warning_margin"] = "0"


def _key(row: Mapping[str, Any]) -> tuple[int | None, int, str]:
    return row["department_id"], row["grain"], row["starts_on"]


def _empty(target_id: int, department_id: int | None, grain: int, starts_on: str) -> dict[str, Any]:
    numbers: dict[str, Any] = dict.fromkeys(NUMBERS)
    return numbers | {
        "id": target_id, "version": 1, "grain": grain, "starts_on": starts_on, "department_id": department_id,
        "margin_kind": MarginKind.RELATIVE.value,
    }  # fmt: skip
