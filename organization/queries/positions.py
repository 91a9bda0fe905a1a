"""Reading positions."""

from __future__ import annotations

from django.db.models import Count, Q

from organization.access import Actor
from organization.models import Member, Position
from organization.tenancy import TenantQuerySet


def positions(actor: Actor) -> TenantQuerySet:
    """Positions with their department and `member_count`, the active members who hold them; those in the bin too."""
    held = Count("members", filter=Q(members__is_active=True))
    return Position.objects.visible_to(actor).select_related("department", "merged_into").annotate(member_count=held)


def holders_of(actor: Actor, position: Position) -> TenantQuerySet:
    """Active members who hold the position, as far as the actor may see them."""
    found = Member.objects.visible_to(actor).filter(position=position, is_active=True)
    return found.select_related("department").order_by("name_pinyin", "pk")
