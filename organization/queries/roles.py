"""Roles with who bears them and what they carry."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Count, Q

from organization.access import Actor
from organization.choices import Scope
from organization.models import Member, Role, RoleAssignment, RoleGrant
from organization.tenancy import TenantQuerySet


def roles(actor: Actor) -> TenantQuerySet:
    """Roles with `bearer_count`, built-in ones first."""
    active = Count("assignments__member", filter=Q(assignments__member__is_active=True), distinct=True)
    return Role.objects.visible_to(actor).annotate(bearer_count=active).order_by("pk")


def grants_of(role: Role) -> dict[str, str]:
    """Codename to scope."""
    return dict(RoleGrant.objects.filter(role=role).values_list("codename", "scope"))


def grants_by_role(actor: Actor) -> dict[int, dict[str, str]]:
    """Role id to its rights, for the overview."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    visible = Role.objects.visible_to(actor).values("pk")
    for role_id, codename, scope in RoleGrant.objects.filter(role__in=visible).values_list("role", "codename", "scope"):
        found[role_id][codename] = scope
    return dict(found)


def assignments_of(member: Member) -> TenantQuerySet:
    """The roles a member bears, each with the department it is for."""
    return RoleAssignment.objects.filter(member=member).select_related("role", "department").order_by("pk")


def bearers_of(actor: Actor, role: Role) -> TenantQuerySet:
    """Who bears the role, as far as the actor may see them."""
    visible = Member.objects.visible_to(actor).values("pk")
    return (
        RoleAssignment.objects.filter(role=role, member__in=visible)
        .select_related("member", "department")
        .order_by("member__name_pinyin", "pk")
    )


def holders(codename: str) -> list[Member]:
    """The active members who hold a right over the whole organization: whom to tell of what concerns all."""
    granted = RoleGrant.objects.filter(codename=codename, scope=Scope.ORGANIZATION).values("role")
    borne = RoleAssignment.objects.filter(role__in=granted).values("member")
    return list(Member.objects.filter(pk__in=borne, is_active=True, user__is_active=True).order_by("pk"))
