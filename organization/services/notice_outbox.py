"""Carrying notices: claim a delivery, make its message, send it outside of any transaction, note what came of it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connections, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organization import outbound
from organization.access import system_actor
from organization.choices import Channel, Fate
from organization.engine import chat_messages
from organization.models import ChatBot, Member, Notice, NoticeDelivery
from organization.queries.letters import Letter
from organization.queries.notice_channels import wishes_of
from organization.queries.notice_messages import ChatPost, chat_lines, mail_of
from organization.queries.roles import holders
from organization.services import notices as telling
from organization.services.chat_bots import AddressLost, unseal
from organization.services.notice_deliveries import mail
from organization.services.outbox import back_off
from organization.tenancy import tenant_transaction

log = structlog.get_logger(__name__)

LEASE_SECONDS = 120
MOST_MAILS, MOST_POSTS = 12, 4
BREAKS_AFTER = 5
# What WeCom and DingTalk take of one bot before they silence it
POSTS_A_MINUTE = 20
MINUTE = timedelta(minutes=1)
BREAK = timedelta(minutes=10)
CLAIM = """
UPDATE organization_noticedelivery
   SET lease_until = now() + make_interval(secs => %s), token = %s, attempts = attempts + 1
 WHERE id IN (SELECT id FROM organization_noticedelivery
               WHERE done_at IS NULL AND parked_at IS NULL AND due_at <= now()
                 AND (lease_until IS NULL OR lease_until < now())
               ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING organization_id, id
"""
REFUSED = {
    "name": _("“%(host)s” is no host name."),
    "private": _("“%(host)s” lies in a private network. The operator can allow it by OPS_OUTBOUND_PRIVATE_HOSTS."),
    "scheme": _("The address does not begin with https://."),
    "socket": _("“%(host)s” is no host name."),
    "unknown": _("There is no host “%(host)s”."),
}
SendMail = Callable[[Letter], None]


@dataclass(frozen=True)
class Trouble:
    """Why a message did not arrive. may_help: whether trying again may."""

    problem: str
    may_help: bool = True


def claim(limit: int = 20) -> tuple[uuid.UUID, dict[int, list[int]]]:
    """Lease due deliveries of all organizations; returns the lease's token and delivery ids by organization.

    Works as the dispatcher role, which sees the queue of every tenant and nothing else of them.
    """
    token = uuid.uuid4()
    claimed: dict[int, list[int]] = defaultdict(list)
    with transaction.atomic(using="dispatcher"), connections["dispatcher"].cursor() as cursor:
        cursor.execute(CLAIM, [LEASE_SECONDS, token, limit])
        for organization_id, delivery_id in sorted(cursor.fetchall()):
            claimed[organization_id].append(delivery_id)
    return token, dict(claimed)


def carry(organization_id: int, delivery_id: int, token: uuid.UUID, *, send_mail: SendMail) -> None:
    """Send one leased delivery, with no transaction open while it is sent. send_mail raises OSError where it fails."""
    with tenant_transaction(organization_id):
        message = _message(delivery_id, token)
    if message is None:
        return
    trouble = _sent(message, send_mail)
    with tenant_transaction(organization_id):
        _note(delivery_id, token, trouble)


def _message(delivery_id: int, token: uuid.UUID) -> Letter | ChatPost | None:
    """What is to be sent; None where nothing is any more, or another worker has it."""
    delivery = _leased(delivery_id, token)
    if delivery is None:
        return None
    carried = [row.notice for row in delivery.carried.select_related("notice__recipient__user").order_by("notice_id")]
    is_test = delivery.key.startswith("test:")
    wanted = [notice for notice in carried if notice.read_at is None and notice.done_at is None]
    if not wanted and not is_test:
        _end(delivery, Fate.SKIPPED)
        return None
    if delivery.channel == Channel.MAIL:
        return _mail(delivery, wanted)
    return _post(delivery, wanted)


def _mail(delivery: NoticeDelivery, notices: list[Notice]) -> Letter | None:
    member = Member.objects.select_related("user", "organization").get(pk=delivery.member_id)
    if not member.is_active or not member.user.is_active:
        _end(delivery, Fate.SKIPPED)
        return None
    return mail_of(delivery, member, notices)


def _post(delivery: NoticeDelivery, notices: list[Notice]) -> ChatPost | None:
    bot = delivery.bot
    assert bot is not None  # a post is a bot's
    if not delivery.key.startswith("test:") and (bot.is_paused or (bot.open_until and bot.open_until > timezone.now())):
        _mail_instead(delivery, "")
        return None
    if (room_at := _room_at(delivery)) is not None:
        # Nothing was tried, so nothing counts
        delivery.due_at, delivery.lease_until, delivery.attempts = room_at, None, delivery.attempts - 1
        delivery.save(update_fields=["due_at", "lease_until", "attempts"])
        return None
    try:
        url, secret = unseal(bot.sealed_url), unseal(bot.sealed_secret)
    except AddressLost as error:
        _fail(delivery, Trouble(str(error), may_help=False))
        return None
    lines = chat_lines(bot, notices)
    key = f"{delivery.organization_id}-{delivery.pk}"
    call = chat_messages.call(bot.provider, url, secret, lines, key=key, at=timezone.now())
    return ChatPost(bot.provider, call, bot.language)


def _room_at(delivery: NoticeDelivery) -> datetime | None:
    """When the bot may post again; None where it may now. Earlier posts that are about to go count as gone."""
    now = timezone.now()
    others = NoticeDelivery.objects.filter(bot=delivery.bot_id)
    gone = others.filter(fate=Fate.SENT, done_at__gt=now - MINUTE).order_by("-done_at")
    times = list(gone.values_list("done_at", flat=True)[:POSTS_A_MINUTE])
    going = others.filter(pk__lt=delivery.pk, done_at=None, parked_at=None, lease_until__gt=now).count()
    if len(times) + going < POSTS_A_MINUTE:
        return None
    return max(times[-1] + MINUTE, now + timedelta(seconds=1)) if times else now + MINUTE


def _sent(message: Letter | ChatPost, send_mail: SendMail) -> Trouble | None:
    """None where it arrived."""
    if isinstance(message, Letter):
        try:
            send_mail(message)
        except OSError as error:  # smtplib's errors are OSErrors
            return Trouble(f"{type(error).__name__}: {error}"[:500])
        return None
    try:
        reply = outbound.post(message.call.url, message.call.body, message.call.headers)
    except outbound.AddressRefused as error:
        with translation.override(message.language):
            return Trouble(str(REFUSED[error.why]) % {"host": error.host[:100]}, may_help=False)
    except outbound.NotReached:
        with translation.override(message.language):
            return Trouble(gettext("The chat does not answer."))
    verdict = chat_messages.judge(message.provider, reply.status, reply.body)
    return None if verdict.is_good else Trouble(verdict.problem, may_help=verdict.may_help)


def _note(delivery_id: int, token: uuid.UUID, trouble: Trouble | None) -> None:
    delivery = _leased(delivery_id, token)
    if delivery is None:
        return
    if trouble is not None:
        _fail(delivery, trouble)
        return
    _end(delivery, Fate.SENT)
    if delivery.bot_id is not None:
        ChatBot.objects.filter(pk=delivery.bot_id).update(
            failures=0, open_until=None, last_sent_at=timezone.now(), last_error=""
        )


def _fail(delivery: NoticeDelivery, trouble: Trouble) -> None:
    """Later again, by mail instead, or given up, by what is left to try."""
    most = MOST_MAILS if delivery.channel == Channel.MAIL else MOST_POSTS
    may_retry = trouble.may_help and delivery.attempts < most
    log.warning("notice.not_sent", delivery=delivery.pk, channel=delivery.channel, again=may_retry)
    if delivery.bot_id is not None:
        _note_failure(delivery, trouble)
    is_test = delivery.key.startswith("test:")
    if may_retry and not is_test:
        delivery.error, delivery.lease_until = trouble.problem, None
        delivery.due_at = timezone.now() + back_off(delivery.attempts)
        delivery.save(update_fields=["error", "lease_until", "due_at"])
    elif delivery.channel == Channel.CHAT and not is_test:
        _mail_instead(delivery, trouble.problem)
    else:
        delivery.error, delivery.parked_at, delivery.fate = trouble.problem, timezone.now(), Fate.FAILED
        delivery.save(update_fields=["error", "parked_at", "fate"])


def _note_failure(delivery: NoticeDelivery, trouble: Trouble) -> None:
    """Count failures in a row; after some the bot is left alone for a while, and who looks after it is told."""
    bot = ChatBot.objects.select_for_update(of=("self",)).get(pk=delivery.bot_id)
    bot.failures = min(bot.failures + 1, 1000)
    bot.last_error = trouble.problem
    breaks = bot.failures >= BREAKS_AFTER or not trouble.may_help
    if breaks:
        bot.open_until = timezone.now() + BREAK
    bot.save(update_fields=["failures", "last_error", "open_until"])
    if breaks and not delivery.key.startswith("test:"):
        telling.tell(
            system_actor(delivery.organization_id, "notices"),
            kind="organization.bot_failing",
            recipients=holders("organization.bot.edit"),
            subject=bot,
            facts={"bot": bot.name, "problem": trouble.problem},
            dedupe=f"{bot.pk}:{timezone.now():%Y-%m-%d}",
        )


def _mail_instead(delivery: NoticeDelivery, problem: str) -> None:
    """What a bot could not say goes to its recipients by mail; nobody is mailed the same twice."""
    carried = [row.notice for row in delivery.carried.select_related("notice")]
    open_ones = [notice for notice in carried if notice.read_at is None and notice.done_at is None]
    ids = [notice.recipient_id for notice in open_ones]
    found = Member.objects.filter(pk__in=ids, is_active=True).select_related("user", "organization")
    members = {member.pk: member for member in found}
    reached = [notice for notice in open_ones if notice.recipient_id in members]
    mail(reached, members, wishes_of(members.values()), timezone.now())
    _end(delivery, Fate.MAILED, problem)


def _end(delivery: NoticeDelivery, fate: Fate, error: str = "") -> None:
    delivery.done_at, delivery.fate, delivery.error = timezone.now(), fate, error
    delivery.save(update_fields=["done_at", "fate", "error"])


def _leased(delivery_id: int, token: uuid.UUID) -> NoticeDelivery | None:
    held = NoticeDelivery.objects.filter(pk=delivery_id, token=token, done_at=None, parked_at=None)
    return held.select_for_update(of=("self",)).select_related("bot").first()
