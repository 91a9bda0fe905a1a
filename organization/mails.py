"""Mails that the product sends by itself, as text, in the language of whoever reads them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from organization.services.invitations import Mail


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


def text_mail(template: str, to: str, words: dict[str, Any]) -> EmailMessage:
    """A mail of `<template>_subject.txt` and `<template>_message.txt` in the active language."""
    subject = " ".join(render_to_string(f"{template}_subject.txt", words).split())
    return EmailMessage(subject, render_to_string(f"{template}_message.txt", words).strip() + "\n", to=[to])
