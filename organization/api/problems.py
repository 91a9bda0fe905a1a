"""Every API failure as an RFC 9457 problem: type, title, status, detail, and the places of bad input."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from organization.errors import DomainError, KeyReused, NotAllowed, NotVisible, StateConflict

CONTENT_TYPE = "application/problem+json"
STATUS = {NotVisible: 404, NotAllowed: 403, StateConflict: 409, KeyReused: 422}


def problem(status: int, title: str, *, detail: str = "", **members: Any) -> Response:
    """A problem answer; members: further fields, such as `errors`."""
    body = {"type": "about:blank", "title": title, "status": status} | ({"detail": detail} if detail else {}) | members
    return Response(body, status=status, content_type=CONTENT_TYPE)


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None hands the unexpected to the 500 page, which logs it once."""
    answer = _answer(error)
    if answer is not None:
        set_rollback()
    return answer


def _answer(error: Exception) -> Response | None:
    if isinstance(error, DomainError):
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
        places = {"errors": error.errors} if hasattr(error, "errors") else {}
        return problem(status, str(error), **({"field": error.field} if error.field else {}), **places)
    if isinstance(error, Http404):
        return problem(404, str(NotVisible.message))
    if isinstance(error, PermissionDenied):
        return problem(403, str(error) or str(NotAllowed.message))
    if isinstance(error, exceptions.ValidationError):
        return problem(400, _("The request is not valid."), errors=error.get_full_details())
    if isinstance(error, exceptions.APIException):
        answer = problem(error.status_code, str(error.detail))
        if auth_header := getattr(error, "auth_header", None):
            answer["WWW-Authenticate"] = auth_header
        if wait := getattr(error, "wait", None):
            answer["Retry-After"] = str(int(wait) + 1)
        return answer
    if isinstance(error, DataError):
        return problem(400, _("A value is beyond what can be stored."))
    if isinstance(error, OperationalError) and "lock timeout" in str(error):
        answer = problem(409, _("The same call is still running. Try again shortly."))
        answer["Retry-After"] = "2"
        return answer
    return None
