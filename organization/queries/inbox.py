"""A member's own notices, as their inbox shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from organization.access import Actor
from organization.models import Notice
from organization.notice_kinds import find_or_none
from organization.queries.kinds import name_of
from organization.queries.told_words import notice_text, notice_title
from organization.tenancy import TenantQuerySet


@dataclass(frozen=True)
class InboxLine:
    """One notice in words. is_open: neither read nor settled. subject: what kind of object it is about."""

    notice: Notice
    title: str
    text: str
    kind: Any
    subject: Any
    icon: str
    level: str
    is_open: bool
    may_mute: bool


def inbox(actor: Actor) -> TenantQuerySet:
    """All that the actor was told."""
    if actor.member_id is None:
        return Notice.objects.none()
    return Notice.objects.filter(recipient_id=actor.member_id).select_related("by")


def unread(actor: Actor) -> TenantQuerySet:
    """What still asks for the actor's attention."""
    return inbox(actor).filter(read_at=None, done_at=None)


def inbox_lines(notices: Iterable[Notice]) -> list[InboxLine]:
    """Notices as the inbox shows them."""
    return [_line(notice) for notice in notices]


def _line(notice: Notice) -> InboxLine:
    kind = find_or_none(notice.kind)
    return InboxLine(
        notice,
        notice_title(notice),
        notice_text(notice),
        kind.label if kind else notice.kind,
        name_of(notice.subject_type),
        kind.icon if kind else "bell",
        kind.level if kind else "info",
        notice.read_at is None and notice.done_at is None,
        bool(kind and not kind.is_fixed),
    )
