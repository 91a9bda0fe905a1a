"""How people come in: by an account that an administrator made, and a password that nobody else can guess or wait for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import password_changed, password_reset, password_set
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.mails import MAIL_THREAD, send_beside
from organization.middleware import SEEN_KEY, address_of
from organization.models import User
from organization.origins import plain_address, present_address
from organization.queries.invitations import is_confirmed
from organization.queries.letters import text_letter
from organization.services import sessions, sign_in
from organization.services.joining import start_anew

__all__ = ["MAIL_THREAD", "AccountAdapter"]
log = structlog.get_logger(__name__)
ACTS = {
    "account/email/password_reset_key": _("Set a new password"),
    "account/email/email_confirmation": _("Confirm this address"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: people become members through an organization."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """People have no user names."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address; the nearest peer's where fewer proxies have signed than TRUSTED_PROXIES says."""
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            log.warning("proxies.fewer_than_trusted")
            if not (peer := request.META.get("REMOTE_ADDR")):
                raise PermissionDenied from None
            return str(peer)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse an account with too many failures of late; allauth counts by address, in the cache."""
        super().pre_authenticate(request, **credentials)
        if sign_in.is_held_back(credentials.get("email", ""), as_of=timezone.now()):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        sign_in.count_failure(credentials.get("email", ""), as_of=timezone.now())

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether it is still the person who signed in; allauth asks for an address that is confirmed."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Make the address the account's own, unless another account has it."""
        if User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists():
            words = {"email": email_address.email}
            self.add_message(request, messages.ERROR, "account/messages/email_confirmation_failed.txt", words)
            return False
        return super().confirm_email(request, email_address)

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """To the account's own address alone: whoever reads that mail is who the account is for."""
        if email.lower() == user.email:
            super().send_password_reset_mail(user, user.email, context)

    def format_email_subject(self, subject: str) -> str:
        """As the template has it: it names the product, and a host would only be noise before it."""
        return str(subject)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send it beside the answer, whose duration would otherwise tell whether there is such an account."""
        organization = getattr(self.request, "organization", None)
        frame = {"request": self.request, "email": email, "base": settings.SITE_URL}
        act = str(ACTS.get(template_prefix, ""))
        send_beside(text_letter(template_prefix, email, frame | context, organization=organization, act=act))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Below the address of the installation: what a browser calls the host would send people elsewhere."""
        return _at_home(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Below the address of the installation, as above."""
        return _at_home(super().get_email_confirmation_url(request, emailconfirmation))


def _at_home(url: str) -> str:
    return settings.SITE_URL + urlsplit(url).path


@receiver(user_logged_in)
def _note_sign_in(request: HttpRequest, user: User, **_facts: Any) -> None:
    if not request.session.session_key:
        request.session.save()
    now, key = timezone.now(), request.session.session_key or ""
    address = present_address() or address_of(request)
    sessions.note_sign_in(
        user.pk, key, device=request.META.get("HTTP_USER_AGENT", ""), address=plain_address(address), as_of=now
    )
    request.session[SEEN_KEY] = [key, now.timestamp()]


@receiver(user_logged_out)
def _forget_sign_in(request: HttpRequest, **_facts: Any) -> None:
    if request.session.session_key:
        sessions.forget(request.session.session_key)


@receiver([password_changed, password_set, password_reset])
def _end_other_sign_ins(request: HttpRequest, user: User, **_facts: Any) -> None:
    """A new password ends what the old one opened: at once, and not only in what the other browsers show."""
    mine = request.session if request.user.is_authenticated and request.user.pk == user.pk else None
    sessions.end_all(user, but=[mine.session_key, *mine.get(SEEN_KEY, [])[:1]] if mine else ())


@receiver(password_reset)
def _confirm_address(user: User, **_facts: Any) -> None:
    """A password set through the mailed link proves whose the address is, and is worth more than many wrong ones.

    The first such proof clears what whoever made the account may have left in it: a passkey would let them back in.
    """
    if not is_confirmed(user):
        start_anew(user)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    sign_in.forget_failures(user.email)
