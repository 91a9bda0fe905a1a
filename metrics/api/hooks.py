"""Where webhooks arrive: anybody may call, and who signs is believed."""

from __future__ import annotations

import io
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from metrics.errors import BadSignature, TooManyRows
from metrics.services.webhooks import NOTHING_TAKEN, sender_of, take_delivery
from ops_platform.database.scope import organization_var
from organization.api.parsers import StrictJSONParser
from organization.api.problems import problem
from organization.api.views import REPLAYED, TooLarge
from organization.errors import NotVisible

SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


class HookThrottle(SimpleRateThrottle):
    """Counts deliveries to one webhook from one address: who knows the address alone does not shut its sender out."""

    scope = "hook"

    def get_cache_key(self, request: Any, view: Any) -> str:
        ident = f"{view.kwargs['address'][:60]}:{self.get_ident(request)}"
        return self.cache_format % {"scope": self.scope, "ident": ident}


@extend_schema(exclude=True)
class HookView(APIView):
    """One delivery: the good rows are taken, the others come back with their reasons."""

    public = "deliveries are signed with the source's secret"
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (HookThrottle,)

    def post(self, request: Request, address: str) -> Response:
        if organization_var.get() is None:
            raise NotVisible
        raw = self._body(request)
        headers = {name: request.headers.get(name, "") for name in SIGNED}
        try:
            source = sender_of(address.partition("-")[2], headers, raw, as_of=timezone.now())
        except BadSignature as error:
            return problem(401, str(error))
        body = StrictJSONParser().parse(io.BytesIO(raw))
        if not isinstance(body, dict | list):
            raise ParseError(_("A delivery is a JSON object or a list of them."))
        try:
            status, answer, is_replayed = take_delivery(source, key=headers["webhook-id"], raw=raw, body=body)
        except TooManyRows as error:
            return problem(413, str(error))
        if status == NOTHING_TAKEN:
            return problem(status, _("None of the rows can be stored."), **answer)
        return Response(answer, status=status, headers={REPLAYED: "true"} if is_replayed else None)

    def _body(self, request: Request) -> bytes:
        try:
            return request._request.body
        except RequestDataTooBig as error:
            raise TooLarge(_("The body is too large. Send fewer rows in one delivery.")) from error
