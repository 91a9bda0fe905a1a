"""Files that hang on objects: add, fetch, remove."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from organization.errors import FileRefused, NotVisible
from organization.queries.attachments import visible_attachment
from organization.queries.kinds import kind_of, visible_object
from organization.services import attachments, reads
from organization.views.base import ActionView, PageView

SANDBOX = "default-src 'none'; sandbox"


class AttachmentAddView(ActionView):
    """Hang a file on an object; the object's own right to edit decides."""

    permission = "organization.home.view"
    message = _("The file is attached.")

    def act(self, **kwargs: Any) -> str:
        subject = visible_object(self.actor, kwargs["label"], kwargs["pk"])
        if subject is None:
            raise NotVisible
        upload = self.request.FILES.get("upload")
        if upload is None:
            raise FileRefused(_("Choose a file first."))
        attachments.attach(self.actor, subject, upload=upload, name=upload.name or "")
        return self.refused_url(**kwargs)

    def refused_url(self, **kwargs: Any) -> str:
        subject, kind = visible_object(self.actor, kwargs["label"], kwargs["pk"]), kind_of(kwargs["label"])
        return kind.found(subject).url if kind and subject else super().refused_url(**kwargs)


class AttachmentView(PageView):
    """The file itself: always saved, never shown inside our own pages."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        attachment, subject = visible_attachment(self.actor, pk)
        reads.note_download(self.actor, subject, attachment=attachment.pk)
        answer = FileResponse(
            attachment.file.open("rb"),
            as_attachment=True,
            filename=attachment.name,
            content_type=attachment.content_type,
        )
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = SANDBOX
        answer["Cache-Control"] = "private, no-store"
        return answer


class AttachmentRemoveView(ActionView):
    """Take a file off its object."""

    permission = "organization.home.view"
    message = _("The file is removed.")

    def act(self, **kwargs: Any) -> str:
        attachment, subject = visible_attachment(self.actor, kwargs["pk"])
        attachments.remove_attachment(self.actor, subject, attachment=attachment)
        kind = kind_of(attachment.object_type)
        return kind.found(subject).url if kind else self.refused_url()
