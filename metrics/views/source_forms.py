"""Setting a source up: its settings, an example, and what its columns are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from metrics.choices import SourceKind
from metrics.engine.signatures import new_secret
from metrics.errors import BadMapping
from metrics.forms.sources import CHANGE_FORMS, FORMS, PlanForms, SampleForm
from metrics.models import DataSource
from metrics.queries.sources import has_sample, is_waiting, source_rows
from metrics.services import sources
from metrics.views.sources import MANAGE, hook_address, show_secret, source_url
from ops_platform.web.htmx import redirect_page, render_page
from organization.errors import DomainError, NotAllowed, NotVisible
from organization.views.base import FormPageView, MemberRequest, PageView, add_error

TITLES = {
    SourceKind.WEBHOOK: _("New webhook"),
    SourceKind.SQL: _("New query of a database"),
    SourceKind.EVENTS: _("Count own events"),
}


class SourceNewView(FormPageView):
    """A new source of the kind that the address names."""

    permission = MANAGE
    template = "metrics/source_form.html"
    submit_label = _("Set it up")
    kind: str = SourceKind.WEBHOOK

    def form(self, data: Any = None, files: Any = None) -> Any:
        return FORMS[self.kind](data, actor=self.actor, initial={"dataset": self.request.GET.get("dataset")})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        facts = form.facts
        if self.kind == SourceKind.WEBHOOK:
            facts["secret"] = new_secret()
        try:
            source = sources.create_source(self.actor, self.request.organization, **facts)
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            add_error(form, error)
            return self.show(form, status=422)
        if self.kind == SourceKind.WEBHOOK:
            return show_secret(request, source, facts["secret"])
        self.message = (
            _("The query is kept. A worker looks at its first rows.")
            if self.kind == SourceKind.SQL
            else _("The events are being counted, those of the past too.")
        )
        return self.saved(source_url(source))

    def context(self) -> dict[str, Any]:
        return {
            "page_title": TITLES[SourceKind(self.kind)],
            "kind": self.kind,
            "steps": [(_("Data sources"), reverse("metrics:source-list"))],
        }


class SourceEditView(FormPageView):
    """Other settings for a source."""

    permission = MANAGE
    template = "metrics/source_form.html"
    title = _("Change the source")
    submit_label = _("Save")
    message = _("The source is changed.")

    def prepare(self, **kwargs: Any) -> None:
        self.source = self.subject(source_rows(self.actor), pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> Any:
        self._form = CHANGE_FORMS[self.source.kind](data, actor=self.actor, source=self.source)
        return self._form

    def save(self, facts: dict[str, Any]) -> str:
        return source_url(sources.change_source(self.actor, self.source, **self._form.facts))

    def context(self) -> dict[str, Any]:
        list_step = (_("Data sources"), reverse("metrics:source-list"))
        return {"kind": self.source.kind, "steps": [list_step, (self.source.display_name, source_url(self.source))]}


class SourcePlanView(PageView):
    """What each place of a row is. Posting `sample` reads another example, anything else settles the columns."""

    permission = MANAGE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self.source(pk)
        if source.kind == SourceKind.EVENTS:
            return redirect_page(request, source_url(source))
        return self.show(source, PlanForms(source, self.actor), SampleForm())

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        source = self.source(pk)
        if request.POST.get("action") == "sample":
            return self.read_sample(source)
        forms = PlanForms(source, self.actor, request.POST)
        if forms.is_valid():
            plan = forms.chosen()
            try:
                sources.settle_plan(self.actor, source, plan=plan)
            except BadMapping as error:
                forms.add_problems(error.problems)
            except (NotVisible, NotAllowed):
                raise
            except DomainError as error:
                forms.add_problems([("", str(error))])
            else:
                return redirect_page(request, reverse("metrics:source-detail", args=[source.pk]))
        return self.show(source, forms, SampleForm(), status=422)

    def read_sample(self, source: DataSource) -> HttpResponse:
        """Choose columns by another example."""
        form = SampleForm(self.request.POST)
        if form.is_valid() and form.cleaned_data["sample"] is None:
            form.add_error("sample", _("Paste an example first."))
        if form.is_valid():
            sources.look_again(self.actor, source, sample=form.cleaned_data["sample"])
            return redirect_page(self.request, reverse("metrics:source-plan", args=[source.pk]))
        return self.show(source, PlanForms(source, self.actor), form, status=422)

    def source(self, pk: int) -> DataSource:
        """The source, where the actor may set it up."""
        found: DataSource = self.subject(source_rows(self.actor), pk=pk)
        return found

    def show(self, source: DataSource, forms: PlanForms, sample: SampleForm, status: int = 200) -> HttpResponse:
        """The page with the example's rows and a line for each place."""
        context = {
            "source": source,
            "forms": forms,
            "sample_form": sample if source.kind == SourceKind.WEBHOOK else None,
            "address": hook_address(self.request, source),
            "is_waiting": is_waiting(source),
            "has_sample": has_sample(source),
            "names": source.sample.get("names", []),
            "rows": source.sample.get("rows", []),
            "problem": source.sample.get("problem", ""),
            "progress_url": reverse("metrics:source-progress", args=[source.pk]),
            "steps": [(_("Data sources"), reverse("metrics:source-list"))],
        }
        return render_page(self.request, "metrics/source_plan.html", context, status=status)


class SourceProgressView(PageView):
    """Whether a worker has looked at the query yet, asked again and again; then the page is loaded anew."""

    permission = MANAGE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self.subject(source_rows(self.actor), pk=pk)
        if not is_waiting(source):
            return redirect_page(request, reverse("metrics:source-plan", args=[source.pk]))
        context = {"label": _("Asking the database"), "url": request.path, "value": 0, "most": 0}
        return render_page(request, "components/progress.html", context)
