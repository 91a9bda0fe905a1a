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


class BadBody(exceptions.APIException):
    """The body is of another shape than the call takes. errors: dicts of field and reason."""

    status_code = 400

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(_("The request is not valid."))
        self.errors = errors


class Unacceptable(BadBody):
    """The body is well formed, and what it says is not possible."""

    status_code = 422


class VersionNeeded(exceptions.APIException):
    """A change of what two people may change says which version its author saw."""

    status_code = 428

    def __init__(self) -> None:
        super().__init__(_("Say which version you saw: send the ETag as If-Match, or “version” in the body."))


class Outdated(StateConflict):
    """Somebody else was faster. current: the object as the API shows it now."""

    def __init__(self, current: Any) -> None:
        super().__init__()
        self.current = current


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
        members = {name: value for name in ("errors", "current", "field") if (value := getattr(error, name, None))}
        return problem(status, str(error), **members)
    if isinstance(error, Http404):
        return problem(404, str(NotVisible.message))
    if isinstance(error, PermissionDenied):
        return problem(403, str(error) or str(NotAllowed.message))
    if isinstance(error, exceptions.ValidationError):
        return problem(400, _("The request is not valid."), errors=places_of(error.detail))
    if isinstance(error, exceptions.APIException):
        members = {"errors": error.errors} if isinstance(error, BadBody) else {}
        answer = problem(error.status_code, str(error.detail), **members)
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


def places_of(detail: Any, place: str = "") -> list[dict[str, Any]]:
    """What a serializer found wrong, flat: field as a path ("definition.breakdowns.0") and reason."""
    if isinstance(detail, dict):
        items: Any = detail.items()
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        items = enumerate(detail)
    else:
        reasons = detail if isinstance(detail, list) else [detail]
        return [{"field": place, "reason": str(reason)} for reason in reasons]
    found: list[dict[str, Any]] = []
    for name, inner in items:
        below = place if name == "non_field_errors" else f"{place}.{name}".lstrip(".")
        found += places_of(inner, below)
    return found
