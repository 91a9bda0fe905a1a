"""Domain events: emitted in the transaction that made them true, handled after it by workers.

`emit` writes the event and one delivery row for each handler (the outbox). The message sent after commit is only a
nudge; a beat sweep finds every row it missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from organization.access import Actor
from organization.models import DomainEvent, EventDelivery
from organization.queue import enqueue


@dataclass(frozen=True)
class Event:
    """What a handler receives. It runs in the event's organization, in a transaction of its own, at least once."""

    id: int
    name: str
    organization_id: int
    subject_type: str
    subject_id: int | None
    facts: dict[str, Any]


Handler = Callable[[Event], None]
_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)


def handles(*names: str) -> Callable[[Handler], Handler]:
    """Register a function for the named events. Its dotted path is its identity: a new one orphans open deliveries."""

    def register(handler: Handler) -> Handler:
        for name in names:
            _handlers[name][f"{handler.__module__}.{handler.__name__}"] = handler
        return handler

    return register


def handler_of(name: str, path: str) -> Handler | None:
    """The handler registered under `path` for events called `name`."""
    return _handlers.get(name, {}).get(path)


def emit(actor: Actor, name: str, subject: Any, /, **facts: Any) -> DomainEvent:
    """Announce that something happened to `subject`. facts: JSON values, ids rather than objects."""
    event = DomainEvent.objects.create(
        name=name,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        facts=facts,
        actor_kind=actor.kind,
        actor_id=actor.member_id,
    )
    listeners = _handlers.get(name, {})
    if listeners:
        EventDelivery.objects.bulk_create(EventDelivery(event=event, handler=path) for path in listeners)
        enqueue("organization.relay")
    return event
