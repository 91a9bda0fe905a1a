"""The base of every API view: declared permission, one organization, strict input, problems as answers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import organization.api.schema  # noqa: F401  # describes the token to OpenAPI
from organization.access import Actor
from organization.models import Organization
from organization.services.idempotency import fingerprint, once

REPLAYED = "Idempotency-Replayed"


class TooLarge(APIException):
    """The body is longer than a call may be."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class ApiRequest(Request):
    """A request whose caller is known."""

    actor: Actor
    organization: Organization


class ApiView(APIView):
    """Subclasses declare `permission`, or a mapping of it by method, and `parameters`: the query parameters they know."""

    permission: str | dict[str, str]
    parameters: Collection[str] = ()

    request: ApiRequest

    @property
    def actor(self) -> Actor:
        """Who is calling."""
        return self.request.actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(None):  # what `initial` activates ends with the call
            return super().dispatch(request, *args, **kwargs)

    def initial(
        self,
        request: ApiRequest,  # type: ignore[override]  # what the authentication makes of it
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().initial(request, *args, **kwargs)
        timezone.activate(request.organization.timezone)  # instants are written with the organization's own offset
        try:
            self.body = request._request.body  # read here, so that its length is bounded
        except RequestDataTooBig as error:
            raise TooLarge(_("The body is too large. Send fewer rows in one call.")) from error
        if unknown := sorted(set(request.query_params) - set(self.parameters)):
            raise ParseError(_("There is no parameter “%(name)s” here.") % {"name": unknown[0][:60]})
        if any("\0" in value for value in request.query_params.values()):
            raise ParseError(_("Text must not contain NUL or broken characters."))

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, BadRequest):
            exc = ParseError(str(exc))
        return super().handle_exception(exc)

    def answer_once(self, work: Callable[[], tuple[int, Any]]) -> Response:
        """Answer what `work` gives, (status, JSON); under the caller's Idempotency-Key do it only once.

        Raises KeyReused when the key came with another request.
        """
        text = self.request.headers.get("Idempotency-Key")
        if text is None:
            code, answer = work()
            return Response(answer, status=code)
        try:
            key = UUID(text)
        except ValueError as error:
            raise ParseError(_("The Idempotency-Key must be a UUID.")) from error
        route = self.request.path
        code, answer, is_replayed = once(
            self.actor, key, fingerprint(self.request.method or "", route, self.body), work
        )
        return Response(answer, status=code, headers={REPLAYED: "true"} if is_replayed else None)
