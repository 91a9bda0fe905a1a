"""The hash chain of the audit trail, as pure functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

GENESIS = "0" * 64
CHAINED = ("at", "actor_kind", "actor_id", "reason", "verb", "object_type", "object_id", "facts", "request_id")


def chain_hash(previous_hash: str, content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the previous hash and the canonical JSON of the CHAINED values of an entry."""
    values = {name: plain(content[name]) for name in CHAINED}
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous_hash}{text}".encode()).hexdigest()


def plain(value: Any) -> Any:
    """`value` as JSON keeps it: instants as UTC text to the microsecond, decimals and ids of other kinds as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | Decimal | UUID):
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.pk if hasattr(value, "pk") else str(value)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{"field": [old, new]} of what differs."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
