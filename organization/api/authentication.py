"""Who calls the API: a token, or a person with a session in the browser."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from organization.backends import membership
from organization.middleware import claimed_organization
from organization.queries.actors import actor_for, token_holder
from organization.services.tokens import note_use


def _csrf_failure(request: Any) -> Any:
    """Why the CSRF token is refused, None when it is right."""
    check: Any = CSRFCheck(lambda _request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, None, (), {})


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer ops_...`, or the session of a signed-in member with its CSRF token."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        header = request.headers.get("Authorization", "")
        if header:
            return self._by_token(request, header)
        return self._by_session(request)

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"

    def _by_token(self, request: Any, header: str) -> tuple[Any, Any]:
        found, now = None, timezone.now()
        if claimed_organization(request) is not None:
            found = token_holder(header.removeprefix("Bearer "), as_of=now)
        if found is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        token, member, actor = found
        note_use(token, as_of=now)
        if not request.headers.get("Accept-Language"):
            translation.activate(member.user.language or member.organization.language)  # until the next request
        return self._enter(request, member, actor)

    def _by_session(self, request: Any) -> tuple[Any, Any] | None:
        plain = request._request
        if not plain.user.is_authenticated or plain.session.get("organization_id") is None:
            return None
        member = membership(plain.user)
        if member is None:
            return None
        if reason := _csrf_failure(plain):
            raise PermissionDenied(_("The CSRF token is missing or wrong: %(reason)s.") % {"reason": reason})
        return self._enter(request, member, actor_for(member))

    def _enter(self, request: Any, member: Any, actor: Any) -> tuple[Any, Any]:
        if member.organization.delete_after:
            raise PermissionDenied(_("This organization is closed."))
        for target in (request, request._request):
            target.member, target.organization, target.actor = member, member.organization, actor
        return member.user if "user" in member._state.fields_cache else member, actor
