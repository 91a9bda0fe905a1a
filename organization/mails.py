"""Mails that the product sends by itself, as text, in the language of whoever reads them."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urljoin

import structlog
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from organization.models import Member, Organization
from organization.queries.notice_messages import NoticeMail
from organization.services.invitations import Mail

log = structlog.get_logger(__name__)
MAIL_THREAD = "account-mail"


def invitation_mail(mail: Mail, *, link_base: str) -> EmailMessage:
    """The mail with the link, in the language that the inviter chose."""
    invitation = mail.invitation
    link = urljoin(link_base, reverse("organization:invitation", args=[mail.text]))
    with translation.override(invitation.language), timezone.override(invitation.organization.timezone):
        return text_mail(
            "organization/mail/invitation",
            invitation.email,
            {"invitation": invitation, "link": link, "base": link_base},
        )


def factor_reset_mail(member: Member, organization: Organization, *, base: str) -> EmailMessage:
    """Tell a member that an administrator has taken their second factor away, in their language."""
    words = {"organization": organization, "at": timezone.now(), "base": base}
    with translation.override(member.user.language or organization.language), timezone.override(organization.timezone):
        return text_mail("organization/mail/factor_reset", member.user.email, words)


def send_beside(message: EmailMessage) -> None:
    """Send it once the transaction has committed, beside the answer."""
    transaction.on_commit(threading.Thread(target=_send, args=(message,), name=MAIL_THREAD).start)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except OSError as error:  # smtplib's errors are OSErrors
        log.error("account.mail_not_sent", error=type(error).__name__)


def text_mail(template: str, to: str, words: dict[str, Any]) -> EmailMessage:
    """A mail of `<template>_subject.txt` and `<template>_message.txt` in the active language."""
    subject = " ".join(render_to_string(f"{template}_subject.txt", words).split())
    return EmailMessage(subject, render_to_string(f"{template}_message.txt", words).strip() + "\n", to=[to])


def send_notice_mail(mail: NoticeMail) -> None:
    """Send a mail of notices, as text and as simple HTML. Raises OSError where the mail server does not take it."""
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to], headers=mail.headers)
    message.attach_alternative(mail.html, "text/html")
    message.send()
