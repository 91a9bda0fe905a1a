"""The organization's own events as rows: what happened when, by whom, in which department."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metrics.choices import ColumnRole
from metrics.engine.source_plan import SourceColumn, SourcePlan
from organization.models import DomainEvent, Member

INSTANT, KEY, KIND, ACTOR, DEPARTMENT = "happened_at", "event", "kind", "actor", "department"
PLAN = SourcePlan(
    (
        SourceColumn(INSTANT, ColumnRole.INSTANT, INSTANT, "Happened at", "发生时间"),
        SourceColumn(KEY, ColumnRole.KEY, KEY, "Event", "事件编号"),
        SourceColumn(KIND, ColumnRole.DIMENSION, KIND, "Kind", "事件类型"),
        SourceColumn(ACTOR, ColumnRole.DIMENSION, ACTOR, "Who", "操作人"),
        SourceColumn(DEPARTMENT, ColumnRole.DEPARTMENT, DEPARTMENT, "Department", "部门"),
    )
)


def own_event_rows(event_ids: Sequence[int]) -> list[dict[str, Any]]:
    """One row an event, in order. Who did it is empty for the system, the department where a member has none."""
    events = list(DomainEvent.objects.filter(pk__in=event_ids).order_by("pk"))
    people = Member.objects.filter(pk__in={event.actor_id for event in events if event.actor_id})
    members = {member.pk: member for member in people.select_related("department")}
    rows = []
    for event in events:
        member = members.get(event.actor_id) if event.actor_id else None
        department = member.department if member else None
        rows.append(
            {
                INSTANT: event.created_at,
                KEY: event.pk,
                KIND: event.name,
                ACTOR: member.name if member else None,
                DEPARTMENT: department.code if department else None,
            }
        )
    return rows
