"""Signing in through the company's own identity provider (OpenID Connect), where the settings name one."""

from __future__ import annotations

from typing import Any, NoReturn

import structlog
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext

from organization.errors import UnknownOrganization
from organization.models import User
from organization.queries.invitations import account_of
from organization.services.joining import join_by_domain, start_anew

log = structlog.get_logger(__name__)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """The provider says whose the mailbox is; which account and organization that opens is decided here.

    A person is known again by the provider's own number for them. The first time, the account of their confirmed address
    becomes theirs; without one they get in only where their domain joins an organization by itself.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            return
        address = next((one for one in sociallogin.email_addresses if one.verified is True), None)
        if address is None:
            _refuse(request, gettext("The identity provider has not confirmed your e-mail address."))
        email = address.email.lower()
        person, is_confirmed = account_of(email)
        slug = settings.OIDC_JOIN.get(email.rpartition("@")[2])
        if person is None:
            if slug is None:
                _refuse(request, gettext("Nobody has invited this address yet. Ask an administrator to invite you."))
            name = str(
                sociallogin.account.get_provider_account().get_user_data().get("name") or email.partition("@")[0]
            )[:200]
            person = User.objects.create_user(email, None, name=name)
        elif not is_confirmed:
            start_anew(person)  # whoever made the account may know its password, or have left a passkey in it
            person.set_unusable_password()
            person.save(update_fields=["password"])
        defaults = {"verified": True, "primary": True}
        EmailAddress.objects.update_or_create(user=person, email=person.email, defaults=defaults)
        if slug is not None:
            try:
                join_by_domain(slug, person)
            except UnknownOrganization:  # a mistake in OIDC_JOIN
                log.error("oidc.unknown_organization", organization=slug)
        sociallogin.connect(request, person)


def _refuse(request: HttpRequest, sentence: str) -> NoReturn:
    messages.error(request, sentence)
    raise ImmediateHttpResponse(redirect("account_login"))
