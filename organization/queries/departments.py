"""Reading the department tree."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from organization.access import Actor, reach
from organization.models import Department, Duty, Member
from organization.tenancy import TenantQuerySet


@dataclass(frozen=True)
class DepartmentRow:
    """A line of the tree. depth counts from the top of what is visible, so that a subtree starts at the margin.

    may_move: whether the actor may drag it, and others below it.
    """

    department: Department
    depth: int
    member_count: int
    may_move: bool = False


def department_tree(actor: Actor) -> list[DepartmentRow]:
    """The departments the actor may see, each below its parent, siblings by code. Head names are loaded."""
    departments = list(
        Department.objects.visible_to(actor)
        .select_related("head")
        .annotate(member_count=Count("members", filter=Q(members__is_active=True)))
    )
    codes = {str(department.pk): department.code for department in departments}
    departments.sort(key=lambda row: [codes[part] for part in row.path.strip("/").split("/") if part in codes])
    reaches = reach(actor, "organization.department.edit")
    return [
        DepartmentRow(
            row, sum(part in codes for part in row.path.strip("/").split("/")) - 1, row.member_count, reaches(row)
        )
        for row in departments
    ]


def visible_members(actor: Actor) -> TenantQuerySet:
    """Members the actor may see, with department, ordered by pinyin."""
    return (
        Member.objects.visible_to(actor).select_related("department", "position", "user").order_by("name_pinyin", "pk")
    )


def members_in(actor: Actor, department: Department) -> TenantQuerySet:
    """Active members directly in the department, as far as the actor may see them."""
    return visible_members(actor).filter(department=department, is_active=True)


def duties_of(department: Department) -> TenantQuerySet:
    """What the department answers for, in its order."""
    return Duty.objects.filter(department=department).select_related("owner").order_by("position", "pk")


def ancestors_of(actor: Actor, department: Department) -> list[Department]:
    """The visible departments above, from the top."""
    ids = [int(part) for part in department.path.strip("/").split("/")][:-1]
    return list(Department.objects.visible_to(actor).filter(pk__in=ids).order_by("depth"))
