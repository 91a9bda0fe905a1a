"""What happened to one object: people, automation and the system in one list, from the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from organization.access import Actor, can
from organization.choices import ActorKind
from organization.models import AuditEntry, Member
from organization.queries.audit import detail_lines, what, who, with_actors, with_names
from organization.tenancy import TenantQuerySet

READS_ALL = "organization.audit.view"
# What others looked at or keep at hand is theirs; only the audit trail tells it
PRIVATE = ("downloaded", "exported", "pinned", "unpinned", "opens_first")
ICONS = {ActorKind.MEMBER.value: "user", ActorKind.TOKEN.value: "robot", ActorKind.SYSTEM.value: "settings-automation"}


@dataclass(frozen=True)
class ActivityLine:
    """One entry in words. details: fields with before and after, and other facts. icon, kind: which sort of actor."""

    pk: int
    at: datetime
    icon: str
    kind: Any
    who: str
    what: str
    details: list[str]


def may_see_activity(actor: Actor, subject: Any) -> bool:
    """Whether the actor reads what happened to an object that they see.

    Whoever sees an object sees its changes. What happened to a person is for those who may change them, those who read
    the audit trail, and the person.
    """
    if not isinstance(subject, Member) or actor.holds_everywhere(READS_ALL):
        return True
    return subject.pk == actor.member_id or bool(can(actor, "organization.member.edit", subject))


def activity_of(actor: Actor, subject: Any) -> TenantQuerySet:
    """The entries about an object that the caller has found visible; without others' reading, save for auditors."""
    found = AuditEntry.objects.filter(object_type=subject._meta.label_lower, object_id=subject.pk)
    if not actor.holds_everywhere(READS_ALL):
        hidden = Q()
        for verb in PRIVATE:
            hidden |= Q(verb__endswith=f".{verb}")
        found = found.exclude(hidden)
    return with_actors(actor, found)


def activity_lines(actor: Actor, entries: Iterable[AuditEntry]) -> list[ActivityLine]:
    """Rows of `activity_of` in words, with the names that the actor may see."""
    return [
        ActivityLine(
            entry.pk,
            entry.at,
            ICONS[entry.actor_kind],
            ActorKind(entry.actor_kind).label,
            who(entry),
            what(entry),
            detail_lines(entry),
        )
        for entry in with_names(actor, entries)
    ]
