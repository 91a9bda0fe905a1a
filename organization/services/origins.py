"""Addresses of requests: beside the trail and not in it, so that they can be forgotten."""

from __future__ import annotations

from organization.models import RequestOrigin
from organization.origins import present_address


def note_origin(request_id: str) -> None:
    """Keep where the running request came from, once; nothing where there is none."""
    if request_id and (address := present_address()):
        RequestOrigin.objects.bulk_create(
            [RequestOrigin(request_id=request_id, address=address)], ignore_conflicts=True
        )
