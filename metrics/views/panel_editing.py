"""Panels one act at a time. A script gets the new arrangement as JSON, a plain form goes back to the board."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from metrics.choices import PanelKind
from metrics.forms.panels import SETTING, PanelForm, in_words, initial_of, sent_again
from metrics.models import Dashboard, DashboardPanel
from metrics.queries.board import seen_panels
from metrics.services import panels
from metrics.services.panels import PanelConflict
from metrics.views.dashboard_editing import EDIT, edit_url, editable
from metrics.views.dashboards import dashboard_url
from ops_platform.web.htmx import is_swap, render_page
from organization.access import Actor
from organization.errors import DomainError, NotAllowed, NotVisible
from organization.views.base import FormPageView, PageView, visible_or_404


def slot_url(dashboard: Dashboard, panel: DashboardPanel) -> str:
    """The board, at the panel."""
    return f"{edit_url(dashboard)}#slot-{panel.pk}"


def panel_of(actor: Actor, dashboard: Dashboard, pk: int, *, removed: bool = False) -> DashboardPanel:
    """The panel that the actor sees on the dashboard, or one that was removed from it."""
    panel: DashboardPanel = visible_or_404(seen_panels(actor, dashboard, removed=removed), pk=pk)
    return panel


class PanelFormView(FormPageView):
    """The form of one panel: a page, or a dialog where a script asks for it. `?kind=` and `?kpi=` change what it asks."""

    permission = EDIT
    template = "metrics/panel_form.html"
    conflicts: Sequence[Any] = ()

    def prepare(self, **kwargs: Any) -> None:
        self.dashboard = self.subject(editable(self.actor), pk=kwargs["pk"])

    def begins_with(self) -> dict[str, Any]:
        """What the form begins with."""
        return {"kind": PanelKind.LINE.value}

    def form(self, data: Any = None, files: Any = None) -> PanelForm:
        initial = self.begins_with()
        if data is None:
            asked = self.request.GET
            if asked.get("kind", initial["kind"]) != initial["kind"]:
                initial = {name: value for name, value in initial.items() if not name.startswith(SETTING)}
            kept = (*PanelForm.base_fields, *(name for name in asked if name.startswith(SETTING)))
            initial |= {name: asked[name] for name in kept if name in asked and name not in ("seen", "version")}
        return PanelForm(data, actor=self.actor, initial=initial)

    def saved_panel(self, panel: DashboardPanel) -> HttpResponse:
        """Back to the board, or the news for its script."""
        if is_swap(self.request):
            told = {"ops:board": {"panel": panel.pk, "says": str(self.message)}}
            return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
        messages.success(self.request, str(self.message))
        return redirect(slot_url(self.dashboard, panel))

    def show(self, form: Any, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "page_title": self.title,
            "submit_label": self.submit_label,
            "conflicts": self.conflicts,
            "address": self.request.path,
            "steps": [
                (_("Dashboards"), reverse("metrics:dashboard-list")),
                (self.dashboard.display_name, dashboard_url(self.dashboard)),
                (_("Edit"), edit_url(self.dashboard)),
            ],
        }
        return render_page(self.request, self.template, context, fragment="dialog", status=status)


class PanelNewView(PanelFormView):
    """A further panel."""

    title = _("Add panel")
    submit_label = _("Add the panel")
    message = _("The panel is added.")

    def saved(self, url: str) -> HttpResponse:
        return self.saved_panel(self.panel)

    def save(self, facts: dict[str, Any]) -> str:
        self.panel = panels.add_panel(self.actor, self.dashboard, spec=self.sent.spec())
        return ""

    def form(self, data: Any = None, files: Any = None) -> PanelForm:
        self.sent = super().form(data, files)
        return self.sent


class PanelEditView(PanelFormView):
    """Another KPI, kind, title, size or setting."""

    title = _("Change panel")
    submit_label = _("Save")
    message = _("The panel is saved.")

    def prepare(self, **kwargs: Any) -> None:
        super().prepare(**kwargs)
        self.panel = panel_of(self.actor, self.dashboard, kwargs["panel"])

    def begins_with(self) -> dict[str, Any]:
        return initial_of(self.panel)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        facts = form.cleaned_data
        try:
            changed = panels.change_panel(
                self.actor,
                self.dashboard,
                panel=self.panel,
                spec=form.spec(),
                version=facts["version"] or 0,
                seen=facts["seen"],
            )
        except PanelConflict as error:
            return self.show_torn(form, error)
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            form.add_error(None, str(error))
            return self.show(form, status=422)
        return self.saved_panel(changed)

    def show_torn(self, sent: PanelForm, error: PanelConflict) -> HttpResponse:
        """Both values of what both changed. Saving again puts one's own; what only others changed stays theirs."""
        mine = DashboardPanel(dashboard=self.dashboard, **panels.values_of(sent.spec()))
        _mine, theirs, torn = panels.differing(self.panel, sent.spec(), sent.cleaned_data["seen"])
        names = [name for name in error.fields if in_words(mine, name) != in_words(self.panel, name)]
        self.conflicts = [(_label(sent, name), in_words(mine, name), in_words(self.panel, name)) for name in names]
        again = PanelForm(
            sent_again(self.request.POST, initial_of(self.panel), theirs - torn),
            actor=self.actor,
            initial=self.begins_with(),
        )
        return self.show(again, status=422)


def _label(form: PanelForm, name: str) -> Any:
    if name in form.fields:
        return form.fields[name].label
    return {"settings": _("Settings"), "column": _("Broken down by"), "kpi": _("KPI")}[name]


class PanelActView(PageView):
    """One act on one panel. Subclasses give `act`, which calls the service and returns the panel and what to say."""

    permission = EDIT
    http_method_names = ["post", "options"]  # Django's own declaration
    is_removed = False

    def act(self, panel: DashboardPanel) -> tuple[DashboardPanel, str]:
        """Call the service; the panel and a sentence."""
        raise NotImplementedError

    def undo_url(self, panel: DashboardPanel) -> str:
        """Where the act is taken back; empty where another press does that."""
        return ""

    def post(self, request: HttpRequest, pk: int, panel: int) -> HttpResponse:
        self.dashboard = self.subject(editable(self.actor), pk=pk)
        row = panel_of(self.actor, self.dashboard, panel, removed=self.is_removed)
        is_asked_by_script = "application/json" in request.headers.get("Accept", "")
        try:
            row, says = self.act(row)
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            if is_asked_by_script:
                return JsonResponse(self.arrangement(str(error)), status=409)
            messages.error(request, str(error))
            return redirect(edit_url(self.dashboard))
        if is_asked_by_script:
            return JsonResponse(self.arrangement(says, self.undo_url(row)))
        messages.success(request, says, extra_tags=self.undo_url(row))
        return redirect(slot_url(self.dashboard, row))

    def arrangement(self, says: str, undo: str = "") -> dict[str, Any]:
        """The board as it stands now, whoever else works on it."""
        there = [{"id": one.pk, "width": one.width} for one in seen_panels(self.actor, self.dashboard)]
        return {"panels": there, "says": says, "undo": undo}

    def number(self, name: str) -> int | None:
        """A whole number of the form; a broken one is a broken address."""
        text = self.request.POST.get(name, "")
        if not text:
            return None
        try:
            return int(text[:18])
        except ValueError as error:
            raise Http404 from error

    def title_of(self, panel: DashboardPanel) -> str:
        """What people call the panel."""
        return panel.display_title or str(PanelKind(panel.kind).label)


class PanelMoveView(PanelActView):
    """`steps` places later (earlier below zero), or right behind the panel `after` (0: first)."""

    def act(self, panel: DashboardPanel) -> tuple[DashboardPanel, str]:
        steps, after = self.number("steps"), self.number("after")
        if steps is not None:
            moved = panels.shift_panel(self.actor, self.dashboard, panel=panel, steps=max(min(steps, 100), -100))
        else:
            behind = panel_of(self.actor, self.dashboard, after) if after else None
            moved = panels.move_panel(self.actor, self.dashboard, panel=panel, after=behind)
        order = [one.pk for one in seen_panels(self.actor, self.dashboard)]
        facts = {"title": self.title_of(panel), "place": order.index(moved.pk) + 1, "all": len(order)}
        return moved, gettext("“%(title)s” is at place %(place)d of %(all)d.") % facts


class PanelResizeView(PanelActView):
    """Another width; `seen` is the one that the button was shown at."""

    def act(self, panel: DashboardPanel) -> tuple[DashboardPanel, str]:
        width = self.number("width") or 0
        changed = panels.resize_panel(self.actor, self.dashboard, panel=panel, width=width, seen=self.number("seen"))
        facts = {"title": self.title_of(panel), "width": in_words(changed, "width")}
        return changed, gettext("Width of “%(title)s”: %(width)s.") % facts


class PanelDuplicateView(PanelActView):
    """The same once more, behind it."""

    def act(self, panel: DashboardPanel) -> tuple[DashboardPanel, str]:
        made = panels.duplicate_panel(self.actor, self.dashboard, panel=panel)
        return made, gettext("“%(title)s” stands there twice now.") % {"title": self.title_of(panel)}


class PanelRemoveView(PanelActView):
    """Off the board, with a way back."""

    def act(self, panel: DashboardPanel) -> tuple[DashboardPanel, str]:
        removed = panels.remove_panel(self.actor, self.dashboard, panel=panel)
        return removed, gettext("“%(title)s” is removed.") % {"title": self.title_of(panel)}

    def undo_url(self, panel: DashboardPanel) -> str:
        return reverse("metrics:panel-restore", args=[self.dashboard.pk, panel.pk])


class PanelRestoreView(PanelActView):
    """Back to its place."""

    is_removed = True

    def act(self, panel: DashboardPanel) -> tuple[DashboardPanel, str]:
        restored = panels.restore_panel(self.actor, self.dashboard, panel=panel)
        return restored, gettext("“%(title)s” is back in its place.") % {"title": self.title_of(panel)}
