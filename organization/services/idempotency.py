"""A state-changing call under a key happens once; asked again, it gives the first answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from ops_platform.database.scope import current_organization_id
from organization.access import Actor
from organization.errors import KeyReused
from organization.models import IdempotencyKey, Organization
from organization.tenancy import tenant_transaction

KEPT_DAYS = 7
WIN = """
INSERT INTO organization_idempotencykey (organization_id, actor_key, key, fingerprint, created_at)
VALUES (%s, %s, %s, %s, now()) ON CONFLICT DO NOTHING
"""


def fingerprint(method: str, route: str, body: bytes) -> str:
    """Which request a key stands for."""
    return hashlib.sha256(b"\0".join([method.encode(), route.encode(), body])).hexdigest()


def once(
    actor: Actor, key: UUID, request_fingerprint: str, work: Callable[[], tuple[int, Any]]
) -> tuple[int, Any, bool]:
    """Do `work` under `key`, or replay its answer: (HTTP status, JSON answer, replayed).

    The insert of a second caller waits until the first has committed. Raises KeyReused when the key came with another
    request. Call it inside the transaction of the work.
    """
    actor_key = f"token:{actor.token_id}" if actor.token_id else f"member:{actor.member_id}"
    with connection.cursor() as cursor:
        cursor.execute(WIN, [current_organization_id(), actor_key, key, request_fingerprint])
        won = cursor.rowcount == 1
    row = IdempotencyKey.objects.get(actor_key=actor_key, key=key)
    if not won:
        if row.fingerprint != request_fingerprint:
            raise KeyReused
        return row.status or 200, row.answer, True
    status, answer = work()
    row.status, row.answer = status, json.loads(json.dumps(answer, default=str))
    row.save(update_fields=["status", "answer"])
    return status, answer, False


def forget_old_keys(*, as_of: datetime) -> None:
    """Drop keys older than KEPT_DAYS in every organization, one transaction each."""
    for organization_id in organization_ids():
        with tenant_transaction(organization_id):
            IdempotencyKey.objects.filter(created_at__lt=as_of - timedelta(days=KEPT_DAYS)).delete()


def organization_ids() -> list[int]:
    """All organizations, through the dispatcher's eyes: the app role sees only the open one."""
    return list(Organization.objects.using("dispatcher").order_by("pk").values_list("pk", flat=True))
