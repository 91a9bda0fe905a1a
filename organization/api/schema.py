"""What OpenAPI says of every call: the token, the headers that all share, and problems (RFC 9457) as answers."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from organization.api.bodies import body_schema
from organization.serializers.base import Sent

PROBLEM = "application/problem+json"
JSON = "application/json"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
REASONS = {
    400: _("The request is not valid: a parameter, the JSON, or a value beyond what can be stored."),
    401: _("The token is missing, unknown, expired or revoked."),
    403: _("The token, or the member it acts for, lacks the right."),
    404: _("There is nothing of this name that the caller may see."),
    406: _("Answers come as JSON alone."),
    409: _("Somebody changed it meanwhile (`current` is how it stands now), or another call is at the same work."),
    413: _("The body is too large."),
    415: _("The body is of another content type than the call takes."),
    422: _("Well formed, but not possible; `errors` names the places. Nothing was changed."),
    428: _("Say which version you saw: by `If-Match` or by `version`."),
    429: _("Too many calls. Try again after `Retry-After` seconds."),
}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    description=_(
        "A UUID made by the caller for this call. The same call again under it within seven days changes nothing and gets "
        "the first answer with the header `Idempotency-Replayed: true`; another body under it is a 422."
    ),
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": '^(W/)?"[0-9]{1,9}(-[0-9a-f]+)?"$'},
    OpenApiParameter.HEADER,
    description=_("The `ETag` that was read: the change is made only while the object is still at that version."),
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    {"type": "string", "pattern": '^"[0-9a-f-]+"$'},
    OpenApiParameter.HEADER,
    description=_("An `ETag` that was read before: 304 while nothing has changed."),
)
TOLD = {
    "ETag": ("string", _("What `If-None-Match` takes; of a single object also what `If-Match` takes.")),
    "RateLimit-Limit": ("integer", _("Calls in each minute.")),
    "RateLimit-Remaining": ("integer", _("Calls that are left now.")),
    "RateLimit-Reset": ("integer", _("Seconds until all calls are free again.")),
    "Retry-After": ("integer", _("Seconds to wait.")),
    "Link": ("string", _('The address of the next page, as `rel="next"`.')),
    "Idempotency-Replayed": ("string", _("`true` where this is the answer of an earlier call under the same key.")),
}


class ByType(dict[str, Any]):
    """Shapes by content type, where a call takes or gives another one than JSON."""


NEXT = {"type": ["string", "null"], "description": "Cursor of the next page; null on the last."}
SHOWN = {
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    "description": "What the page of this list shows in each of its columns, in the language of the call.",
}


@dataclass(frozen=True)
class PageOf:
    """A page of rows of this shape."""

    row: type[serializers.Serializer]
    has_shown: bool = False


@dataclass(frozen=True)
class Operation:
    """One call. body and answer: a serializer class, a form class, or JSON schema; a dict of these by content type.

    name: of the operation, as clients see it. problems: what may go wrong beside what may go wrong everywhere.
    """

    name: str
    summary: Any
    answer: Any = None
    body: Any = None
    status: int = 200
    problems: tuple[int, ...] = ()
    parameters: tuple[OpenApiParameter, ...] = ()
    is_versioned: bool = False
    is_list: bool = False


class Problem(serializers.Serializer):
    """Why a call failed (RFC 9457). `field` or `errors` name the places of bad input."""

    type = serializers.CharField(help_text="Always about:blank: status and title say it all.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    field = serializers.CharField(required=False)
    reference = serializers.CharField(required=False, help_text="Leads to the log; name it when you ask for help.")
    current = serializers.DictField(required=False, help_text="With 409: the object as it stands now.")
    errors = serializers.ListField(child=serializers.DictField(), required=False)  # type: ignore[assignment]  # RFC 9457's word


def problems(*codes: int) -> dict[tuple[int, str], OpenApiResponse]:
    """The failures of a call for `extend_schema`; those that may happen everywhere are added by themselves."""
    return {(code, PROBLEM): OpenApiResponse(Problem, description=str(REASONS[code])) for code in sorted(codes)}


class OpsSchema(AutoSchema):
    """Reads the operations that a view declares, and adds to each call what holds for all of them."""

    @property
    def declared(self) -> Operation | None:
        """The view's own declaration of this call."""
        return getattr(self.view, "operations", {}).get(self.method)

    def get_operation_id(self) -> str:
        return self.declared.name if self.declared else super().get_operation_id()

    def get_summary(self) -> Any:
        return str(self.declared.summary) if self.declared else super().get_summary()

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular itself has it
        if self.declared is None:
            return super().get_description()
        needed = self.needed
        return str(_("Needs the right `%(codename)s`.")) % {"codename": needed} if needed else ""

    @property
    def needed(self) -> str:
        """The right that the view declares for this method."""
        declared = getattr(self.view, "permission", "")
        return str(declared.get(self.method, "") if isinstance(declared, dict) else declared)

    def get_tags(self) -> list[str]:
        tag = getattr(self.view, "tag", "")
        return [tag] if tag else super().get_tags()

    def get_override_parameters(self) -> list[Any]:
        found = list(super().get_override_parameters())
        if self.declared is None:
            return found
        view: Any = self.view
        return [*found, *self.declared.parameters, *view.query_parameters(self.method)]

    def get_request_serializer(self) -> Any:
        if self.declared is None:
            return super().get_request_serializer()
        if self.declared.body is None:
            return None
        by_type = self.declared.body if isinstance(self.declared.body, ByType) else {JSON: self.declared.body}
        return {media: self._shape(body) for media, body in by_type.items()}

    def get_response_serializers(self) -> Any:
        if self.declared is None:
            return super().get_response_serializers()
        status, answer = self.declared.status, self.declared.answer
        if answer is None:
            return {status: OpenApiResponse(None, description=HTTPStatus(status).phrase)}
        by_type = answer if isinstance(answer, ByType) else {JSON: answer}
        return {(status, media): self._shape(body) for media, body in by_type.items()}

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None and hasattr(self.view, "known_methods"):
            self._complete(operation)
            if self.needed:
                operation["x-permission"] = self.needed
        return operation

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return super().get_serializer_name(serializer, direction).removesuffix("Shape")

    def _postprocess_serializer_schema(self, schema: Any, serializer: Any, direction: Any) -> Any:
        found = super()._postprocess_serializer_schema(schema, serializer, direction)
        return found | {"additionalProperties": False} if isinstance(serializer, Sent) else found

    def _shape(self, body: Any) -> Any:
        if isinstance(body, PageOf):
            return self._page(body)
        is_form = isinstance(body, type) and issubclass(body, forms.BaseForm)
        return body_schema(body, is_partial=self.method == "PATCH") if is_form else body

    def _page(self, page: PageOf) -> Any:
        """A page of rows of which any member may be missing: `fields` leaves out what was not asked for."""
        whole = self.resolve_serializer(page.row(), "response")
        more = {"shown": SHOWN} if page.has_shown else {}
        row = ResolvedComponent(f"{whole.name}Row", ResolvedComponent.SCHEMA, object=(page.row, "row"))
        row.schema = {
            "type": "object",
            "properties": deepcopy(whole.schema["properties"]) | more,
            "description": whole.schema.get("description", ""),
        }
        self.registry.register_on_missing(row)
        return {
            "type": "object",
            "properties": {"results": {"type": "array", "items": row.ref}, "next": NEXT},
            "required": ["results", "next"],
        }

    def _complete(self, operation: Any) -> None:
        said, declared = operation["responses"], self.declared
        codes = {400, 401, 403, 406, 429}
        if "{" in self.path:
            codes.add(404)
        if self.method in WRITES:
            codes |= {409, 422}
        if self.method in WITH_BODY:
            codes.add(413)
        if "requestBody" in operation:
            codes.add(415)
            operation["requestBody"]["required"] = True
        if declared is not None:
            codes |= set(declared.problems) | ({428} if declared.is_versioned else set())
        component = self.resolve_serializer(Problem(), "response").ref
        for code in sorted(codes):
            said.setdefault(str(code), {"content": {PROBLEM: {"schema": component}}, "description": str(REASONS[code])})
        has_tag = self.method == "GET" and JSON in said.get("200", {}).get("content", {})
        if has_tag:
            said["304"] = {"description": HTTPStatus(304).phrase}
        for code, response in said.items():
            names = list(self._headers(code, has_tag=has_tag))
            response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        operation["responses"] = {code: said[code] for code in sorted(said)}
        shared = self._shared_parameters(has_tag=has_tag)
        known = {(one["name"], one["in"]) for one in operation.get("parameters", ())}
        added = [one for one in shared if (one["name"], one["in"]) not in known]
        if found := [*operation.get("parameters", ()), *added]:
            operation["parameters"] = found

    def _headers(self, code: str, *, has_tag: bool) -> Iterable[str]:
        if code in ("401", "406"):
            return
        if code != "403":
            yield from ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
        if code.startswith("2") and self.method in WRITES:
            yield "Idempotency-Replayed"
        if code in ("200", "304") and has_tag:
            yield "ETag"
        if code == "200" and self.declared is not None and self.declared.is_list:
            yield "Link"
        if code in ("409", "429"):
            yield "Retry-After"

    def _shared_parameters(self, *, has_tag: bool) -> list[Any]:
        wanted = [IDEMPOTENCY_KEY] if self.method in WRITES else []
        if self.declared is not None and self.declared.is_versioned:
            wanted.append(IF_MATCH)
        if has_tag:
            wanted.append(IF_NONE_MATCH)
        return [
            {"in": one.location, "name": one.name, "schema": one.type, "description": str(one.description)}
            for one in wanted
        ]


def add_headers(result: Any, **_context: Any) -> Any:
    """The headers that calls refer to; and of lists that `fields` may leave out whatever is not asked for."""
    result["components"]["headers"] = {
        name: {"schema": {"type": kind}, "description": str(text)} for name, (kind, text) in TOLD.items()
    }
    return result


class TokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer ops_...`"""

    target_class = "organization.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API token; it is shown once when it is made."}
