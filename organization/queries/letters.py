"""Every mail of the product: one look, as text and as HTML that say the same, with the logo inside the mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.mime.image import MIMEImage
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import SafeMIMEMultipart
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from organization.engine.accents import Shades, shades
from organization.engine.letters import paragraphs
from organization.models import Organization
from organization.queries.looks import logo_file
from organization.tenancy import organization_var

LOGO = "logo@ops-platform"
PRODUCT_ACCENT = "#3355d0"  # --accent of tokens.css
LAYOUT = "organization/mail/letter.html"


@dataclass(frozen=True)
class Brand:
    """Whose mail it is. logo: the bytes of the picture, empty without one; kind: its content type."""

    name: str
    light: Shades
    dark: Shades
    logo: bytes = b""
    kind: str = ""


class Letter(EmailMultiAlternatives):
    """A mail whose HTML finds its logo in the mail itself: a remote picture tells its host who reads, and when."""

    logo: tuple[bytes, str] | None = None

    def message(self, **facts: Any) -> Any:
        """The MIME tree; the HTML and its picture are one part of it, and attachments stay outside of that."""
        found = super().message(**facts)
        if self.logo is None:
            return found
        for part in found.walk():
            children: Any = part.get_payload() if part.is_multipart() else []
            for index, child in enumerate(children):
                if child.get_content_type() == "text/html":
                    children[index] = self._with_logo(child)
                    return found
        return found

    def _with_logo(self, html: Any) -> SafeMIMEMultipart:
        assert self.logo is not None
        data, kind = self.logo
        picture = MIMEImage(data, kind.partition("/")[2])
        picture.add_header("Content-ID", f"<{LOGO}>")
        picture.add_header("Content-Disposition", "inline", filename=f"logo.{kind.partition('/')[2]}")
        related = SafeMIMEMultipart(_subtype="related", encoding=self.encoding or "utf-8")
        related.attach(html)
        related.attach(picture)
        return related


def brand_of(organization: Organization | None) -> Brand:
    """How mails of the open organization look; the product's own look without one."""
    accent = (organization.accent if organization else "") or PRODUCT_ACCENT
    name = organization.display_name if organization else gettext("Ops Platform")
    light, dark = shades(accent, "light"), shades(accent, "dark")
    found = None
    if organization and organization.logo and organization_var.get() == organization.pk:
        found = logo_file(organization.logo)
    if found is None:
        return Brand(name, light, dark)
    with found.file.open("rb") as file:
        return Brand(name, light, dark, file.read(), found.content_type)


def letter(
    to: str,
    subject: str,
    text: str,
    *,
    organization: Organization | None,
    act: str = "",
    template: str = LAYOUT,
    words: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Letter:
    """A mail in the active language.

    text: paragraphs, a foot below `--`; an address alone in its paragraph becomes the button `act`. template: one that
    extends the layout and says with `words` what `text` says, where paragraphs are not enough.
    """
    brand = brand_of(organization)
    body, foot = paragraphs(text)
    subject = " ".join(subject.split())
    frame = {"brand": brand, "logo": LOGO if brand.logo else "", "subject": subject, "language": get_language()}
    html = render_to_string(template, frame | {"paragraphs": body, "foot": foot, "act": act} | dict(words or {}))
    mail = Letter(
        subject, text.strip() + "\n", to=[to], headers={"Auto-Submitted": "auto-generated", **(headers or {})}
    )
    mail.attach_alternative(html, "text/html")
    mail.logo = (brand.logo, brand.kind) if brand.logo else None
    return mail


def text_letter(
    template: str, to: str, words: dict[str, Any], *, organization: Organization | None, act: str = ""
) -> Letter:
    """The mail of `<template>_subject.txt` and `<template>_message.txt` in the active language."""
    subject = render_to_string(f"{template}_subject.txt", words)
    text = render_to_string(f"{template}_message.txt", words)
    return letter(to, subject, text, organization=organization, act=act)
