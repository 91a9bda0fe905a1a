"""How a SOP begins: empty, from the library, or from a text or a spreadsheet of somebody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import render_page
from organization.errors import NotVisible
from organization.views.base import FormPageView, PageView, add_error
from processes.engine.library import Template, template, templates
from processes.errors import BadProcedure
from processes.forms.sops import ImportForm, SopForm
from processes.models import Sop, SopVersion
from processes.queries.files import TABLE, Understood, text_of, understood
from processes.queries.outline import outline_of
from processes.queries.words import in_language
from processes.services import beginning, sops
from processes.views.sops import EDIT, list_step


def first_draft_url(sop: Sop) -> str:
    """The editor of a SOP's first draft."""
    draft = SopVersion.objects.get(sop=sop, number=1)
    return reverse("processes:version-edit", args=[draft.pk])


def new_step() -> tuple[Any, str]:
    """The page on which one chooses how to begin."""
    return (_("New SOP"), reverse("processes:sop-new"))


class SopNewView(FormPageView):
    """An empty SOP, with the other ways to begin beside it."""

    permission = EDIT
    template = "processes/sop_new.html"
    title = _("New SOP")
    submit_label = _("Begin to write")
    message = _("Write the first step.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        member = self.request.member
        return SopForm(data, actor=self.actor, initial={"owner": member, "department": member.department})

    def save(self, facts: dict[str, Any]) -> str:
        return first_draft_url(sops.make_sop(self.actor, self.request.organization, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [list_step()]}


class LibraryView(PageView):
    """The templates there are."""

    permission = EDIT

    def get(self, request: HttpRequest) -> HttpResponse:
        cards = [
            {
                "slug": one.slug,
                "name": in_language(one.name, one.name_zh),
                "purpose": in_language(one.purpose, one.purpose_zh),
                "steps": sum(1 for _step in one.procedure.steps()),
                "minutes": sum(step.minutes or 0 for _section, step in one.procedure.steps()),
            }
            for one in templates()
        ]
        return render_page(request, "processes/library.html", {"cards": cards, "steps": [list_step(), new_step()]})


class TemplateView(FormPageView):
    """A template as it reads, and a SOP that begins with it. `?of=` names it, the first one where nothing does."""

    permission = EDIT
    template = "processes/template.html"
    submit_label = _("Begin with this text")
    message = _("The text of the library is your draft now. Make it yours.")
    chosen: Template

    def prepare(self, **kwargs: Any) -> None:
        try:
            self.chosen = template(self.request.GET.get("of") or templates()[0].slug)
        except KeyError as error:
            raise NotVisible from error
        self.title = in_language(self.chosen.name, self.chosen.name_zh)

    def form(self, data: Any = None, files: Any = None) -> Any:
        member = self.request.member
        stands = {"name": self.chosen.name, "name_zh": self.chosen.name_zh}
        return SopForm(data, actor=self.actor, initial=stands | {"owner": member, "department": member.department})

    def save(self, facts: dict[str, Any]) -> str:
        sop = beginning.start_from_template(self.actor, self.request.organization, slug=self.chosen.slug, **facts)
        return first_draft_url(sop)

    def context(self) -> dict[str, Any]:
        return {
            "purpose": in_language(self.chosen.purpose, self.chosen.purpose_zh),
            "outline": outline_of(self.chosen.procedure),
            "steps": [list_step(), new_step(), (_("Library"), reverse("processes:sop-library"))],
        }


class SopImportView(FormPageView):
    """A text is read, shown as it was understood, and only then made a SOP."""

    permission = EDIT
    template = "processes/sop_import.html"
    title = _("Import a SOP")
    submit_label = _("Make this SOP")
    message = _("The text is your draft now. Look at each step.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        member = self.request.member
        stands = {"owner": member, "department": member.department}
        return ImportForm(data, files, actor=self.actor, initial=stands)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        data = request.POST.copy()
        upload = request.FILES.get("upload")
        try:
            if upload is not None:
                data["kind"], data["source"] = text_of(upload.name or "", upload.read())
            form = self.form(data)
            if not form.is_valid():
                return self.show(form, status=422)
            found = understood(form.cleaned_data["kind"], form.cleaned_data["source"])
        except BadProcedure as error:
            form = self.form(data)
            form.is_valid()
            add_error(form, error)
            return self.show(form, status=422)
        if not data.get("name") and found.title:
            data["name"] = found.title
        form = self.form(data)
        form.is_valid()
        if request.POST.get("act") != "make" or upload is not None:
            return self.show_found(form, found)
        if not form.cleaned_data["name"]:
            form.add_error("name", _("Give it a name."))
            return self.show_found(form, found, status=422)
        return self.made(form, found)

    def made(self, form: Any, found: Understood) -> HttpResponse:
        """The SOP, or the page again with why not."""
        facts = {name: value for name, value in form.cleaned_data.items() if name not in ("kind", "source", "upload")}
        try:
            sop = beginning.begin_sop(self.actor, self.request.organization, procedure=found.procedure, **facts)
        except sops.CodeTaken as error:
            add_error(form, error)
            return self.show_found(form, found, status=422)
        return self.saved(first_draft_url(sop))

    def show_found(self, form: Any, found: Understood, status: int = 200) -> HttpResponse:
        """The form with what was understood."""
        self.found = found
        return self.show(form, status=status)

    def context(self) -> dict[str, Any]:
        found: Understood | None = getattr(self, "found", None)
        return {
            "found": found,
            "outline": outline_of(found.procedure) if found else None,
            "table_kind": TABLE,
            "steps": [list_step(), new_step()],
        }
