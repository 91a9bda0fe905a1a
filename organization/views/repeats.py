"""A form that is sent again, because its answer got lost on the way, changes things once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from organization.access import Actor
from organization.models import IdempotencyKey
from organization.services.idempotency import fingerprint, once

HEADER = "Idempotency-Key"
KEPT = ("Location", "HX-Redirect")


def answer_once(actor: Actor, request: HttpRequest, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer of `work`; to the same form under the same key, where that answer led, without doing it again.

    Of the answer only the way on is kept: a page with somebody's data is drawn anew. What was refused is not kept. Without
    a key, or with one that is none, `work` runs. Raises KeyReused when the key came with another form.
    """
    key = _key(request)
    if key is None:
        return work()
    fresh: list[HttpResponseBase] = []

    def kept() -> tuple[int, Any]:
        response = work()
        fresh.append(response)
        return response.status_code, {name: response.headers[name] for name in KEPT if name in response.headers}

    fields = sorted(item for item in request.POST.lists() if item[0] != "csrfmiddlewaretoken")
    form = repr((fields, _files(request))).encode()
    route = fingerprint(request.method or "", request.get_full_path(), form)
    _status, way, is_replayed = once(actor, key, route, kept)
    if not is_replayed:
        [response] = fresh
        if response.status_code >= 400:
            IdempotencyKey.objects.filter(actor_key=f"member:{actor.member_id}", key=key).delete()
        return response
    messages.info(request, _("This was done already the first time."))
    if "Location" in way:
        return HttpResponse(status=302, headers=way)
    return HttpResponse(status=204, headers=way or {"HX-Refresh": "true"})


def _files(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Field, name and digest of what was uploaded: another file of the same name and size is another form."""
    found = []
    for field, uploads in sorted(request.FILES.lists()):
        for upload in uploads:
            digest = hashlib.sha256()
            for piece in upload.chunks():
                digest.update(piece)
            upload.seek(0)
            found.append((field, upload.name or "", digest.hexdigest()))
    return found


def _key(request: HttpRequest) -> UUID | None:
    if request.method != "POST":
        return None
    try:
        return UUID(request.headers.get(HEADER, ""))
    except ValueError:
        return None
