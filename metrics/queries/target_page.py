"""Targets as lists: those that are set, and what they were before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from metrics.choices import GrainCode, MarginKind
from metrics.models import Kpi, KpiTarget
from metrics.queries.periods import full_label
from metrics.queries.reader import GRAINS
from metrics.queries.targets import TargetBook, TargetRow, target_words
from ops_platform.web import formats
from ops_platform.web.formats import Unit
from organization.access import Actor
from organization.engine.local_time import day_start
from organization.engine.periods import PeriodRule, period_of
from organization.models import AuditEntry, Department, Member
from organization.queries.audit import who


@dataclass(frozen=True)
class TargetLine:
    """A target that is set, in words."""

    since: str
    grain: str
    department: str
    words: str
    margin: str


@dataclass(frozen=True)
class TargetChange:
    """One line of the history of targets."""

    at: datetime
    who: str
    grain: str
    starts_on: str
    department: str
    before: str
    after: str


def target_list(actor: Actor, book: TargetBook, unit: Unit, rule: PeriodRule) -> list[TargetLine]:
    """All targets of a KPI, by grain and department, the newest first; those of departments the actor may see."""
    ids = {row.department_id for row in book.rows} - {None}
    names = {row.pk: row.display_name for row in Department.objects.visible_to(actor).filter(pk__in=ids)} if ids else {}
    rows = [row for row in book.rows if row.department_id is None or row.department_id in names]
    rows.sort(key=lambda row: (row.grain, row.department_id or 0, -row.starts_on.toordinal()))
    return [
        TargetLine(
            since=full_label(period_of(GRAINS[row.grain], day_start(row.starts_on, rule.timezone), rule), rule),
            grain=str(row.grain.label),
            department=names.get(row.department_id, "") if row.department_id else "",
            words=target_words(row.target(book.direction), unit, short=False),
            margin=_margin_words(row, unit),
        )
        for row in rows
    ]


def target_history(
    actor: Actor, kpi: Kpi, unit: Unit, *, limit: int = 30, before: datetime | None = None
) -> list[TargetChange]:
    """Who set which target when, and what it was before; newest first. Names of members whom the actor may see.

    As in `target_list`, targets of departments that the actor may not see are left out.
    """
    members = Member.objects.visible_to(actor).filter(pk=OuterRef("actor_id")).values("name")[:1]
    seen = Q(of=None) | Q(of__in=Department.objects.visible_to(actor).values("pk"))
    entries = list(
        AuditEntry.objects.filter(object_type=KpiTarget._meta.label_lower, facts__kpi=kpi.pk)
        .alias(of=Cast(KeyTextTransform("department", "facts"), BigIntegerField()))
        .filter(seen, **({"at__lt": before} if before else {}))
        .annotate(actor_name=Subquery(members))
        .order_by("-id")[:limit]
    )
    ids = {entry.facts["department"] for entry in entries if entry.facts.get("department")}
    names = {row.pk: row.display_name for row in Department.objects.filter(pk__in=ids)} if ids else {}
    return [
        TargetChange(
            at=entry.at,
            who=who(entry),
            grain=str(GrainCode(entry.facts["grain"]).label),
            starts_on=formats.day(date.fromisoformat(entry.facts["starts_on"])),
            department=names.get(entry.facts.get("department"), ""),
            before=_change_words(entry.facts.get("changed", {}), 0, unit),
            after=_change_words(entry.facts.get("changed", {}), 1, unit),
        )
        for entry in entries
    ]


def _change_words(changed: Mapping[str, Sequence[Any]], side: int, unit: Unit) -> str:
    parts = {name: pair[side] for name, pair in changed.items()}
    figure = {name: formats.in_unit(Decimal(parts[name]), unit) for name in ("value", "low", "high") if parts.get(name)}
    if "value" in figure:
        return figure["value"]
    return " – ".join(figure.get(name, "") for name in ("low", "high")) if figure else ""


def _margin_words(row: TargetRow, unit: Unit) -> str:
    if not row.warning_margin:
        return ""
    if row.margin_kind == MarginKind.RELATIVE:
        return formats.percent(row.warning_margin.normalize())
    return formats.in_unit(row.warning_margin, unit)
