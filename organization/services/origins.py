"""Addresses of requests: beside the trail and not in it, so that they can be forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from organization.models import RequestOrigin
from organization.origins import present_address
from organization.services.idempotency import organization_ids
from organization.tenancy import tenant_transaction


def note_origin(request_id: str) -> None:
    """Keep where the running request came from, once; nothing where there is none."""
    if request_id and (address := present_address()):
        RequestOrigin.objects.bulk_create(
            [RequestOrigin(request_id=request_id, address=address)], ignore_conflicts=True
        )


def forget_old_origins(*, as_of: datetime) -> None:
    """Drop addresses older than AUDIT_ADDRESS_DAYS in every organization; the trail's entries stay."""
    old = as_of - timedelta(days=settings.AUDIT_ADDRESS_DAYS)
    for organization_id in organization_ids():
        with tenant_transaction(organization_id):
            RequestOrigin.objects.filter(at__lt=old).delete()
