"""Pictures of a SOP's instructions: added to a draft, and shown to whoever sees the SOP."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext

from organization.engine.file_types import UnknownFile, file_type
from organization.errors import FileRefused, NotVisible
from organization.models import Attachment
from organization.services.attachments import attach
from organization.views.attachments import SANDBOX
from organization.views.base import PageView, visible_or_404
from processes.models import Sop
from processes.views.authoring import DraftView, edit_url, part_url

HEAD = 4096


class PictureAddView(DraftView):
    """A picture for the instructions of a draft; the text then names it."""

    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if elsewhere := self.load(pk):
            return elsewhere
        upload = request.FILES.get("upload")
        try:
            if upload is None:
                raise FileRefused(gettext("Choose a file first."))
            if not _is_picture(upload.read(HEAD)):
                raise FileRefused(gettext("This is no picture. Send JPEG, PNG or WebP."))
            upload.seek(0)
            attach(self.actor, self.version.sop, upload=upload, name=upload.name or "")
        except FileRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("The picture is kept. Copy its line into the instructions."))
        step = request.POST.get("step", "")
        known = {one.key for _section, one in self.procedure.steps()}
        return redirect(f"{part_url(self.version, step)}#pictures" if step in known else edit_url(self.version))


def _is_picture(content: bytes) -> bool:
    try:
        return file_type(content).is_image
    except UnknownFile:
        return False


class PictureView(PageView):
    """The picture itself, in the page."""

    permission = "processes.sop.view"

    def get(self, request: HttpRequest, pk: int, picture: int) -> HttpResponseBase:
        sop = visible_or_404(Sop.objects.visible_to(self.actor), pk=pk)
        kept = Attachment.objects.filter(object_type=sop._meta.label_lower, object_id=sop.pk, pk=picture)
        found = kept.filter(content_type__startswith="image/").first()
        if found is None:
            raise NotVisible
        try:
            answer = FileResponse(found.file.open("rb"), content_type=found.content_type)
        except FileNotFoundError as error:
            raise NotVisible from error
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = SANDBOX
        answer["Cache-Control"] = "private, max-age=86400"
        return answer
