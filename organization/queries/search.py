"""Search over everything that the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from organization.access import Actor
from organization.choices import BuiltInRole
from organization.models import Department, Member, Position, Role, WorkCalendar
from organization.models.base import name_key
from organization.queries.kinds import Found, kind_of, register_search, search_providers
from organization.queries.matching import cleaned, label_matches, matching
from organization.tenancy import TenantQuerySet

EACH = 20


@dataclass(frozen=True)
class Group:
    """The results of one kind."""

    label: Any
    results: list[Found]


def search(actor: Actor, text: str, each: int = EACH) -> list[Group]:
    """Results for `text`, at most `each` of a kind, grouped by kind; empty for a blank text.

    One statement for each kind that the actor may see, however many rows match.
    """
    text = cleaned(text)
    if not text:
        return []
    groups: dict[str, Group] = {}
    for provider in search_providers():
        for found in provider(actor, text, each):
            groups.setdefault(str(found.kind), Group(found.kind, [])).results.append(found)
    return list(groups.values())


def matching_members(members: TenantQuerySet, text: str) -> TenantQuerySet:
    """Members whose name, pinyin (with or without spaces, or its initials) or e-mail address has `text` in it."""
    return matching(members, text, Q(user__email__contains=cleaned(text).lower()), pinyin="name_pinyin")


@register_search
def find_departments(actor: Actor, text: str, limit: int) -> list[Found]:
    """Departments by either name, pinyin or code."""
    kind = kind_of("organization.department")
    assert kind is not None
    rows = matching(Department.objects.visible_to(actor), text, Q(code__icontains=text))
    return [kind.found(row, row.code) for row in rows.order_by("path")[:limit]]


@register_search
def find_members(actor: Actor, text: str, limit: int) -> list[Found]:
    """Members by name, pinyin or e-mail address."""
    kind = kind_of("organization.member")
    assert kind is not None
    rows = matching_members(Member.objects.visible_to(actor).select_related("department"), text)
    return [
        kind.found(row, row.department.display_name if row.department else "")
        for row in rows.order_by("name_pinyin", "pk")[:limit]
    ]


@register_search
def find_positions(actor: Actor, text: str, limit: int) -> list[Found]:
    """Positions that are in use, by either name or pinyin."""
    kind = kind_of("organization.position")
    assert kind is not None
    rows = matching(Position.objects.visible_to(actor).filter(deleted_at=None).select_related("department"), text)
    return [
        kind.found(row, row.department.display_name if row.department else "")
        for row in rows.order_by(name_key(), "pk")[:limit]
    ]


@register_search
def find_roles(actor: Actor, text: str, limit: int) -> list[Found]:
    """Roles by either name or pinyin; built-in ones by what they are called in both languages."""
    built_in = [role.value for role in BuiltInRole if label_matches(role.label, text)]
    return _named("organization.role", Role, actor, text, limit, Q(key__in=built_in))


@register_search
def find_calendars(actor: Actor, text: str, limit: int) -> list[Found]:
    """Working calendars by either name or pinyin."""
    return _named("organization.workcalendar", WorkCalendar, actor, text, limit)


def _named(label: str, model: Any, actor: Actor, text: str, limit: int, others: Q | None = None) -> list[Found]:
    kind = kind_of(label)
    assert kind is not None
    rows = matching(model.objects.visible_to(actor), text, others).order_by(name_key(), "pk")[:limit]
    return [kind.found(row) for row in rows]
