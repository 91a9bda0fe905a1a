"""Reading and checking the audit trail."""

from __future__ import annotations

from dataclasses import dataclass

from organization.access import Actor
from organization.engine.audit_chain import CHAINED, GENESIS, chain_hash
from organization.models import AuditEntry
from organization.tenancy import TenantQuerySet


@dataclass(frozen=True)
class ChainCheck:
    """What a walk along the chain found. broken_at: id of the first entry that does not fit, None when all do."""

    count: int
    last_hash: str
    broken_at: int | None

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def audit_entries(actor: Actor) -> TenantQuerySet:
    """Entries the actor may read, newest first."""
    return AuditEntry.objects.visible_to(actor).order_by("-id")


def chain_check() -> ChainCheck:
    """Recompute the open organization's chain from its first entry."""
    previous, count = GENESIS, 0
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=1000):
        if (
            entry.previous_hash != previous
            or chain_hash(previous, {name: getattr(entry, name) for name in CHAINED}) != entry.hash
        ):
            return ChainCheck(count, previous, entry.pk)
        previous, count = entry.hash, count + 1
    return ChainCheck(count, previous, None)
