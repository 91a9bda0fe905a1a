"""Writing the audit trail."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import structlog
from django.db import connection
from django.utils import timezone

from organization.access import Actor, on_behalf_of
from organization.engine.audit_chain import CHAINED, GENESIS, chain_hash, plain
from organization.models import AuditEntry
from organization.services.origins import note_origin

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def record(actor: Actor, verb: str, subject: Any, /, **facts: Any) -> AuditEntry:
    """Write down that `actor` did `verb` to `subject`. Call it last: it holds the tenant's chain till commit.

    facts: field names and plain values, before/after pairs as {"field": [old, new]}; no names of people. Where the actor
    acts for somebody who is away, `for_member` says for whom.
    """
    if (behalf := on_behalf_of.get()) is not None:
        facts.setdefault("for_member", behalf)
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
    note_origin(request_id)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"audit:{actor.organization_id}"])
    last = AuditEntry.objects.order_by("-id").values_list("hash", flat=True).first()
    entry = AuditEntry(
        at=timezone.now().astimezone(UTC),
        actor_kind=actor.kind,
        actor_id=actor.token_id or actor.member_id,
        reason=actor.reason,
        verb=verb,
        act=verb.rpartition(".")[2],
        object_type=subject._meta.label_lower,
        object_id=subject.pk,
        facts=plain(facts),
        request_id=request_id,
        previous_hash=last or GENESIS,
    )
    entry.hash = chain_hash(entry.previous_hash, {name: getattr(entry, name) for name in CHAINED})
    entry.save(force_insert=True)
    return entry
