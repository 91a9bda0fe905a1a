"""What hangs on objects of any kind: links and files; and the search over all of them."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.problems import BadBody
from organization.api.schema import ByType, Operation
from organization.api.views import ApiView
from organization.errors import NotVisible
from organization.models import Link
from organization.queries.attachments import attachments_of, visible_attachment
from organization.queries.kinds import visible_object, visible_objects
from organization.queries.matching import LONGEST_TEXT
from organization.queries.search import search
from organization.serializers.ties import AttachmentShape, AttachmentsShape, FoundPage, LinkShape, LinksShape, SentLink
from organization.services import attachments, links, reads
from organization.views.attachments import SANDBOX

HOME, LINK = "organization.home.view", "organization.link.edit"
MOST_ID = 2**62
OBJECT = (
    OpenApiParameter(
        "type", {"type": "string", "maxLength": 100}, required=True, description=_("As in `organization.department`.")
    ),
    OpenApiParameter("id", {"type": "integer", "minimum": 1, "maximum": MOST_ID}, required=True),
)
UPLOAD = ByType(
    {
        "multipart/form-data": {
            "type": "object",
            "properties": {"upload": {"type": "string", "format": "binary"}},
            "required": ["upload"],
        }
    }
)
ANY_FILE = ByType({"*/*": {"type": "string", "format": "binary"}})


class OfObject(ApiView):
    """Of the object that `type` and `id` of the query name."""

    parameters = ("type", "id")

    def knows(self, method: str) -> Any:
        return self.parameters

    def query_parameters(self, method: str) -> list[OpenApiParameter]:
        return list(OBJECT)

    def subject(self) -> Any:
        """The object. Raises NotVisible."""
        return visible_end(
            self.actor, self.request.query_params.get("type", ""), self.request.query_params.get("id", "")
        )


class LinkListApi(OfObject):
    permission = {"GET": HOME, "POST": LINK}
    tag = "links"
    operations = {
        "GET": Operation("list_links", _("The links of an object"), answer=LinksShape, problems=(404,)),
        "POST": Operation(
            "create_link", _("Tie two objects together"), body=SentLink, answer=LinkShape, status=201, problems=(404,)
        ),
    }

    def knows(self, method: str) -> Any:
        return self.parameters if method in ("GET", "HEAD") else ()

    def query_parameters(self, method: str) -> list[OpenApiParameter]:
        return list(OBJECT) if method == "GET" else []

    def get(self, request: Request) -> Response:
        """The newest first."""
        subject = self.subject()
        label = subject._meta.label_lower
        found = Link.objects.filter(source_type=label, source_id=subject.pk) | Link.objects.filter(
            target_type=label, target_id=subject.pk
        )
        rows = list(found.order_by("-pk"))
        ends = {end for row in rows for end in ((row.source_type, row.source_id), (row.target_type, row.target_id))}
        seen = visible_objects(self.actor, ends)
        shown = [
            row for row in rows if {(row.source_type, row.source_id), (row.target_type, row.target_id)} <= set(seen)
        ]
        return Response(LinksShape({"results": shown}).data)

    def post(self, request: Request) -> Response:
        """The same link again changes nothing."""
        facts = self.sent(SentLink)
        source, target = (visible_end(self.actor, **facts.pop(end)) for end in ("source", "target"))
        return self.answer_once(lambda: (201, LinkShape(links.link(self.actor, source, target=target, **facts)).data))


class LinkApi(ApiView):
    permission = LINK
    tag = "links"
    operations = {"DELETE": Operation("delete_link", _("Untie two objects"), status=204)}

    def delete(self, request: Request, pk: int) -> Response:
        """Both ends stay."""
        found = Link.objects.filter(pk=pk).first()
        subject = found and visible_object(self.actor, found.source_type, found.source_id)
        if found is None or subject is None:
            raise NotVisible

        def work() -> tuple[int, Any]:
            links.unlink(self.actor, subject, link=found)
            return 204, None

        return self.answer_once(work)


class AttachmentListApi(OfObject):
    permission = HOME
    tag = "attachments"
    operations = {
        "GET": Operation("list_attachments", _("The files of an object"), answer=AttachmentsShape, problems=(404,)),
        "POST": Operation(
            "attach_file",
            _("Hang a file on an object"),
            body=UPLOAD,
            answer=AttachmentShape,
            status=201,
            problems=(404,),
        ),
    }

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if self.request is None or self.request.method == "POST" else super().get_parsers()

    def read_body(self, request: HttpRequest) -> bytes:
        return b"" if request.method == "POST" else super().read_body(request)

    def get(self, request: Request) -> Response:
        """The newest first."""
        return Response(AttachmentsShape({"results": list(attachments_of(self.subject()))}).data)

    def post(self, request: Request) -> Response:
        """Checked by its content."""
        subject = self.subject()
        upload = request.FILES.get("upload")
        if upload is None:
            raise BadBody([{"field": "upload", "reason": _now("Choose a file first.")}])
        self.body = b"%d" % upload.size

        def work() -> tuple[int, Any]:
            made = attachments.attach(self.actor, subject, upload=upload, name=upload.name or "")
            return 201, AttachmentShape(made).data

        return self.answer_once(work)


class AttachmentApi(ApiView):
    permission = HOME
    tag = "attachments"
    operations = {
        "GET": Operation("get_attachment", _("A file as it was attached"), answer=ANY_FILE),
        "DELETE": Operation("remove_attachment", _("Take a file away"), status=204),
    }

    def get(self, request: Request, pk: int) -> Any:
        """To be saved, never shown in a page."""
        attachment, subject = visible_attachment(self.actor, pk)
        reads.note_download(self.actor, subject, attachment=attachment.pk)
        answer = FileResponse(
            attachment.file.open("rb"),
            as_attachment=True,
            filename=attachment.name,
            content_type=attachment.content_type,
        )
        answer.headers["Content-Security-Policy"] = SANDBOX
        return answer

    def delete(self, request: Request, pk: int) -> Response:
        """The object's own right to edit decides."""
        attachment, subject = visible_attachment(self.actor, pk)

        def work() -> tuple[int, Any]:
            attachments.remove_attachment(self.actor, subject, attachment=attachment)
            return 204, None

        return self.answer_once(work)


class SearchApi(ApiView):
    permission = HOME
    tag = "search"
    parameters = ("q",)
    operations = {
        "GET": Operation(
            "search",
            _("Search over everything that you may see"),
            answer=FoundPage,
            parameters=(
                OpenApiParameter(
                    "q",
                    {"type": "string", "maxLength": LONGEST_TEXT},
                    description=_("Names, also in pinyin or by initials, codes, references."),
                ),
            ),
        )
    }

    def get(self, request: Request) -> Response:
        """At most 20 of each kind."""
        groups = search(self.actor, request.query_params.get("q", ""))
        return Response(FoundPage({"results": [found for group in groups for found in group.results]}).data)


def visible_end(actor: Any, type: Any, id: Any) -> Any:  # noqa: A002  # as the call names them
    """The object of this model label and id. Raises NotVisible, and ParseError for what is no id."""
    text = str(id)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= MOST_ID):
        raise ParseError(_now("“%(name)s” is the number of an object.") % {"name": "id"})
    found = visible_object(actor, str(type), int(text))
    if found is None:
        raise NotVisible
    return found
