"""Reading the department tree."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from organization.access import Actor
from organization.models import Department, Member
from organization.tenancy import TenantQuerySet


@dataclass(frozen=True)
class DepartmentRow:
    """A line of the tree. depth counts from the top of what is visible, so that a subtree starts at the margin."""

    department: Department
    depth: int
    member_count: int


def department_tree(actor: Actor) -> list[DepartmentRow]:
    """The departments the actor may see, each below its parent, siblings by code. Head names are loaded."""
    departments = list(
        Department.objects.visible_to(actor)
        .select_related("head")
        .annotate(member_count=Count("members", filter=Q(members__is_active=True)))
    )
    codes = {str(department.pk): department.code for department in departments}
    departments.sort(key=lambda row: [codes[part] for part in row.path.strip("/").split("/") if part in codes])
    return [
        DepartmentRow(row, sum(part in codes for part in row.path.strip("/").split("/")) - 1, row.member_count)
        for row in departments
    ]


def visible_members(actor: Actor) -> TenantQuerySet:
    """Members the actor may see, with department, ordered by pinyin."""
    return Member.objects.visible_to(actor).select_related("department").order_by("name_pinyin", "pk")
