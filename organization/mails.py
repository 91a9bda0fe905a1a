"""Mails that the product sends by itself, in the language of whoever reads them."""

from __future__ import annotations

import threading
from urllib.parse import urljoin

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from organization.models import Member, Organization
from organization.queries.letters import Letter, text_letter
from organization.services.invitations import Mail

log = structlog.get_logger(__name__)
MAIL_THREAD = "account-mail"


def invitation_mail(mail: Mail, *, link_base: str) -> Letter:
    """The mail with the link, in the language that the inviter chose."""
    invitation = mail.invitation
    link = urljoin(link_base, reverse("organization:invitation", args=[mail.text]))
    with translation.override(invitation.language), timezone.override(invitation.organization.timezone):
        return text_letter(
            "organization/mail/invitation",
            invitation.email,
            {"invitation": invitation, "link": link, "base": link_base},
            organization=invitation.organization,
            act=_("Join"),
        )


def factor_reset_mail(member: Member, organization: Organization) -> Letter:
    """Tell a member that an administrator has taken their second factor away, in their language."""
    words = {"organization": organization, "at": timezone.now(), "base": settings.SITE_URL}
    with translation.override(member.user.language or organization.language), timezone.override(organization.timezone):
        return text_letter("organization/mail/factor_reset", member.user.email, words, organization=organization)


def send_beside(message: Letter) -> None:
    """Send it once the transaction has committed, beside the answer."""
    transaction.on_commit(threading.Thread(target=_send, args=(message,), name=MAIL_THREAD).start)


def _send(message: Letter) -> None:
    try:
        message.send()
    except OSError as error:  # smtplib's errors are OSErrors
        log.error("account.mail_not_sent", error=type(error).__name__)


def send_notice_mail(mail: Letter) -> None:
    """Send a mail of notices. Raises OSError where the mail server does not take it."""
    mail.send()
