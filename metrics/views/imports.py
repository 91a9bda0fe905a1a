"""Pages of imports: the list, sending a file, its columns, what came of it, taking it back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from metrics.choices import BatchStatus
from metrics.errors import BadMapping
from metrics.forms.import_mapping import MappingForms
from metrics.forms.imports import ImportFilters, LayoutForm, UploadForm
from metrics.models import ImportBatch
from metrics.queries.imports import import_rows, notes_of, refusals_of
from metrics.services import imports
from metrics.services.import_lease import OPEN
from ops_platform.web.columns import Column
from ops_platform.web.htmx import redirect_page, render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Level, Status
from organization.access import Actor, can
from organization.errors import DomainError
from organization.services.reads import note_download
from organization.views.attachments import SANDBOX
from organization.views.base import ActionView, FormPageView, MemberRequest, PageView
from organization.views.lists import ListView

LEVELS: dict[str, Level] = {
    BatchStatus.CHECKED: "watch",
    BatchStatus.DONE: "good",
    BatchStatus.FAILED: "bad",
    BatchStatus.UNDONE: "neutral",
    BatchStatus.DISCARDED: "neutral",
}
SHOWN_REFUSALS = 100
DEFAULT_ACTION = "check"


def import_url(batch: ImportBatch) -> str:
    """The page of an import: its columns while they are open, else what came of it."""
    name = "import-mapping" if batch.status == BatchStatus.UPLOADED else "import-detail"
    return reverse(f"metrics:{name}", args=[batch.pk])


def status_of(batch: ImportBatch) -> Status:
    """Where an import stands, as shape and word."""
    return Status(LEVELS.get(batch.status, "info"), str(BatchStatus(batch.status).label))


class ImportListView(ListView):
    """All imports, the newest first."""

    permission = "metrics.import.view"
    template = "metrics/import_list.html"
    empty_template = "metrics/_empty_imports.html"
    title = _("Imports")
    order = Order("newest", ("pk",), is_descending=True)
    filter_form = ImportFilters
    columns = (
        Column("reference", _("Import"), kind="link", href=import_url),
        Column("file_name", _("File"), is_wide=True, folded="bare"),
        Column("dataset", _("Dataset"), lambda row: row.dataset.display_name if row.dataset else "", folded="gone"),
        Column("state", _("State"), status_of, kind="status", folded="end"),
        Column("rows_created", _("New"), kind="number"),
        Column("rows_updated", _("Corrected"), kind="number"),
        Column("rows_refused", _("Refused"), kind="number"),
        Column("started_by", _("Started by"), lambda row: str(row.started_by or ""), folded="gone"),
        Column("created_at", _("Received"), kind="instant", folded="last"),
    )

    def rows(self) -> Any:
        found = import_rows(self.actor)
        if text := self.filters.get("q"):
            found = found.filter(Q(file_name__icontains=text) | Q(reference__iexact=text))
        if dataset := self.filters.get("dataset"):
            found = found.filter(dataset=dataset)
        return found

    def context(self) -> dict[str, Any]:
        return {"may_import": self.actor.holds("metrics.import.run")}


class ImportNewView(FormPageView):
    """Sending a file."""

    permission = "metrics.import.run"
    template = "metrics/import_new.html"
    title = _("Import a file")
    message = _("The file is received. Look at its columns.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return UploadForm(data, files, actor=self.actor, initial={"dataset": self.request.GET.get("dataset")})

    def save(self, facts: dict[str, Any]) -> str:
        upload = facts["upload"]
        batch = imports.receive_file(
            self.actor, self.request.organization, upload=upload, name=upload.name, dataset=facts["dataset"]
        )
        return reverse("metrics:import-mapping", args=[batch.pk])

    def context(self) -> dict[str, Any]:
        return {
            "steps": [(_("Imports"), reverse("metrics:import-list"))],
            "most_megabytes": settings.IMPORT_MAX_BYTES // (1024 * 1024),
            "most_rows": settings.IMPORT_MAX_ROWS,
        }


class ImportView(PageView):
    """A page about one import."""

    permission = "metrics.import.view"

    def batch(self, pk: int) -> ImportBatch:
        """The import, where the actor holds the page's permission on it."""
        return self.subject(import_rows(self.actor), pk=pk)


class ImportMappingView(ImportView):
    """The columns of a file: what each holds. Posting `reread` looks at the file again, `check` settles the columns."""

    permission = "metrics.import.run"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        if batch.status not in imports.STILL_OPEN:
            return redirect_page(request, import_url(batch))
        return self.show(batch, MappingForms(batch, self.actor), self.layout(batch))

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        if request.POST.get("action", DEFAULT_ACTION) == "reread":
            return self.reread(batch)
        forms = MappingForms(batch, self.actor, request.POST)
        if forms.is_valid():
            try:
                imports.set_mapping(self.actor, batch, plan=forms.chosen())
            except BadMapping as error:
                forms.add_problems(error.problems)
            else:
                return redirect_page(request, reverse("metrics:import-detail", args=[batch.pk]))
        return self.show(batch, forms, self.layout(batch), status=422)

    def reread(self, batch: ImportBatch) -> HttpResponse:
        """Look at the file again, as the layout says."""
        form = self.layout(batch, self.request.POST)
        if form.is_valid():
            facts = {name: value for name, value in form.cleaned_data.items() if name != "header"}
            facts["is_wide"] = bool(facts.get("is_wide")) or "is_wide" not in form.fields
            try:
                imports.reread_file(self.actor, batch, header_rows=form.cleaned_data["header"], **facts)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                return redirect_page(self.request, reverse("metrics:import-mapping", args=[batch.pk]))
        return self.show(batch, MappingForms(batch, self.actor), form, status=422)

    def layout(self, batch: ImportBatch, data: Any = None) -> LayoutForm:
        """How the file is read now."""
        facts = batch.facts
        rows = facts["header_rows"]
        initial = {
            "dataset": batch.dataset_id,
            "sheet": facts["sheet"],
            "table": facts["table"],
            "encoding": facts["encoding"],
            "delimiter": facts["delimiter"],
            "header": f"{rows[0] + 1}-{rows[-1] + 1}" if len(rows) > 1 else str(rows[0] + 1) if rows else "0",
            "is_wide": bool(batch.plan["mapping"]["unpivot"]),
        }
        return LayoutForm(data, actor=self.actor, file_facts=facts, initial=initial, prefix="layout")

    def show(self, batch: ImportBatch, forms: MappingForms, layout: LayoutForm, status: int = 200) -> HttpResponse:
        """The page with the file's first rows, its layout and its columns."""
        sample = batch.facts["sample"]
        columns = [
            (
                form,
                column["name"],
                [cells[column["source"]] for _row, cells in sample if len(cells) > column["source"]][:3],
            )
            for form, column in zip(forms.columns.forms, forms.plan["mapping"]["columns"], strict=False)
        ]
        context = {
            "batch": batch,
            "forms": forms,
            "layout": layout,
            "columns": columns,
            "names": batch.facts["names"],
            "sample": sample,
            "notes": notes_of(batch),
            "steps": [(_("Imports"), reverse("metrics:import-list"))],
        }
        return render_page(self.request, "metrics/import_mapping.html", context, status=status)


class ImportDetailView(ImportView):
    """Where an import stands: running, checked and waiting for a decision, loaded, or failed."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        refusals = refusals_of(batch)
        context = {
            "batch": batch,
            "state": status_of(batch),
            "is_running": batch.status in OPEN,
            "progress_url": reverse("metrics:import-progress", args=[batch.pk]),
            "label": progress_label(batch),
            "most": progress_most(batch),
            "refusals": refusals[:SHOWN_REFUSALS],
            "has_more": batch.rows_refused > SHOWN_REFUSALS,
            "good_rows": batch.rows_created + batch.rows_updated,
            "notes": [] if batch.status in OPEN else notes_of(batch),
            "superseded": batch.facts.get("superseded", 0),
            "shifted": batch.facts.get("shifted", 0),
            "may_run": bool(can(self.actor, "metrics.import.run", batch)),
            "steps": [(_("Imports"), reverse("metrics:import-list"))],
        }
        return render_page(request, "metrics/import_detail.html", context)


class ImportProgressView(ImportView):
    """How far a running import has come, asked again and again; when it is over, the page is loaded anew."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        if batch.status not in OPEN:
            return redirect_page(request, reverse("metrics:import-detail", args=[batch.pk]))
        context = {
            "value": batch.rows_done,
            "most": progress_most(batch),
            "label": progress_label(batch),
            "url": reverse("metrics:import-progress", args=[batch.pk]),
        }
        return render_page(request, "components/progress.html", context)


class ImportConfirmView(ActionView):
    """The decision about a checked file: load its good rows, or none."""

    permission = "metrics.import.run"

    def act(self, **kwargs: Any) -> str:
        batch = self.subject(import_rows(self.actor), pk=kwargs["pk"])
        if self.request.POST.get("choice") == "none":
            imports.discard_import(self.actor, batch)
            self.message = _("Nothing of the file was loaded.")
        else:
            imports.load_checked(self.actor, batch)
            self.message = _("The good rows are being loaded.")
        return reverse("metrics:import-detail", args=[batch.pk])

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("metrics:import-detail", args=[kwargs["pk"]])


class ImportUndoView(ActionView):
    """Taking a loaded file back."""

    permission = "metrics.import.run"
    message = _("The import is being undone.")

    def act(self, **kwargs: Any) -> str:
        batch = self.subject(import_rows(self.actor), pk=kwargs["pk"])
        imports.undo_import(self.actor, batch)
        return reverse("metrics:import-detail", args=[batch.pk])

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("metrics:import-detail", args=[kwargs["pk"]])


class ImportRefusedView(ImportView):
    """The refused rows as a file, with their reasons: to correct and send again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        answer = refused_file(self.actor, self.batch(pk))
        if answer is None:
            raise Http404
        return answer


def refused_file(actor: Actor, batch: ImportBatch) -> FileResponse | None:
    """The refused rows of a visible import as a download, which is noted; None where there are none."""
    if not batch.refused_file:
        return None
    try:
        file = batch.refused_file.open("rb")
    except FileNotFoundError:
        return None
    note_download(actor, batch, refused=batch.rows_refused)
    name = f"{batch.reference}-refused.csv"
    answer = FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = SANDBOX
    answer["Cache-Control"] = "private, no-store"
    return answer


def progress_label(batch: ImportBatch) -> str:
    """What a running import is doing."""
    labels: dict[str, str] = {
        BatchStatus.CHECKING: _now("Checking every row"),
        BatchStatus.LOADING: _now("Loading the good rows"),
        BatchStatus.UNDOING: _now("Taking the rows out again"),
    }
    return labels.get(batch.status, "")


def progress_most(batch: ImportBatch) -> int:
    """Rows there are to do; 0 while that is not known."""
    return batch.rows_read if batch.status == BatchStatus.LOADING else 0
