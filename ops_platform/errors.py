"""The pages of refusals and failures: what it is, what to do, whom to ask, and a reference; never SQL, names or paths.

Those of failures (500, 503) touch neither database nor session: what is broken must not break the page that says so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _

from ops_platform.web.formats import listed
from organization.permissions import find_or_none
from organization.queries.roles import holders
from organization.tenancy import tenant_transaction

GIVES_RIGHTS = "organization.role.edit"
MOST_NAMED = 3
RETRY_SECONDS = {429: 60, 503: 10}


@dataclass(frozen=True)
class Missing:
    """The right that a refused person lacks, and who can give it."""

    right: Any
    givers: str


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request cannot be read; 413: there is too much of it."""
    return _answer(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason that `can` gave, the right that it takes, and who can give it."""
    return _answer(request, 403, reason=str(exception), missing=_missing(request, getattr(exception, "codename", "")))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: the same page for what is missing, hidden, and another tenant's."""
    return _answer(request, 404)


class MethodNotAllowedMiddleware:
    """405: an address that only a button leads to was opened by itself. Views answer it without a word."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        page = _answer(request, 405)
        page.headers["Allow"] = response.headers["Allow"]
        return page


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429: the throttle of sign-in and of secret links."""
    return _answer(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the database is away: logged once by Django; the reference leads to that line of the log."""
    is_away = isinstance(sys.exception(), OperationalError | InterfaceError)
    return _answer(request, 503 if is_away else 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from our page, or from one that is too old."""
    return _answer(
        request, 403, page="csrf", reason=_("This page was open too long. Load it again and repeat what you did.")
    )


def _answer(
    request: HttpRequest, status: int, *, page: str = "", reason: str = "", missing: Missing | None = None
) -> HttpResponse:
    reference = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    headers = {"Retry-After": str(RETRY_SECONDS[status])} if status in RETRY_SECONDS else {}
    if request.path.startswith("/api/"):
        titles = {400: _("The request is not valid."), 404: _("There is no such page, or it is not shared with you.")}
        title = reason or titles.get(status) or _("The request was refused.")
        body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "reference": reference}
        return JsonResponse(body, status=status, content_type="application/problem+json", headers=headers)
    context = {
        "status": status,
        "reason": reason,
        "missing": missing,
        "reference": reference,
        "again_url": request.get_full_path() if request.method == "GET" and status in (429, 500, 503) else "",
        "request": request,
    }
    html = loader.render_to_string(f"errors/{page or status}.html", context, request=_framed(request, status))
    return HttpResponse(html, status=status, headers=headers)


def _framed(request: HttpRequest, status: int) -> HttpRequest | None:
    """The request for the page's frame; None when the failure came before it was complete, or broke what the frame asks."""
    return request if hasattr(request, "session") and status < 500 else None


def _missing(request: HttpRequest, codename: str) -> Missing | None:
    """What the refused member lacks; nothing where the right is there and only ends too early, or nobody is signed in."""
    permission, member = find_or_none(codename), getattr(request, "member", None)
    if permission is None or member is None:
        return None
    try:
        with tenant_transaction(member.organization_id):
            givers = [str(one) for one in holders(GIVES_RIGHTS) if one.pk != member.pk]
    except DatabaseError:
        givers = []
    return Missing(permission.label, listed(givers[:MOST_NAMED]))
