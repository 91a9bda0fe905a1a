"""Which organizations a person belongs to: the one read that crosses tenants, through the person's own eyes."""

from __future__ import annotations

from django.db import transaction

from organization.models import Member, Organization
from organization.models.base import name_key
from organization.tenancy import person_context


def organizations_of(user_id: int) -> list[Organization]:
    """The organizations in which the person is an active member, by name.

    Works without an open organization: row security lets a person see their own memberships (`app.user_id`).
    """
    with person_context(user_id), transaction.atomic():
        ids = Member.unscoped.filter(user_id=user_id, is_active=True).values_list("organization_id", flat=True)
        return list(Organization.objects.filter(pk__in=list(ids)).order_by(name_key(), "pk"))


def has_other_memberships(user_id: int) -> bool:
    """Whether somebody belongs, or belonged, to any organization at all; ask after their row in the open one is gone."""
    with person_context(user_id), transaction.atomic():
        return Member.unscoped.filter(user_id=user_id).exists()
