"""Whole pages, kept until something that they show changes.

A view names everything its page rests on; while that stands still, the page of the last time goes out again, or a 304
where the browser has it. What differs from one answer to the next (the CSRF token, the time of printing) is put in then.
"""

from __future__ import annotations

import hashlib
import re
import time
import zlib
from collections.abc import Callable, Iterable
from functools import cache as once
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.session import SessionStorage
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from ops_platform.web import formats
from ops_platform.web.htmx import DECIDING_HEADERS

# Whatever begins or falls due does so on a quarter of an hour, in every time zone of today
SECONDS = 900
LOOKS = ("theme", "density")
TOKEN = re.compile(rb'name="csrf-token" content="(\w+)"')
# PostgreSQL stores no NUL, so nothing that people wrote can hold a mark
TOKEN_MARK, NOW_MARK = "\0csrf\0", "\0now\0"
FASTEST = 1
# Of all folders but .venv and var
SOURCES = [f"[!.v]*/**/*.{ending}" for ending in ("py", "html", "mo", "css", "js")]


def kept_page(
    request: HttpRequest, organization_id: int, parts: Iterable[object], make: Callable[[], HttpResponse]
) -> HttpResponse:
    """The page that `make` renders, or the kept one of the same address, looks and `parts`.

    parts: with the running quarter of an hour all that the page depends on, the viewer's rights among them; their `repr`
    counts. A page that is not a 200, sets a cookie or tells a message is made for this once.
    """
    if _has_message(request):
        return make()
    key = _key(request, organization_id, parts)
    kept = cache.get(key)
    if kept is not None:
        answer = _conditional(request, HttpResponse(), key)
        if answer.status_code == 200:
            answer.content = _filled(request, zlib.decompress(kept))
        return answer
    request.is_kept = True  # type: ignore[attr-defined]  # for `now_text`
    answer = make()
    body = answer.content
    if answer.status_code != 200 or answer.cookies:
        answer.content = _filled(request, body)
        return answer
    if token := TOKEN.search(body):
        body = body.replace(token[1], TOKEN_MARK.encode())
    cache.set(key, zlib.compress(body, FASTEST), SECONDS)
    answer.content = _filled(request, body)
    return _conditional(request, answer, key)


def now_text(request: Any) -> str:
    """The present instant in words, or the mark that stands for it in a page that is kept."""
    return NOW_MARK if getattr(request, "is_kept", False) else formats.absolute(timezone.now())


def _has_message(request: HttpRequest) -> bool:
    return bool(request.COOKIES.get(CookieStorage.cookie_name) or request.session.get(SessionStorage.session_key))


def _key(request: HttpRequest, organization_id: int, parts: Iterable[object]) -> str:
    facts = (
        request.build_absolute_uri(),
        [request.headers.get(name) for name in DECIDING_HEADERS],
        [request.COOKIES.get(name) for name in LOOKS],
        get_language(),
        int(time.time()) // SECONDS,
        _release(),
        *parts,
    )
    return f"{organization_id}:page:{hashlib.sha256(repr(facts).encode()).hexdigest()}"


def _conditional(request: HttpRequest, answer: HttpResponse, key: str) -> HttpResponse:
    """The answer with its ETag, or 304. The tag changes with the secret of the forms, too: a new sign-in has another."""
    secret = request.META.get("CSRF_COOKIE", "")
    answer["ETag"] = f'W/"{hashlib.sha256(f"{key}{secret}".encode()).hexdigest()[:32]}"'
    answer["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, (*DECIDING_HEADERS, "Cookie"))
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer


def _filled(request: HttpRequest, body: bytes) -> bytes:
    for mark, text in ((TOKEN_MARK.encode(), get_token), (NOW_MARK.encode(), _absolute_now)):
        if mark in body:
            body = body.replace(mark, text(request).encode())
    return body


def _absolute_now(_request: HttpRequest) -> str:
    return formats.absolute(timezone.now())


@once
def _release() -> int:
    """Another number after each change of code, templates or words: what older ones rendered is not shown any more."""
    files = (path for pattern in SOURCES for path in settings.BASE_DIR.glob(pattern))
    return max((path.stat().st_mtime_ns for path in files), default=0)
