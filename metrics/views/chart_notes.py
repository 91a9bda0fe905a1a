"""Writing, changing and removing notes on charts."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from metrics.forms.annotations import ALL, DEPARTMENT, AnnotationForm, ChangeAnnotationForm, NewAnnotationForm
from metrics.models import Annotation, Dashboard, Kpi
from metrics.queries.annotations import address_of, visible_annotation
from metrics.services.annotations import (
    NoteSpec,
    Place,
    annotate,
    change_annotation,
    remove_annotation,
    restore_annotation,
)
from metrics.views.kpis import detail_url
from ops_platform.web.htmx import announce, is_swap, redirect_page
from organization.engine.local_time import day_start, local_day
from organization.errors import NotVisible
from organization.views.base import FormPageView, PageView, no_content, visible_or_404

CHANGED = "ops:changed"


class NoteFormView(FormPageView):
    """A form that makes a note."""

    permission = "metrics.annotation.edit"

    def spec(self, facts: dict[str, Any]) -> NoteSpec:
        """The note in the organization's days; the last one is included."""
        zone = self.request.organization.timezone
        last_on: date | None = facts["last_on"]
        return NoteSpec(
            text=facts["text"],
            kind=facts["kind"],
            starts_at=day_start(facts["first_on"], zone),
            ends_at=day_start(last_on + timedelta(days=1), zone) - timedelta(microseconds=1) if last_on else None,
            subject=facts["link"],
        )


class NoteNewView(NoteFormView):
    """A note on a KPI, on its department's, or on every chart."""

    title = _("New note")
    submit_label = _("Write the note")
    message = _("The note stands on the charts.")

    def prepare(self, **kwargs: Any) -> None:
        found = Kpi.objects.visible_to(self.actor).select_related("department")
        self.kpis = [self.subject(found, pk=kwargs["pk"])]
        self.back = detail_url(self.kpis[0])
        self.steps = [(_("KPIs"), reverse("metrics:kpi-list")), (self.kpis[0].display_name, self.back)]

    def form(self, data: Any = None, files: Any = None) -> NewAnnotationForm:
        return NewAnnotationForm(
            data,
            actor=self.actor,
            kpis=self.kpis,
            is_wide=self.actor.holds_everywhere(self.permission),
            initial={"first_on": self.request.GET.get("day", ""), "place": self.request.GET.get("kpi", "")},
        )

    def save(self, facts: dict[str, Any]) -> str:
        annotate(self.actor, self.place(facts["place"]), note=self.spec(facts))
        return self.back

    def place(self, chosen: str) -> Place:
        """What the choice means."""
        if chosen == ALL:
            return self.request.organization
        if chosen.startswith(DEPARTMENT):
            departments = {f"{DEPARTMENT}-{kpi.department_id}": kpi.department for kpi in self.kpis}
            return departments[chosen]
        return next(kpi for kpi in self.kpis if str(kpi.pk) == chosen)

    def context(self) -> dict[str, Any]:
        return {"steps": self.steps}


class DashboardNoteNewView(NoteNewView):
    """A note from a dashboard: on one of its KPIs, on a department's, or on every chart."""

    def prepare(self, **kwargs: Any) -> None:
        dashboard = visible_or_404(Dashboard.objects.visible_to(self.actor), pk=kwargs["pk"])
        shown = dashboard.panels.exclude(kpi=None).values("kpi")
        found = Kpi.objects.visible_to(self.actor, self.permission).filter(pk__in=shown)
        self.kpis = list(found.select_related("department").order_by("pk"))
        self.back = reverse("metrics:dashboard-detail", args=[dashboard.pk])
        self.steps = [(_("Dashboards"), reverse("metrics:dashboard-list")), (dashboard.display_name, self.back)]


class OneNoteMixin:
    """Loads the note that the address names, and what it hangs on."""

    note: Annotation

    def load(self, pk: int) -> None:
        """404 for a note that is not the viewer's to see."""
        found = visible_annotation(self.actor, pk)  # type: ignore[attr-defined]  # of the view
        if found is None:
            raise NotVisible
        self.note = found

    @property
    def place(self) -> Place:
        """What the note hangs on."""
        return self.note.kpi or self.note.department or self.note.organization

    @property
    def back(self) -> str:
        """The page on which it was seen: the address says it for notes on many charts."""
        return detail_url(self.note.kpi) if self.note.kpi else reverse("metrics:kpi-list")


class NoteEditView(OneNoteMixin, NoteFormView):
    """Another text, kind, day or link."""

    title = _("Edit note")
    submit_label = _("Save")
    message = _("The note is saved.")

    def prepare(self, **kwargs: Any) -> None:
        self.load(kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> AnnotationForm:
        zone = self.request.organization.timezone
        initial = {
            "text": self.note.text,
            "kind": self.note.kind,
            "first_on": local_day(self.note.starts_at, zone),
            "last_on": local_day(self.note.ends_at, zone) if self.note.ends_at else None,
            "link": address_of(self.note),
            "version": self.note.version,
        }
        return ChangeAnnotationForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        version = facts["version"]
        change_annotation(self.actor, self.place, annotation=self.note, note=self.spec(facts), version=version)
        return self.back

    def context(self) -> dict[str, Any]:
        name = self.note.kpi.display_name if self.note.kpi else gettext("Every KPI")
        return {"steps": [(_("KPIs"), reverse("metrics:kpi-list")), (name, self.back)]}


class NoteRemoveView(OneNoteMixin, PageView):
    """Takes a note from the charts; the toast offers to bring it back."""

    permission = "metrics.annotation.edit"
    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        remove_annotation(self.actor, self.place, annotation=self.note)
        text = gettext("The note is removed.")
        if not is_swap(request):
            messages.success(request, text)
            return redirect_page(request, self.back)
        undo = reverse("metrics:note-restore", args=[self.note.pk])
        answer = announce(no_content(), text, undo_url=undo)
        answer.headers["HX-Trigger"] = json.dumps(json.loads(answer.headers["HX-Trigger"]) | {CHANGED: True})
        return answer


class NoteRestoreView(OneNoteMixin, PageView):
    """Brings a removed note back."""

    permission = "metrics.annotation.edit"
    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        restore_annotation(self.actor, self.place, annotation=self.note)
        return redirect_page(request, self.back)
