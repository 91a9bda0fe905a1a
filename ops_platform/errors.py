"""The pages of refusals and failures: a sentence and a reference, never SQL, names or paths."""

from __future__ import annotations

from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request cannot be read."""
    return _answer(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason that `can` gave."""
    return _answer(request, 403, reason=str(exception))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: the same page for what is missing, hidden, and another tenant's."""
    return _answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: logged once by Django; the reference leads to that line of the log."""
    return _answer(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from our page, or from one that is too old."""
    return _answer(request, 403, reason=_("This page was open too long. Load it again and repeat what you did."))


def _answer(request: HttpRequest, status: int, *, reason: str = "") -> HttpResponse:
    reference = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    if request.path.startswith("/api/"):
        titles = {400: _("The request is not valid."), 404: _("There is no such page, or it is not shared with you.")}
        title = reason or titles.get(status) or _("The request was refused.")
        body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "reference": reference}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    context = {"reason": reason, "reference": reference}
    return HttpResponse(
        loader.render_to_string(f"errors/{status}.html", context, request=_framed(request)), status=status
    )


def _framed(request: HttpRequest) -> HttpRequest | None:
    """The request for the page's frame; None when the failure came before it was complete."""
    return request if hasattr(request, "session") else None
