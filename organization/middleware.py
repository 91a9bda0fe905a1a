"""Opens the organization of a request: from the session of a person, or named by a machine's token or address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from organization.origins import came_from, plain_address
from organization.services import sessions
from organization.tenancy import tenant_context

SESSION_KEY = "organization_id"
SEEN_KEY = "seen"
SEEN_EVERY = timedelta(minutes=10)
BEARER = "Bearer ops_"
HOOKS = "/hooks/"
INVITATIONS = "/invitations/"
UNSUBSCRIBE = "/unsubscribe/"
LOGOS = "/logos/"
NAMED_BY_ADDRESS = (HOOKS, INVITATIONS, UNSUBSCRIBE, LOGOS)


def claimed_organization(request: HttpRequest) -> int | None:
    """The organization that a bearer token names, or the address of a webhook, an invitation or a logo.

    Only a claim: the token, the webhook with the signature, the invitation or the logo must then be found inside it.
    """
    header = request.headers.get("Authorization", "")
    if request.path.startswith(NAMED_BY_ADDRESS):
        number = request.path.split("/", 2)[2].split("-", 1)[0]
    elif header.startswith(BEARER):
        number = header.removeprefix(BEARER).split("_", 1)[0]
    else:
        return None
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None


def address_of(request: HttpRequest) -> str:
    """The client's address, by as many proxies as the settings trust; empty behind a Unix socket."""
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return ""


class OrganizationMiddleware:
    """Opens the scope around the view. Membership is checked in the view's own transaction, with the rights."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        organization_id = claimed_organization(request)
        # At such an address the organization of a person's session counts for nothing
        if organization_id is None and not request.path.startswith(NAMED_BY_ADDRESS):
            organization_id = request.session.get(SESSION_KEY)
        if organization_id is None:
            return self.get_response(request)
        with tenant_context(organization_id), came_from(partial(address_of, request)):
            response = self.get_response(request)
        # The next person at the machine must not find it behind the "back" button, nor a proxy keep it.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class LastSeenMiddleware:
    """Notes when and from where a signed-in browser was last used, now and then, so that its person knows it again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session, now = request.session, timezone.now()
        key, seen = session.get(SEEN_KEY, ("", 0)) if session.accessed else ("", 0)
        if key and session.session_key and (key != session.session_key or now.timestamp() - seen > SEEN_EVERY.seconds):
            sessions.note_seen(key, session.session_key, address=plain_address(address_of(request)), as_of=now)
            session[SEEN_KEY] = [session.session_key, now.timestamp()]
        return response
