"""API tokens as their administrators see them."""

from __future__ import annotations

from organization.access import Actor
from organization.models import ApiToken
from organization.tenancy import TenantQuerySet


def tokens(actor: Actor) -> TenantQuerySet:
    """Tokens with the member they act for, newest first."""
    return ApiToken.objects.visible_to(actor).select_related("member").order_by("-id")
