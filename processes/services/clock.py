"""The moment at which something happens to a SOP or a run: now, save where a record of the past is brought in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_past: ContextVar[datetime | None] = ContextVar("processes_moment", default=None)


def moment() -> datetime:
    """The instant that stamps of SOPs and runs bear, with its zone."""
    return _past.get() or timezone.now()


@contextmanager
def acting_at(instant: datetime) -> Iterator[None]:
    """Let what happens inside bear this instant. For bringing in the past alone: nothing that a person sends leads here.

    The audit trail and the outbox keep the real clock.
    """
    token = _past.set(instant)
    try:
        yield
    finally:
        _past.reset(token)
