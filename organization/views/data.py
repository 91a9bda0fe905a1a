"""Settings, Data: the archive of everything, how long things are kept, closing the organization."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import render_page
from organization.choices import JobStatus
from organization.errors import NotVisible
from organization.forms.data import RetentionForm, TypedForm
from organization.models import Organization
from organization.queries.data_exports import exports
from organization.queries.retention import what_is_kept
from organization.services import closing, data_exports, reads, retention
from organization.views.attachments import SANDBOX
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404

MOST_SHOWN = 20
STEPS = [(_("Data"), "organization:data")]


def _steps() -> list[tuple[Any, str]]:
    return [(label, reverse(name)) for label, name in STEPS]


class DataView(PageView):
    """What an organization can do with everything it has."""

    permission = "organization.settings.edit"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = list(exports(self.actor)[:MOST_SHOWN])
        context = {
            "exports": found,
            "is_busy": any(row.status in data_exports.OPEN for row in found),
            "kept": what_is_kept(timezone.now()),
            "may_export": self.actor.holds("organization.export.edit"),
            "may_delete": self.actor.holds("organization.data.delete"),
        }
        return render_page(request, "organization/data.html", context, fragment="archives")


class ExportNewView(ActionView):
    """Ask for an archive."""

    permission = "organization.export.edit"
    message = _("The archive is being made. You get a mail when it is ready.")

    def act(self, **kwargs: Any) -> str:
        data_exports.request_export(self.actor, self.request.organization)
        return reverse("organization:data")

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("organization:data")


class ExportFileView(PageView):
    """The archive itself."""

    permission = "organization.export.edit"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        export = visible_or_404(exports(self.actor).filter(status=JobStatus.DONE).exclude(file=""), pk=pk)
        try:
            file = export.file.open("rb")
        except FileNotFoundError as error:
            raise NotVisible from error
        reads.note_download(self.actor, export, size=export.size_bytes)
        name = f"{self.request.organization.slug}-{export.created_at:%Y-%m-%d}.zip"
        answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
        answer["Content-Security-Policy"] = SANDBOX
        answer["Cache-Control"] = "private, no-store"
        return answer


class ExportRemoveView(ActionView):
    """Delete an archive, or give up one that is being made."""

    permission = "organization.export.edit"
    message = _("The archive is deleted.")

    def act(self, **kwargs: Any) -> str:
        data_exports.remove_export(self.actor, self.subject(exports(self.actor), pk=kwargs["pk"]))
        return reverse("organization:data")


class RetentionView(FormPageView):
    """How long things are kept."""

    permission = "organization.settings.edit"
    title = _("How long things are kept")
    submit_label = _("Save")
    message = _("Saved. What is older goes within the hour.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return RetentionForm(data, kept=what_is_kept(timezone.now()))

    def save(self, facts: dict[str, Any]) -> str:
        retention.set_retention(self.actor, self.request.organization, days=facts)
        return reverse("organization:data")

    def context(self) -> dict[str, Any]:
        return {"steps": _steps()}


class CloseView(FormPageView):
    """Close the organization, to be deleted."""

    permission = "organization.data.delete"
    template = "organization/data_close.html"
    title = _("Delete the organization")
    submit_label = _("Close it and delete it later")
    message = _("The organization is closed.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return TypedForm(data, label=_("Short name"), wanted=self.request.organization.slug)

    def save(self, facts: dict[str, Any]) -> str:
        closing.close_organization(self.actor, self.request.organization, **facts, as_of=timezone.now())
        return reverse("organization:closed")

    def context(self) -> dict[str, Any]:
        return {"steps": _steps(), "days": closing.grace_days()}


class ClosedView(PageView):
    """All that a closed organization still shows."""

    permission = "organization.home.view"
    opens_when_closed = True

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.request.organization.delete_after is None:
            return redirect("home")
        context = {
            "delete_after": self.request.organization.delete_after,
            "may_reopen": self.actor.holds("organization.data.delete")
            and self.request.organization.delete_after > timezone.now(),
        }
        return render_page(request, "organization/closed.html", context)


class ReopenView(ActionView):
    """Take the closing back."""

    permission = "organization.data.delete"
    opens_when_closed = True
    message = _("The organization is open again.")

    def act(self, **kwargs: Any) -> str:
        organization = Organization.objects.get(pk=self.request.organization.pk)
        closing.reopen_organization(self.actor, organization, as_of=timezone.now())
        return reverse("home")

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("organization:closed")
