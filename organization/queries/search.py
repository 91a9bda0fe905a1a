"""Search over everything that the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Replace

from organization.access import Actor
from organization.models import Department, Member
from organization.queries.kinds import Found, kind_of, register_search, search_providers
from organization.tenancy import TenantQuerySet

EACH = 20
MOST_INITIALS = 6
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Group:
    """The results of one kind."""

    label: Any
    results: list[Found]


def search(actor: Actor, text: str) -> list[Group]:
    """Results for `text`, grouped by kind; empty for a blank text."""
    text = text.strip()[:LONGEST_TEXT].replace("\0", "")
    if not text:
        return []
    groups: dict[str, Group] = {}
    for provider in search_providers():
        for found in provider(actor, text, EACH):
            groups.setdefault(str(found.kind), Group(found.kind, [])).results.append(found)
    return list(groups.values())


def matching_members(members: TenantQuerySet, text: str) -> TenantQuerySet:
    """Members whose name, pinyin (with or without spaces, or its initials) or e-mail address has `text` in it."""
    wanted = text.strip().lower().replace("\0", "")
    if not wanted:
        return members
    condition = Q(name__icontains=wanted) | Q(user__email__contains=wanted) | Q(name_pinyin__contains=wanted)
    condition |= Q(pinyin_joined__contains=wanted.replace(" ", ""))
    if wanted.isascii() and wanted.isalpha() and len(wanted) <= MOST_INITIALS:
        condition |= Q(name_pinyin__regex=r"\m" + r"\w* ".join(wanted))
    return members.alias(pinyin_joined=Replace("name_pinyin", Value(" "))).filter(condition)


@register_search
def find_departments(actor: Actor, text: str, limit: int) -> list[Found]:
    """Departments by either name or code."""
    kind = kind_of("organization.department")
    assert kind is not None
    rows = Department.objects.visible_to(actor).filter(
        Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(code__icontains=text)
    )
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
