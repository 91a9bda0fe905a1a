"""Putting notices on their way: a row for each mail and post, written with the notices themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from organization.choices import Channel, Digest
from organization.models import CarriedNotice, ChatBot, Member, Notice, NoticeDelivery
from organization.notice_kinds import NoticeKind
from organization.queries.notice_channels import Wishes, bot_of, mail_due, zone_of
from organization.queue import enqueue

NOWHERE = (".example", ".invalid")  # domains that never resolve, RFC 6761


def route(
    notices: Iterable[Notice],
    kind: NoticeKind,
    members: Mapping[int, Member],
    wishes: Mapping[int, Wishes],
    now: datetime,
) -> None:
    """Deliveries of new notices of one telling, by the wishes of their recipients.

    A member whose chat no bot serves gets a mail instead. What a summary will carry gets no delivery yet.
    """
    mails, chats = [], []
    for notice in notices:
        channels = wishes[notice.recipient_id].channels_of(kind)
        if Channel.CHAT in channels:
            chats.append(notice)
        if Channel.MAIL in channels:
            mails.append(notice)
    posts, unserved = _by_bot(chats, members)
    mail(mails + [notice for notice in unserved if notice not in mails], members, wishes, now)
    for bot, carried in posts.items():
        _deliver(Channel.CHAT, f"telling:{carried[0].telling}:{bot.pk}", carried, now, bot=bot)
    if mails or chats:
        enqueue("organization.relay")


def mail(notices: Iterable[Notice], members: Mapping[int, Member], wishes: Mapping[int, Wishes], now: datetime) -> None:
    """A mail for each notice, after quiet hours; one for a summary is only marked. A notice mailed already is not again.

    No mail goes to an address that cannot exist, as those of a sample company.
    """
    marked = [notice for notice in notices if not members[notice.recipient_id].user.email.endswith(NOWHERE)]
    Notice.objects.filter(pk__in=[notice.pk for notice in marked]).update(wants_mail=True)
    for notice in marked:
        member = members[notice.recipient_id]
        wanted = wishes[member.pk]
        if wanted.digest == Digest.NONE:
            due_at = mail_due(wanted, zone_of(member), now)
            _deliver(Channel.MAIL, f"notice:{notice.pk}", [notice], due_at, member=member)


def _by_bot(notices: list[Notice], members: Mapping[int, Member]) -> tuple[dict[ChatBot, list[Notice]], list[Notice]]:
    if not notices:
        return {}, []
    bots = list(ChatBot.objects.filter(is_paused=False).select_related("department"))
    posts: dict[ChatBot, list[Notice]] = defaultdict(list)
    unserved = []
    for notice in notices:
        bot = bot_of(members[notice.recipient_id], bots)
        if bot is None:
            unserved.append(notice)
        else:
            posts[bot].append(notice)
    return posts, unserved


def _deliver(
    channel: Channel,
    key: str,
    notices: list[Notice],
    due_at: datetime,
    *,
    member: Member | None = None,
    bot: ChatBot | None = None,
    is_digest: bool = False,
) -> None:
    delivery, is_new = NoticeDelivery.objects.get_or_create(
        channel=channel,
        key=key,
        defaults={"member": member, "bot": bot, "due_at": due_at, "is_digest": is_digest},
    )
    if is_new:
        CarriedNotice.objects.bulk_create(CarriedNotice(delivery=delivery, notice=notice) for notice in notices)


def gather(member: Member, notices: list[Notice], *, slot: str, now: datetime) -> None:
    """One summary of a member's notices; the same slot again changes nothing."""
    _deliver(Channel.MAIL, f"digest:{member.pk}:{slot}", notices, now, member=member, is_digest=True)
