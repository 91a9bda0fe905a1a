"""Entering figures by hand: what one has to enter, the grid, its cells one by one, and the history of a cell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from metrics.choices import GrainCode
from metrics.engine.entry_dues import CellState
from metrics.engine.entry_figures import written_figure
from metrics.forms.dashboards import SearchFilters
from metrics.forms.entries import ReasonForm, Sent, place_in_key, sent_cells
from metrics.models import DatasetColumn, EntryPlan
from metrics.queries.buckets import GRAINS
from metrics.queries.entries import (
    CellView,
    EntryGrid,
    cell_history,
    cell_key,
    entry_grid,
    entry_plans,
    is_percent,
    plan_rows,
)
from metrics.queries.entry_words import who_enters
from metrics.queries.periods import brief_label, full_label
from metrics.queries.units import written_unit
from metrics.services.entries import (
    CONFLICT,
    NEEDS_REASON,
    REFUSED,
    SAVED,
    Outcome,
    enter_figures,
    expect_again,
    waive_period,
)
from ops_platform.web import formats
from ops_platform.web.addresses import address
from ops_platform.web.columns import Column
from ops_platform.web.htmx import redirect_page, render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Status
from organization.access import can
from organization.engine.local_time import day_start
from organization.engine.periods import period_of
from organization.errors import DomainError, NotAllowed, NotVisible
from organization.models import Department
from organization.tenancy import TenantQuerySet
from organization.views.base import PageView, add_error, visible_or_404
from organization.views.lists import ListView


def grid_url(plan: EntryPlan) -> str:
    """The grid of a plan."""
    return address("metrics:entry-grid", plan.pk)


def waiting_status(plan: Any) -> Status:
    """Whether figures of the plan are overdue, by what the dataset waits for."""
    awaited_at = plan.dataset.awaited_at
    if awaited_at is not None and awaited_at < timezone.now():
        return Status("bad", gettext("Overdue"))
    return Status("good", gettext("Up to date"))


class EntryListView(ListView):
    """What the viewer has to enter, and what they may."""

    permission = "metrics.entry.view"
    template = "metrics/entry_list.html"
    empty_template = "metrics/_empty_entries.html"
    title = _("Enter figures")
    order = Order("due", ("awaited_at", "pk"), is_nullable=True)
    filter_form = SearchFilters
    columns = (
        Column("name", _("Figures"), "dataset__display_name", href=grid_url, is_wide=True),
        Column("status", _("Status"), waiting_status, kind="status"),
        Column("due", _("Next due"), "awaited_at", kind="instant", sort=("awaited_at", "pk"), is_nullable=True),
        Column("grain", _("Entered every"), lambda plan: GrainCode(plan.grain).label),
        Column("who", _("Entered by"), who_enters, folded="gone"),
    )

    def rows(self) -> TenantQuerySet:
        return plan_rows(self.actor, **self.filters)

    def context(self) -> dict[str, Any]:
        return {"may_create": self.actor.holds("metrics.kpi.edit")}


@dataclass(frozen=True)
class ShownCell:
    """A cell as the page has it: what was typed where it was not saved, and what is said below it."""

    view: CellView
    text: str
    label: str
    words: str
    url: str
    problem: str = ""

    @property
    def state(self) -> str:
        return "problem" if self.problem else self.view.state


class PlanView(PageView):
    """A page of one plan."""

    permission = "metrics.entry.view"
    plan: EntryPlan

    def load(self, pk: int) -> None:
        """The plan, when it concerns the viewer."""
        self.plan = visible_or_404(entry_plans(self.actor), pk=pk)
        self.rule = self.request.organization.period_rule

    def columns(self) -> list[DatasetColumn]:
        """The figures of the plan."""
        return [column for column in self.plan.dataset.columns.all() if column.role == "measure" and column.slot]

    def grid(self, until: str = "") -> EntryGrid:
        """The grid, up to the period of a day that the address names."""
        return entry_grid(self.plan, as_of=timezone.now(), rule=self.rule, until=_day(until))


class EntryGridView(PlanView):
    """The grid as a form, which works without a script: what was changed is saved, what cannot be is said."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        return self.show({}, {})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        grid = self.grid(request.GET.get("until", ""))
        was = {cell.key: cell for line in grid.lines for cell in line.cells}
        sent = sent_cells(request.POST, self.columns())
        changed = [item for item in sent if item.key not in was or item.text.strip() != was[item.key].text]
        cells = [item.cell for item in changed if item.cell is not None]
        outcomes = enter_figures(self.actor, self.plan, cells=cells, reason=request.POST.get("reason", ""))
        problems = {item.key: item.problem for item in changed if item.problem}
        problems |= {_key(outcome): outcome.message for outcome in outcomes if outcome.message}
        saved = sum(outcome.status == SAVED for outcome in outcomes)
        if problems:
            typed = {item.key: item.text for item in changed if item.key in problems}
            return self.show(typed, problems, saved=saved, status=422)
        if saved:
            words = ngettext("%(number)d figure is saved.", "%(number)d figures are saved.", saved)
            messages.success(request, words % {"number": saved})
        return redirect_page(request, request.get_full_path())

    def show(
        self, typed: dict[str, str], problems: dict[str, str], *, saved: int = 0, status: int = 200
    ) -> HttpResponse:
        """The page. typed: what stands in cells that were not saved; problems: why."""
        grid = self.grid(self.request.GET.get("until", ""))
        labels = [full_label(period, self.rule) for period in grid.periods]
        lines = [
            (
                line,
                [
                    _shown_cell(self.plan, line.column, cell, label, typed, problems)
                    for cell, label in zip(line.cells, labels, strict=True)
                ],
            )
            for line in grid.lines
        ]
        context = {
            "plan": self.plan,
            "grid": grid,
            "heads": [brief_label(period, self.rule) for period in grid.periods],
            "lines": lines,
            "problems": problems,
            "saved": saved,
            "reason": self.request.POST.get("reason", ""),
            "who": who_enters(self.plan),
            "cells_url": reverse("metrics:entry-cells", args=[self.plan.pk]),
            "may_edit": bool(can(self.actor, "metrics.dataset.edit", self.plan.dataset)),
            "kpi": self.plan.dataset.kpi_versions.select_related("kpi").order_by("pk").first(),
            "steps": [(_("Enter figures"), reverse("metrics:entry-list"))],
        }
        return render_page(self.request, "metrics/entry_grid.html", context, status=status)


class EntryCellsView(PlanView):
    """Saves some cells at once for the grid's script: what became of each, as JSON."""

    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        columns = {column.pk: column for column in self.columns()}
        sent = sent_cells(request.POST, columns.values())
        cells = [item.cell for item in sent if item.cell is not None]
        try:
            outcomes = enter_figures(self.actor, self.plan, cells=cells, reason=request.POST.get("reason", ""))
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            return JsonResponse({"problem": str(error)}, status=422)
        found = {item.key: _refused(item) for item in sent if item.cell is None}
        currency = self.request.organization.currency
        found |= {_key(outcome): _told(outcome, columns, currency) for outcome in outcomes}
        return JsonResponse({"cells": found})


class EntryHistoryView(PlanView):
    """The life of one cell, and whether its period has anything to enter."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        if "cell" not in request.GET:
            return redirect_page(request, grid_url(self.plan))
        return self.show(ReasonForm())

    def show(self, form: ReasonForm, status: int = 200) -> HttpResponse:
        """The page of the cell that the address names."""
        column, cell, label = self.cell()
        unit = written_unit(column.unit, None, self.request.organization.currency)
        history = [
            (step, formats.in_unit(step.before, unit) if step.before is not None else "",
             formats.in_unit(step.after, unit) if step.after is not None else "")
            for step in cell_history(self.plan, column.pk, cell.department_id, cell.starts_on)
        ]  # fmt: skip
        context = {
            "plan": self.plan,
            "column": column,
            "cell": cell,
            "label": label,
            "history": history,
            "value": formats.in_unit(cell.value, unit) if cell.value is not None else "",
            "words": _words(self.plan, cell),
            "form": form,
            "may_enter": self.actor.holds("metrics.entry.write"),
            "is_waived": cell.state is CellState.WAIVED,
            "steps": [
                (_("Enter figures"), reverse("metrics:entry-list")),
                (self.plan.dataset.display_name, grid_url(self.plan)),
            ],
        }
        return render_page(self.request, "metrics/entry_history.html", context, status=status)

    def cell(self) -> tuple[DatasetColumn, CellView, str]:
        """The cell with its column and the name of its period; 404 where the plan has none such."""
        place = place_in_key(self.request.GET.get("cell", ""))
        if place is None:
            raise NotVisible
        column_id, department_id, starts_on = place
        grid = entry_grid(self.plan, as_of=timezone.now(), rule=self.rule, until=starts_on)
        for line in grid.lines:
            for cell in line.cells:
                if (cell.column_id, cell.department_id, cell.starts_on) == (column_id, department_id, starts_on):
                    period = period_of(
                        GRAINS[GrainCode(self.plan.grain)], day_start(starts_on, self.rule.timezone), self.rule
                    )
                    return line.column, cell, full_label(period, self.rule)
        raise NotVisible


class EntryWaiveView(EntryHistoryView):
    """Notes that there is nothing to enter in a period, or takes that back."""

    permission = "metrics.entry.write"
    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        _column, cell, _label = self.cell()
        found = Department.objects.filter(pk=cell.department_id).first() if cell.department_id else None
        place: dict[str, Any] = {"starts_on": cell.starts_on, "department": found}
        if "again" in request.POST:
            expect_again(self.actor, self.plan, **place)
            messages.success(request, gettext("The figure is expected again."))
            return redirect_page(request, grid_url(self.plan))
        form = ReasonForm(request.POST)
        if form.is_valid():
            try:
                waive_period(self.actor, self.plan, reason=form.cleaned_data["reason"], **place)
            except (NotVisible, NotAllowed):
                raise
            except DomainError as error:
                add_error(form, error)
            else:
                messages.success(request, gettext("Nothing is expected for this period."))
                return redirect_page(request, grid_url(self.plan))
        return self.show(form, status=422)


def _shown_cell(
    plan: EntryPlan, column: DatasetColumn, cell: CellView, label: str, typed: dict[str, str], problems: dict[str, str]
) -> ShownCell:
    place = cell.department_id
    url = f"{reverse('metrics:entry-history', args=[plan.pk])}?cell={cell_key(column.pk, place, cell.starts_on)}"
    return ShownCell(cell, typed.get(cell.key, cell.text), label, _words(plan, cell), url, problems.get(cell.key, ""))


def _words(plan: EntryPlan, cell: CellView) -> str:
    """What is said below a cell: who entered it when, or since when it is missing."""
    match cell.state:
        case CellState.WAIVED:
            return gettext("Not applicable: %(reason)s") % {"reason": cell.waived_why}
        case CellState.OVERDUE:
            return gettext("Overdue since %(day)s") % {"day": formats.day(timezone.localdate(cell.due_at))}
        case CellState.MISSING:
            return gettext("Missing, due %(day)s") % {"day": formats.day(timezone.localdate(cell.due_at))}
        case CellState.RUNNING:
            return gettext("Not over yet")
    if cell.last is None:
        return gettext("Not entered here")
    day = formats.day(timezone.localdate(cell.last.at))
    return gettext("%(name)s, %(day)s") % {"name": cell.last.by or gettext("the system"), "day": day}


def _key(outcome: Outcome) -> str:
    return cell_key(outcome.cell.column_id, outcome.cell.department_id, outcome.cell.starts_on)


def _refused(item: Sent) -> dict[str, Any]:
    return {"status": REFUSED, "message": item.problem}


def _told(outcome: Outcome, columns: dict[int, DatasetColumn], currency: str) -> dict[str, Any]:
    """An outcome as the script takes it. text: the figure that stands now, as it is edited; stands: the same to read."""
    column = columns.get(outcome.cell.column_id)
    is_kept = outcome.status in (CONFLICT, NEEDS_REASON, REFUSED)
    stands = outcome.before if is_kept else outcome.cell.value
    unit = written_unit(column.unit if column else "number", None, currency)
    return {
        "status": outcome.status,
        "message": outcome.message,
        "version": outcome.version,
        "text": written_figure(stands, is_percent=is_percent(column) if column else False),
        "stands": formats.in_unit(stands, unit) if stands is not None else formats.NOTHING,
        "words": gettext("You, just now") if outcome.status == SAVED else "",
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
