"""The words of mails and posts, in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from organization.choices import Language
from organization.engine.chat_messages import Call, ChatLine
from organization.models import ChatBot, Member, Notice, NoticeDelivery
from organization.notice_kinds import find_or_none
from organization.queries.letters import Letter, letter
from organization.queries.notice_channels import language_of, zone_of
from organization.queries.told_words import notice_text, notice_title

SALT = "organization.unsubscribe"
MOST_IN_A_MAIL = 50


@dataclass(frozen=True)
class ChatPost:
    """A post as it goes out."""

    provider: str
    call: Call
    language: str


@dataclass(frozen=True)
class MailLine:
    """One notice of a mail."""

    title: str
    text: str
    url: str


def mail_of(delivery: NoticeDelivery, member: Member, notices: Sequence[Notice]) -> Letter:
    """The mail that carries `notices` to `member`: one of them, or a summary of several."""
    language = language_of(member)
    with translation.override(language), timezone.override(zone_of(member)):
        lines = [MailLine(notice_title(one), notice_text(one), _absolute(one.url)) for one in notices]
        kind = notices[0].kind if not delivery.is_digest else ""
        stop = _absolute(reverse("organization:unsubscribe", args=[unsubscribe_text(member, kind)]))
        known = find_or_none(kind)
        subject = lines[0].title
        if delivery.is_digest:
            subject = ngettext("%(count)d notice", "%(count)d notices", len(lines)) % {"count": len(lines)}
        words = {
            "lines": lines[:MOST_IN_A_MAIL],
            "left": max(len(lines) - MOST_IN_A_MAIL, 0),
            "inbox": _absolute(reverse("organization:inbox")),
            "choices": _absolute(reverse("organization:notice-choices")),
            "stop": stop,
            "kind": known.label if known else "",
            "organization": member.organization.display_name,
            "is_digest": delivery.is_digest,
        }
        text = render_to_string("organization/mail/notice_message.txt", words)
        headline = f"{subject} · {member.organization.display_name}"
        headers = {
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "X-Ops-Delivery": f"{delivery.organization_id}-{delivery.pk}",
        }
        return letter(
            member.user.email,
            headline[:200],
            text,
            organization=member.organization,
            template="organization/mail/notice_message.html",
            words=words | {"subject": subject},
            headers=headers,
        )


def chat_lines(bot: ChatBot, notices: Sequence[Notice]) -> list[ChatLine]:
    """What a bot says: each thing once, with the names of all for whom it is; without notices, a test."""
    with translation.override(bot.language or Language.ENGLISH), timezone.override(bot.organization.timezone):
        if not notices:
            text = gettext("This is a test. Notices of %(organization)s will be posted here.")
            url = _absolute(reverse("home"))
            return [ChatLine(bot.name, text % {"organization": bot.organization.display_name}, url)]
        first = notices[0]
        names = [notice.recipient.name for notice in notices]
        return [ChatLine(notice_title(first), notice_text(first), _absolute(first.url), names)]


def unsubscribe_text(member: Member, kind: str) -> str:
    """What the address that ends mails holds: the organization in the open, the rest signed. Kind empty: all of them."""
    signed = signing.dumps([member.organization_id, member.pk, kind], salt=SALT)
    return f"{member.organization_id}-{signed}"


def unsubscribed(text: str) -> tuple[int, int, str] | None:
    """(organization, member, kind) of such an address; None for one that is not ours."""
    try:
        organization_id, member_id, kind = signing.loads(text.partition("-")[2], salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return organization_id, member_id, kind


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}" if path else ""
