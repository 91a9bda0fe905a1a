"""What administrators set for everybody: archives, how long things are kept, the look."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ops_platform.web.paging import Order
from organization.api.lists import ListApiView, listed
from organization.api.problems import BadBody
from organization.api.schema import ByType, Operation
from organization.api.views import ApiView, ChangeItem, ItemView, ReadItem, RemoveItem
from organization.choices import JobStatus
from organization.errors import NotVisible
from organization.forms.looks import BrandForm
from organization.models import DataExport, Organization
from organization.queries.data_exports import exports
from organization.queries.retention import what_is_kept
from organization.retention import rules
from organization.serializers.office import ExportShape, LookShape, RetentionShape, SentRetention
from organization.services import data_exports, looks, reads, retention
from organization.views.attachments import SANDBOX

EXPORT, SETTINGS = "organization.export.edit", "organization.settings.edit"
ZIP = ByType({"application/zip": {"type": "string", "format": "binary"}})
LOGO = ByType(
    {
        "multipart/form-data": {
            "type": "object",
            "properties": {"logo": {"type": "string", "format": "binary"}},
            "required": ["logo"],
        }
    }
)


class ExportListApi(ListApiView):
    permission = EXPORT
    tag = "exports"
    shape = ExportShape
    order = Order("newest", ("pk",), is_descending=True)
    operations = {
        "GET": listed("list_exports", _("Archives, the newest first"), ExportShape, has_shown=False, is_exported=False),
        "POST": Operation("start_export", _("Have an archive of everything made"), answer=ExportShape, status=202),
    }

    def rows(self) -> Any:
        return exports(self.actor)

    def post(self, request: Request, **kwargs: Any) -> Response:
        """A worker writes it; one at a time."""

        def work() -> tuple[int, Any]:
            made = data_exports.request_export(self.actor, self.request.organization)
            return 202, ExportShape(exports(self.actor).get(pk=made.pk)).data

        return self.answer_once(work)


class ExportApi(ReadItem, RemoveItem):
    permission = EXPORT
    tag = "exports"
    shape = ExportShape
    operations = {
        "GET": Operation("get_export", _("How far an archive is"), answer=ExportShape),
        "DELETE": Operation("remove_export", _("Delete an archive, or give it up"), status=204),
    }

    def rows(self) -> Any:
        return exports(self.actor)

    def remove(self, row: DataExport) -> None:
        data_exports.remove_export(self.actor, row)


class ExportFileApi(ItemView):
    permission = EXPORT
    tag = "exports"
    operations = {"GET": Operation("get_export_file", _("The archive itself"), answer=ZIP)}

    def rows(self) -> Any:
        return exports(self.actor).filter(status=JobStatus.DONE).exclude(file="")

    def get(self, request: Request, **kwargs: Any) -> Any:
        """Its SHA-256 stands with the archive."""
        row = self.row()
        try:
            file = row.file.open("rb")
        except FileNotFoundError as error:
            raise NotVisible from error
        reads.note_download(self.actor, row, size=row.size_bytes)
        name = f"{self.request.organization.slug}-{row.created_at:%Y-%m-%d}.zip"
        answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
        answer.headers["Content-Security-Policy"] = SANDBOX
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


class RetentionApi(ApiView):
    permission = SETTINGS
    tag = "organization"
    operations = {
        "GET": Operation("get_retention", _("How long things are kept"), answer=RetentionShape),
        "PATCH": Operation(
            "set_retention", _("Keep things longer or shorter"), body=SentRetention, answer=RetentionShape
        ),
    }

    def get(self, request: Request) -> Response:
        """By rule."""
        return Response(self.told())

    def patch(self, request: Request) -> Response:
        """What is older goes within the hour."""
        days = self.sent(SentRetention)["days"]
        if unknown := sorted(set(days) - {rule.key for rule in rules()}):
            raise BadBody([{"field": f"days.{unknown[0][:100]}", "reason": _now("There is no such member here.")}])

        def work() -> tuple[int, Any]:
            retention.set_retention(self.actor, self.request.organization, days=days)
            return 200, self.told()

        return self.answer_once(work)

    def told(self) -> Any:
        """As it stands now."""
        return RetentionShape({"results": what_is_kept(timezone.now())}).data


class LookItem(ItemView):
    """The look of the caller's organization."""

    shape = LookShape

    def rows(self) -> Any:
        return Organization.objects.filter(pk=self.request.organization.pk)

    def row(self) -> Organization:
        return self.rows().get()

    def form_options(self, row: Any) -> dict[str, Any]:
        """What the form is made with."""
        return {}


class LookApi(LookItem, ReadItem, ChangeItem):
    permission = SETTINGS
    tag = "organization"
    change_form = BrandForm
    operations = {
        "GET": Operation("get_look", _("Name, colour and logo of your organization"), answer=LookShape),
        "PATCH": Operation(
            "change_look", _("Change name and colour"), body=BrandForm, answer=LookShape, is_versioned=True
        ),
    }
    form_options = LookItem.form_options

    def change(self, row: Organization, facts: dict[str, Any]) -> Organization:
        kept = {"brand_name": row.brand_name, "accent": row.accent}
        return looks.change_look(self.actor, row, **(kept | facts))


class LogoApi(LookItem):
    permission = SETTINGS
    tag = "organization"
    operations = {
        "PUT": Operation("set_logo", _("Another logo"), body=LOGO, answer=LookShape),
        "DELETE": Operation("remove_logo", _("No logo any more"), answer=LookShape),
    }

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if self.request is None or self.request.method == "PUT" else super().get_parsers()

    def read_body(self, request: HttpRequest) -> bytes:
        return b"" if request.method == "PUT" else super().read_body(request)

    def put(self, request: Request, **kwargs: Any) -> Response:
        """A PNG, JPEG or WebP picture; it is drawn anew."""
        upload = request.FILES.get("logo")
        if upload is None:
            raise BadBody([{"field": "logo", "reason": _now("Choose a file first.")}])
        self.body = b"%d" % upload.size
        return self.changed({"logo": upload})

    def delete(self, request: Request, **kwargs: Any) -> Response:
        """The name alone is left."""
        return self.changed({"without_logo": True})

    def changed(self, facts: dict[str, Any]) -> Response:
        """Name and colour stay."""
        row = self.row()
        kept = {"brand_name": row.brand_name, "accent": row.accent, "version": self.seen_version()}
        return self.write(row, lambda: looks.change_look(self.actor, row, **(kept | facts)))
