"""What OpenAPI says of every call: the token, and problems (RFC 9457) as answers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

REASONS = {
    400: _("The request is not valid: a parameter, the JSON, or a value beyond what can be stored."),
    401: _("The token is missing, unknown, expired or revoked."),
    403: _("The token, or the member it acts for, lacks the right."),
    404: _("There is nothing of this name that the caller may see."),
    409: _("Another call is at the same work. Try again after `Retry-After` seconds."),
    413: _("The body is too large."),
    422: _("Well formed, but not possible; `errors` names the places. Nothing was changed."),
    429: _("Too many calls. Try again after `Retry-After` seconds."),
}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    description="A UUID made by the caller for this call. The same call again under it within seven days changes nothing and "
    "gets the first answer with the header `Idempotency-Replayed: true`; another body under it is a 422.",
)


class Problem(serializers.Serializer):
    """Why a call failed (RFC 9457). `field` or `errors` name the places of bad input."""

    type = serializers.CharField(help_text="Always about:blank: status and title say it all.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    field = serializers.CharField(required=False)
    errors = serializers.ListField(child=serializers.DictField(), required=False)  # type: ignore[assignment]  # RFC 9457's word


def problems(*codes: int) -> dict[tuple[int, str], OpenApiResponse]:
    """The failures of a call for `extend_schema`; 401, 403 and 429 are always possible."""
    return {
        (code, "application/problem+json"): OpenApiResponse(Problem, description=str(REASONS[code]))
        for code in sorted({401, 403, 429, *codes})
    }


class TokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer ops_...`"""

    target_class = "organization.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API token; it is shown once when it is made."}
