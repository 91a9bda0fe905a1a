"""The base of every API view: declared permission, one organization, strict input, problems as answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organization.access import Actor
from organization.api.bodies import SEEN, facts_from
from organization.api.problems import BadBody, Outdated, VersionNeeded
from organization.api.schema import Operation
from organization.api.throttling import ActorThrottle
from organization.errors import NotVisible, OutOfReach, StateConflict
from organization.models import Organization
from organization.services.idempotency import fingerprint, once

REPLAYED = "Idempotency-Replayed"
ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-[0-9a-f]+)?"')
METHODS = ("get", "head", "post", "put", "patch", "delete")


class TooLarge(APIException):
    """The body is longer than a call may be."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class ApiRequest(Request):
    """A request whose caller is known."""

    actor: Actor
    organization: Organization


class ApiView(APIView):
    """Subclasses declare `permission`, or a mapping of it by method, and `parameters`: the query parameters they know.

    tag: under which heading the calls stand. operations: what OpenAPI says of each method.
    """

    permission: str | dict[str, str]
    parameters: Collection[str] = ()
    tag: str = ""
    operations: ClassVar[dict[str, Operation]] = {}
    http_method_names = METHODS  # OPTIONS would describe the view beside the description

    request: ApiRequest
    throttle: ActorThrottle | None = None

    @property
    def actor(self) -> Actor:
        """Who is calling."""
        return self.request.actor

    @property
    def known_methods(self) -> frozenset[str]:
        """The methods that the address answers."""
        return frozenset(name for name in METHODS if hasattr(self, name))

    def query_parameters(self, method: str) -> list[OpenApiParameter]:
        """What OpenAPI says of the query parameters."""
        return []

    def knows(self, method: str) -> Collection[str]:
        """The query parameters that the method takes."""
        return self.parameters if method in ("GET", "HEAD") else ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(None):  # what `initial` activates ends with the call
            return super().dispatch(request, *args, **kwargs)

    def initial(
        self,
        request: ApiRequest,  # type: ignore[override]  # what the authentication makes of it
        *args: Any,
        **kwargs: Any,
    ) -> None:
        method = request.method or ""
        if method.lower() not in self.known_methods:
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        timezone.activate(request.organization.timezone)  # instants are written with the organization's own offset
        self.body = self.read_body(request._request)
        # What a method takes is put together only where something was given
        given = set(request.query_params)
        if unknown := sorted(given - set(self.knows(method))) if given else []:
            raise ParseError(_("There is no parameter “%(name)s” here.") % {"name": unknown[0][:60]})
        if any("\0" in value for value in request.query_params.values()):
            raise ParseError(_("Text must not contain NUL or broken characters."))

    def read_body(self, request: HttpRequest) -> bytes:
        """The body, read here, so that its length is bounded."""
        try:
            return request.body
        except RequestDataTooBig as error:
            raise TooLarge(_("The body is too large. Send fewer rows in one call.")) from error

    def get_throttles(self) -> Any:
        throttles = super().get_throttles()
        self.throttle = next((one for one in throttles if isinstance(one, ActorThrottle)), None)
        return throttles

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, BadRequest):
            exc = ParseError(str(exc))
        return super().handle_exception(exc)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (self.throttle.standing if self.throttle else {}).items():
            answer.headers.setdefault(name, value)
        if request.method in ("GET", "HEAD") and answer.status_code == status.HTTP_200_OK and hasattr(answer, "data"):
            return self._tagged(request, answer)
        return answer

    def facts(self, form: type[Any], *, row: Any = None, **options: Any) -> dict[str, Any]:
        """The body as the page's `form` judges it. row: the object that is changed, where only what is sent changes."""
        seen = self._needed_version() if SEEN in form.base_fields else None
        return facts_from(self.request.data, form, row=row, seen=seen, **options)

    def sent(self, shape: type[Any], *, is_versioned: bool = False) -> dict[str, Any]:
        """The body by a serializer of what is sent. Raises ValidationError (400)."""
        if not isinstance(self.request.data, dict):
            raise BadBody([{"field": "", "reason": _("The body is a JSON object.")}])
        seen = self._needed_version() if is_versioned else None
        serializer = shape(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data) | ({SEEN: seen} if seen is not None else {})

    def _needed_version(self) -> int | None:
        """The version of the header; None where the body names it. Raises VersionNeeded where neither does."""
        seen = self.seen_version()
        if seen is None and isinstance(self.request.data, dict) and SEEN not in self.request.data:
            raise VersionNeeded
        return seen

    def seen_version(self) -> int | None:
        """The version that `If-Match` names, None without the header."""
        text = self.request.headers.get("If-Match")
        if text is None:
            return None
        found = ETAG.fullmatch(text.strip())
        if found is None:
            raise ParseError(_("If-Match takes the ETag of the object."))
        return int(found[1])

    def answer_once(self, work: Callable[[], tuple[int, Any]], *, told_once: str = "") -> Response:
        """Answer what `work` gives, (status, JSON); under the caller's Idempotency-Key do it only once.

        told_once: a member of the answer that is not kept, so that a repeated call is not told. Raises KeyReused when
        the key came with another request.
        """
        text = self.request.headers.get("Idempotency-Key")
        if text is None:
            code, answer = work()
            return Response(answer, status=code)
        try:
            key = UUID(text)
        except ValueError as error:
            raise ParseError(_("The Idempotency-Key must be a UUID.")) from error
        told: dict[str, Any] = {}

        def kept() -> tuple[int, Any]:
            code, answer = work()
            if told_once:
                told[told_once] = answer[told_once]
                answer = answer | {told_once: None}
            return code, answer

        request_print = fingerprint(self.request.method or "", self.request.path, self.body)
        code, answer, is_replayed = once(self.actor, key, request_print, kept)
        if told:
            answer = answer | told
        return Response(answer, status=code, headers={REPLAYED: "true"} if is_replayed else None)

    def _tagged(self, request: Any, answer: Any) -> Any:
        """With an ETag: the version of an object, and a digest of what is told of it. 304 for who has read it."""
        answer.render()
        digest = hashlib.sha256(answer.content).hexdigest()[:20]
        version = answer.data.get("version") if isinstance(answer.data, dict) else None
        tag = f'"{version}-{digest}"' if isinstance(version, int) else f'"{digest}"'
        wanted = {text.strip().removeprefix("W/") for text in request.headers.get("If-None-Match", "").split(",")}
        if tag in wanted:
            answer.status_code = status.HTTP_304_NOT_MODIFIED
            answer.content = b""
            del answer.headers["Content-Type"]
        answer.headers["ETag"] = tag
        return answer


class ItemView(ApiView):
    """One object: read, changed, removed. Subclasses declare `shape`, `rows()`, and what they can of `change`, `remove`.

    lookup: the field that the address names. A change that comes too late is told how the object stands now.
    """

    shape: type[Any]
    lookup = "pk"
    change_form: type[Any]

    def rows(self) -> Any:
        """What the caller may see, as `shape` needs it."""
        raise NotImplementedError

    def row(self) -> Any:
        """The row that the address names. Raises NotVisible."""
        found = self.rows().filter(**{self.lookup: self.kwargs[self.lookup]}).first()
        if found is None:
            raise NotVisible
        return found

    def shown(self, row: Any) -> Any:
        """The row as JSON."""
        return self.shape(row, context=self.shape_context(row)).data

    def shape_context(self, row: Any) -> dict[str, Any]:
        """What the shape asks beside the row."""
        return {}

    def again(self, row: Any) -> Any:
        """The row as it stands after a write, as JSON. Raises OutOfReach where its caller would see it no longer."""
        found = self.rows().filter(pk=row.pk).first()
        if found is None:
            raise OutOfReach
        return self.shown(found)

    def write(self, row: Any, work: Callable[[], Any], code: int = 200) -> Response:
        """Do `work`, whose result is the changed row, once; tell how the row stands."""

        def done() -> tuple[int, Any]:
            try:
                changed = work()
            except Outdated:
                raise
            except StateConflict as error:
                raise Outdated(self.again(row)) from error
            return code, self.again(changed if changed is not None else row)

        return self.answer_once(done)


class ReadItem(ItemView):
    """GET of one object."""

    def get(self, request: Request, **kwargs: Any) -> Response:
        """One object."""
        return Response(self.shown(self.row()))


class ChangeItem(ItemView):
    """PATCH of one object: what is sent changes, what is not stays."""

    def change(self, row: Any, facts: dict[str, Any]) -> Any:
        """Call the service."""
        raise NotImplementedError

    def form_options(self, row: Any) -> dict[str, Any]:
        """What the form is made with."""
        return {"actor": self.actor}

    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Change some of it."""
        row = self.row()
        facts = self.facts(self.change_form, row=row, **self.form_options(row))
        return self.write(row, lambda: self.change(row, facts))


class RemoveItem(ItemView):
    """DELETE of one object."""

    def remove(self, row: Any) -> None:
        """Call the service."""
        raise NotImplementedError

    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Remove it."""
        row = self.row()
        seen = self.seen_version()
        if seen is not None and getattr(row, "version", seen) != seen:
            raise Outdated(self.shown(row))

        def work() -> tuple[int, Any]:
            self.remove(row)
            return status.HTTP_204_NO_CONTENT, None

        return self.answer_once(work)


class ActionItem(ItemView):
    """POST of something done to one object. Subclasses give `act`, and `form` where it takes facts."""

    form: type[Any] | None = None

    def act(self, row: Any, facts: dict[str, Any]) -> Any:
        """Call the service; the row it changed."""
        raise NotImplementedError

    def form_options(self, row: Any) -> dict[str, Any]:
        """What the form is made with."""
        return {"actor": self.actor}

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Do it."""
        row = self.row()
        facts = self.facts(self.form, **self.form_options(row)) if self.form else {}
        return self.write(row, lambda: self.act(row, facts))
