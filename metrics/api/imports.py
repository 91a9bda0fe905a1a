"""Imports of files: send one, settle its columns, decide about its rows, take it back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.forms.imports import UploadForm
from metrics.models import ImportBatch
from metrics.queries.imports import import_rows, refusals_of
from metrics.serializers.feeding import ImportDetailShape, ImportShape, RefusalsShape, SentPlan
from metrics.services import imports
from metrics.views.imports import ImportListView, refused_file
from organization.api.lists import ListApiView, listed
from organization.api.problems import BadBody
from organization.api.schema import ByType, Operation
from organization.api.views import ActionItem, ItemView, ReadItem

VIEW, RUN = "metrics.import.view", "metrics.import.run"
TAG = "imports"
FILE = {
    "type": "object",
    "properties": {"upload": {"type": "string", "format": "binary"}, "dataset": {"type": "integer"}},
    "required": ["upload"],
}


class ImportListApi(ListApiView):
    permission = {"GET": VIEW, "POST": RUN}
    tag = TAG
    page = ImportListView
    shape = ImportShape
    operations = {
        "GET": listed("list_imports", _("Imports, the newest first"), ImportShape),
        "POST": Operation(
            "upload_file",
            _("Send a file; its plan is proposed"),
            body=ByType({"multipart/form-data": FILE}),
            answer=ImportDetailShape,
            status=201,
        ),
    }

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if self.request is None or self.request.method == "POST" else super().get_parsers()

    def read_body(self, request: HttpRequest) -> bytes:
        # A file may be larger than a body of JSON; the form and the service bound it
        return b"" if request.method == "POST" else super().read_body(request)

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Dataset by id; without it the one that the columns tell, or a new one."""
        upload = request.FILES.get("upload")
        if upload is None:
            raise BadBody([{"field": "upload", "reason": _now("Choose a file first.")}])
        sent = {name: request.POST[name] for name in request.POST if name == "dataset"}
        form = UploadForm(sent, request.FILES, actor=self.actor)
        if not form.is_valid():
            raise BadBody(
                [{"field": name, "reason": str(reason)} for name, texts in form.errors.items() for reason in texts]
            )
        self.body = f"{upload.size}:{upload.name}:{sent.get('dataset', '')}".encode()

        def work() -> tuple[int, Any]:
            facts = {"upload": upload, "name": upload.name or "", "dataset": form.cleaned_data["dataset"]}
            batch = imports.receive_file(self.actor, self.request.organization, **facts)
            return 201, ImportDetailShape(import_rows(self.actor).get(pk=batch.pk)).data

        return self.answer_once(work)


class ImportItem(ItemView):
    """One import."""

    shape = ImportDetailShape

    def rows(self) -> Any:
        return import_rows(self.actor)


class ImportApi(ImportItem, ReadItem):
    permission = VIEW
    tag = TAG
    operations = {"GET": Operation("get_import", _("Where an import stands"), answer=ImportDetailShape)}


class ImportPlanApi(ImportItem):
    permission = RUN
    tag = TAG
    operations = {
        "PUT": Operation(
            "settle_import", _("Settle the columns; a worker checks every row"), body=SentPlan, answer=ImportDetailShape
        )
    }

    def put(self, request: Request, **kwargs: Any) -> Response:
        """The proposed plan, changed where it was wrong."""
        row = self.row()
        plan = self.sent(SentPlan)["plan"]
        return self.write(row, lambda: imports.set_mapping(self.actor, row, plan=plan))


class ImportConfirmApi(ImportItem, ActionItem):
    permission = RUN
    tag = TAG
    operations = {
        "POST": Operation("confirm_import", _("Load the good rows of a checked file"), answer=ImportDetailShape)
    }

    def act(self, row: ImportBatch, facts: dict[str, Any]) -> ImportBatch:
        return imports.load_checked(self.actor, row)


class ImportDiscardApi(ImportItem, ActionItem):
    permission = RUN
    tag = TAG
    operations = {"POST": Operation("discard_import", _("Load none of a file"), answer=ImportDetailShape)}

    def act(self, row: ImportBatch, facts: dict[str, Any]) -> ImportBatch:
        return imports.discard_import(self.actor, row)


class ImportUndoApi(ImportItem, ActionItem):
    permission = RUN
    tag = TAG
    operations = {"POST": Operation("undo_import", _("Take a loaded import back"), answer=ImportDetailShape)}

    def act(self, row: ImportBatch, facts: dict[str, Any]) -> ImportBatch:
        return imports.undo_import(self.actor, row)


class ImportRefusalsApi(ImportItem):
    permission = VIEW
    tag = TAG
    operations = {"GET": Operation("list_refusals", _("The first refused rows with reasons"), answer=RefusalsShape)}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """At most a hundred; the file has all."""
        return Response({"results": refusals_of(self.row())[:100]})


class ImportRefusedApi(ImportItem):
    permission = VIEW
    tag = TAG
    operations = {
        "GET": Operation(
            "get_refused_rows",
            _("The refused rows as a file, to correct and send again"),
            answer=ByType({"text/csv": {"type": "string", "format": "binary"}}),
        )
    }

    def get(self, request: Request, **kwargs: Any) -> Any:
        """404 where none was refused."""
        answer = refused_file(self.actor, self.row())
        if answer is None:
            raise Http404
        return answer
