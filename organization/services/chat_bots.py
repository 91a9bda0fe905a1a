"""Bots in group chats: where notices are posted besides people's own inboxes."""

from __future__ import annotations

import uuid
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from organization.access import Actor, can
from organization.choices import Channel
from organization.engine.audit_chain import changes
from organization.errors import DomainError, StateConflict, TooNarrow
from organization.models import ChatBot, NoticeDelivery, Organization
from organization.queue import enqueue
from organization.sealing import box
from organization.services import audit
from organization.usecases import use_case

PURPOSE = b"ops-platform.organization.chat"


class BotNameTaken(DomainError):
    """Two bots with one name could not be told apart."""

    message = _("There is a bot with this name already.")
    field = "name"


class AddressLost(DomainError):
    """What is kept cannot be opened: SECRET_KEY is another one than when it was closed."""

    message = _("The kept address cannot be read any more, since SECRET_KEY has changed. Enter it again.")
    field = "url"


@use_case("organization.bot.edit")
def add_bot(
    actor: Actor, organization: Organization, *, name: str, provider: str, url: str, secret: str = "", **values: Any
) -> ChatBot:
    """A bot that posts from now on. values: department, language. Raises BotNameTaken, TooNarrow."""
    bot = ChatBot(name=name, provider=provider, sealed_url=seal(url), sealed_secret=seal(secret), **values)
    _save(actor, bot)
    audit.record(actor, "organization.bot.added", bot, provider=provider, department=bot.department_id)
    return bot


@use_case("organization.bot.edit")
def change_bot(
    actor: Actor, bot: ChatBot, *, version: int | None = None, url: str = "", secret: str | None = None, **values: Any
) -> ChatBot:
    """Change name, provider, department, language, is_paused; an empty url and a secret of None stay as they are.

    A change closes the breaker: the next notice is posted again. version: what the editor saw. Raises StateConflict,
    BotNameTaken, TooNarrow.
    """
    bot = ChatBot.objects.select_for_update(of=("self",)).get(pk=bot.pk)
    if version not in (None, bot.version):
        raise StateConflict
    changed = changes({name: getattr(bot, name) for name in values}, values)
    for name, value in values.items():
        setattr(bot, name, value)
    if url:
        bot.sealed_url = seal(url)
    if secret is not None:
        bot.sealed_secret = seal(secret)
    bot.failures, bot.open_until, bot.last_error = 0, None, ""
    bot.version += 1
    _save(actor, bot)
    if url or secret is not None:
        audit.record(actor, "organization.bot.secret_changed", bot)
    audit.record(actor, "organization.bot.changed", bot, changed=changed)
    return bot


@use_case("organization.bot.edit")
def remove_bot(actor: Actor, bot: ChatBot) -> None:
    """Remove a bot with what it has posted; who was served by it gets mails."""
    audit.record(actor, "organization.bot.removed", bot)
    bot.delete()


@use_case("organization.bot.edit")
def test_bot(actor: Actor, bot: ChatBot) -> NoticeDelivery:
    """Put a test message into the queue; what became of it stands on the delivery. A worker sends it."""
    delivery = NoticeDelivery.objects.create(channel=Channel.CHAT, bot=bot, key=f"test:{uuid.uuid4()}")
    audit.record(actor, "organization.bot.tested", bot)
    enqueue("organization.relay")
    return delivery


def seal(text: str) -> str:
    """The text, encrypted and authenticated; nothing stays nothing."""
    return box(PURPOSE).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """The text again. Raises AddressLost when SECRET_KEY is another one."""
    try:
        return box(PURPOSE).decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken as error:
        raise AddressLost from error


def _save(actor: Actor, bot: ChatBot) -> None:
    if not can(actor, "organization.bot.edit", bot):
        raise TooNarrow(field="department")
    try:
        with transaction.atomic():
            bot.save()
    except IntegrityError as error:
        raise BotNameTaken from error
