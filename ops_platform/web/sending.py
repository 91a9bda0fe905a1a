"""Forms that a script sends: where the answer leads is told in a header, since a script follows a redirect unseen."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def is_sent_by_script(request: HttpRequest) -> bool:
    """Whether static/js/sending.js sent this form."""
    return request.headers.get("X-Sent-By") == "script"


class SentByScriptMiddleware:
    """Makes of a redirect a 204 with `X-Location`; the script goes there itself, and the next page shows the message."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if is_sent_by_script(request) and 300 <= response.status_code < 400 and "Location" in response.headers:
            response.headers["X-Location"] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = 204
        return response
