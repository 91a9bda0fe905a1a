"""One template is page and fragment: which of the two goes out, and what a swap may announce."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from ops_platform.web.status import Level

DECIDING_HEADERS = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request")


def is_swap(request: HttpRequest) -> bool:
    """Whether htmx asked for a part of the page. A boosted link or a restored history entry needs the whole."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or for a real swap only its partial `fragment` (`{% partialdef rows inline %}`).

    A form that came back with errors goes out with `status=422`, which htmx is told to swap.
    """
    part = f"{template}#{fragment}" if fragment and is_swap(request) else template
    response = render(request, part, context, status=status)
    if fragment:
        patch_vary_headers(response, DECIDING_HEADERS)
    return response


def redirect_page(request: HttpRequest, url: str) -> HttpResponse:
    """Go to `url`, one of our own: 302 for a plain form, `HX-Redirect` for a swap, which would follow a 302 unseen."""
    if is_swap(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def announce(response: HttpResponse, text: str, *, level: Level = "good", undo_url: str = "") -> HttpResponse:
    """Let the page that swaps `response` in show a toast; with `undo_url` it offers to take it back for 10 s."""
    toast = {"text": str(text), "level": level, "undo": undo_url}
    response.headers["HX-Trigger"] = json.dumps({"ops:toast": toast})
    return response
