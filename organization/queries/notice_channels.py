"""Where a notice of a kind goes, by the wishes of its recipient, of the organization, and of the kind itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, QuerySet, Subquery

from organization.access import Actor, can
from organization.choices import Channel, Digest
from organization.models import ChatBot, Member, NoticePreference, Watch
from organization.notice_kinds import NoticeKind
from organization.queries.actors import actor_for, member_of


@dataclass(frozen=True)
class Wishes:
    """What one member wants: channels by kind, what they muted, how mails come, and when it is quiet."""

    channels: Mapping[str, list[str]] = field(default_factory=dict)
    muted_kinds: frozenset[str] = frozenset()
    digest: str = Digest.NONE
    digest_hour: int = 8
    digest_weekday: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None

    def channels_of(self, kind: NoticeKind) -> frozenset[str]:
        """Where a notice of the kind goes beside the inbox."""
        return frozenset(self.channels.get(kind.name, kind.channels))


def wishes_of(members: Iterable[Member]) -> dict[int, Wishes]:
    """The wishes of each member, filled up with the organization's defaults; one statement."""
    ids = [member.pk for member in members]
    rows = {row.member_id: row for row in NoticePreference.objects.filter(Q(member__in=ids) | Q(member=None))}
    default = rows.get(None)
    return {pk: _wishes(rows.get(pk), default) for pk in ids}


def _wishes(own: NoticePreference | None, default: NoticePreference | None) -> Wishes:
    base = own or default
    if base is None:
        return Wishes()
    channels = (default.channels if default else {}) | (own.channels if own else {})
    return Wishes(
        channels,
        frozenset(own.muted_kinds if own else ()),
        base.digest,
        base.digest_hour,
        base.digest_weekday,
        own.quiet_from if own else None,
        own.quiet_until if own else None,
    )


def watchers(subject: Any) -> tuple[set[int], list[Member]]:
    """Who muted the object, and the active members who follow it and may see it."""
    rows = Watch.objects.filter(object_type=subject._meta.label_lower, object_id=subject.pk).select_related("member")
    muted = {row.member_id for row in rows if row.is_muted}
    following = [row.member for row in rows if not row.is_muted and row.member.is_active]
    return muted, [member for member in following if _sees(member, subject)]


def watch_level(actor: Actor, subject: Any) -> str:
    """follow, mute, or nothing: how the actor watches the object."""
    row = Watch.objects.filter(
        member_id=actor.member_id, object_type=subject._meta.label_lower, object_id=subject.pk
    ).first()
    if row is None:
        return ""
    return "mute" if row.is_muted else "follow"


def with_watch(found: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """The rows, each with how the actor watches it, for `watch_of`; no statement of its own."""
    mine = Watch.objects.filter(
        member_id=actor.member_id, object_type=found.model._meta.label_lower, object_id=OuterRef("pk")
    )
    return found.annotate(watch_is_muted=Subquery(mine.values("is_muted")[:1]))


def watch_of(row: Any) -> dict[str, Any]:
    """What `components/watch.html` shows of a row of `with_watch`."""
    level = {None: "", True: "mute", False: "follow"}[row.watch_is_muted]
    return {"label": row._meta.label_lower, "pk": row.pk, "level": level}


def bot_of(member: Member, bots: Iterable[ChatBot]) -> ChatBot | None:
    """The bot that speaks to the member: of the nearest department upwards, else the organization's; not a paused one."""
    path = member.department.path if member.department is not None else ""
    serving = [
        (len(bot.department.path) if bot.department else 0, -bot.pk, bot)
        for bot in bots
        if not bot.is_paused and (bot.department is None or path.startswith(bot.department.path))
    ]
    return max(serving)[2] if serving else None


def mail_due(wishes: Wishes, zone: str, now: datetime) -> datetime:
    """When a mail may go: at once, or at the end of the quiet hours that `now` lies in. Across midnight too."""
    if wishes.quiet_from is None or wishes.quiet_until is None or wishes.quiet_from == wishes.quiet_until:
        return now
    local = now.astimezone(ZoneInfo(zone))
    begins, ends, at = wishes.quiet_from, wishes.quiet_until, local.time()
    over_midnight = begins > ends
    is_quiet = (at >= begins or at < ends) if over_midnight else begins <= at < ends
    if not is_quiet:
        return now
    on = local.date() + timedelta(days=1 if over_midnight and at >= begins else 0)
    return datetime.combine(on, ends, local.tzinfo).astimezone(UTC)


def digest_slot(wishes: Wishes, zone: str, now: datetime) -> datetime | None:
    """The latest hour at which a summary was due before `now`; None for who wants none."""
    if wishes.digest == Digest.NONE:
        return None
    local = now.astimezone(ZoneInfo(zone))
    slot = datetime.combine(local.date(), time(wishes.digest_hour), local.tzinfo)
    if wishes.digest == Digest.WEEKLY:
        slot -= timedelta(days=(slot.weekday() - wishes.digest_weekday) % 7)
        return slot if slot <= local else slot - timedelta(days=7)
    return slot if slot <= local else slot - timedelta(days=1)


def zone_of(member: Member) -> str:
    """The zone a member lives in: their own, else the organization's."""
    return member.user.timezone or member.organization.timezone


def language_of(member: Member) -> str:
    """The language a member reads."""
    return member.user.language or member.organization.language


def wants(wishes: Wishes, kind: NoticeKind, channel: Channel) -> bool:
    """Whether a notice of the kind goes to the channel."""
    return channel in wishes.channels_of(kind)


def _sees(member: Member, subject: Any) -> bool:
    found = member_of(member.user_id)
    return found is not None and bool(can(actor_for(found), subject.view_permission, subject))
