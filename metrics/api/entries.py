"""Figures entered by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.forms.entries import ChangePlanForm, EnteredKpiForm
from metrics.models import EntryPlan
from metrics.queries.entries import entry_grid, entry_plans, plan_rows
from metrics.serializers.entries import (
    EntryPlanShape,
    FiguresShape,
    OutcomesShape,
    SentExpectation,
    SentFigures,
    SentWaiver,
    WaiverShape,
)
from metrics.services.entries import Cell, Outcome, enter_figures, expect_again, waive_period
from metrics.services.entry_plans import PlanSpec, change_plan, create_entered_kpi
from metrics.views.entries import EntryListView
from metrics.views.entry_plans import OF_KPI, OF_PLAN
from organization.api.lists import ListApiView, listed
from organization.api.schema import Operation
from organization.api.views import ChangeItem, ItemView, ReadItem
from organization.errors import NotVisible
from organization.models import Department

VIEW = "metrics.entry.view"
OF_CELL = ("starts_on", "state", "value", "version", "due_at", "waived_why")


class EntryPlanListApi(ListApiView):
    permission = {"GET": VIEW, "POST": "metrics.kpi.edit"}
    tag = "entries"
    page = EntryListView
    shape = EntryPlanShape
    operations = {
        "GET": listed("list_entry_plans", _("What people enter by hand"), EntryPlanShape, is_exported=False),
        "POST": Operation(
            "create_entered_kpi",
            _("A KPI entered by hand, with its dataset and its plan"),
            body=EnteredKpiForm,
            answer=EntryPlanShape,
            status=201,
        ),
    }

    def rows(self) -> Any:
        """Those of the page, and the ended ones, which a call may take up again."""
        return plan_rows(self.actor, with_ended=True, **self.shared.filters)

    def post(self, request: Request, **kwargs: Any) -> Response:
        """The figures of its first period can be entered at once."""
        facts = self.facts(EnteredKpiForm, actor=self.actor)
        spec = PlanSpec(
            **{name: facts[name] for name in OF_PLAN}, department=facts["role_department"], places=list(facts["places"])
        )
        values = {name: facts[name] for name in OF_KPI}

        def work() -> tuple[int, Any]:
            kpi = create_entered_kpi(self.actor, self.request.organization, plan=spec, owner=facts["member"], **values)
            made = EntryPlan.objects.select_related("dataset").get(dataset__kpi_versions__kpi=kpi)
            return 201, EntryPlanShape(made).data

        return self.answer_once(work)


class EntryPlanItem(ItemView):
    """One plan that concerns the caller."""

    shape = EntryPlanShape

    def rows(self) -> Any:
        return entry_plans(self.actor)


class EntryPlanApi(EntryPlanItem, ReadItem, ChangeItem):
    permission = {"GET": VIEW, "PATCH": "metrics.dataset.edit"}
    tag = "entries"
    change_form = ChangePlanForm
    operations = {
        "GET": Operation("get_entry_plan", _("Who enters what by when"), answer=EntryPlanShape),
        "PATCH": Operation(
            "change_entry_plan",
            _("Change who enters the figures and by when"),
            body=ChangePlanForm,
            answer=EntryPlanShape,
            is_versioned=True,
        ),
    }

    def change(self, row: EntryPlan, facts: dict[str, Any]) -> EntryPlan:
        facts = {"department" if name == "role_department" else name: value for name, value in facts.items()}
        kept = {name: getattr(row, name) for name in ("due_days", "member", "role", "department", "is_active")}
        return change_plan(self.actor, row.dataset, **(kept | facts))


class WaiverApi(EntryPlanItem):
    permission = "metrics.entry.write"
    tag = "entries"
    operations = {
        "POST": Operation(
            "waive_period", _("Note that there is nothing to enter in a period"), body=SentWaiver, answer=WaiverShape
        )
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """And why; the same one again changes nothing."""
        plan = self.row()
        facts = _placed(self.sent(SentWaiver))
        return self.answer_once(lambda: (200, WaiverShape(waive_period(self.actor, plan, **facts)).data))


class ExpectApi(EntryPlanItem):
    permission = "metrics.entry.write"
    tag = "entries"
    operations = {
        "POST": Operation(
            "expect_again", _("Expect the figures of a period again"), body=SentExpectation, answer=EntryPlanShape
        )
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Where nothing was waived nothing changes."""
        plan = self.row()
        facts = _placed(self.sent(SentExpectation))
        return self.write(plan, lambda: expect_again(self.actor, plan, **facts))


class FiguresApi(EntryPlanItem):
    permission = {"GET": VIEW, "POST": "metrics.entry.write"}
    tag = "entries"
    parameters = ("until",)
    operations = {
        "GET": Operation(
            "list_figures",
            _("The newest periods of a plan with their figures"),
            answer=FiguresShape,
            parameters=(
                OpenApiParameter(
                    "until", {"type": "string", "format": "date"}, description=_("A day in the last of them.")
                ),
            ),
        ),
        "POST": Operation(
            "enter_figures",
            _("Enter figures: what can be stored is, and of each other it is said why not"),
            body=SentFigures,
            answer=OutcomesShape,
        ),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """With what a change of each has to name."""
        plan = self.row()
        grid = entry_grid(plan, as_of=timezone.now(), rule=self.request.organization.period_rule, until=self.until())
        results = [
            {"column": line.column.key, "department": cell.department_id}
            | {name: getattr(cell, name) for name in OF_CELL}
            for line in grid.lines
            for cell in line.cells
        ]
        return Response(FiguresShape({"results": results, "earlier": grid.earlier, "later": grid.later}).data)

    def until(self) -> date | None:
        """The day that the address asks for. Raises ParseError."""
        text = self.request.query_params.get("until")
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise ParseError(_("“%(name)s” is a day, such as 2026-03-31.") % {"name": "until"}) from error

    def post(self, request: Request, **kwargs: Any) -> Response:
        """A first figure needs no reason; to change one does."""
        plan: EntryPlan = self.row()
        sent = self.sent(SentFigures)
        columns = {column.key: column.pk for column in plan.dataset.columns.all()}
        keys = {pk: key for key, pk in columns.items()}
        if not {figure["column"] for figure in sent["figures"]} <= set(columns):
            raise NotVisible
        cells = [
            Cell(columns[one["column"]], one.get("department"), one["starts_on"], one["value"], one["version"])
            for one in sent["figures"]
        ]

        def work() -> tuple[int, Any]:
            outcomes = enter_figures(self.actor, plan, cells=cells, reason=sent.get("reason", ""))
            return 200, OutcomesShape({"results": [_told(outcome, keys) for outcome in outcomes]}).data

        return self.answer_once(work)


def _placed(sent: dict[str, Any]) -> dict[str, Any]:
    """With the department itself. Raises NotVisible."""
    pk = sent.get("department")
    found = Department.objects.filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise NotVisible
    return sent | {"department": found}


def _told(outcome: Outcome, keys: dict[int, str]) -> dict[str, Any]:
    cell, before = outcome.cell, outcome.before
    return {
        "column": keys[cell.column_id],
        "department": cell.department_id,
        "starts_on": cell.starts_on,
        "status": outcome.status,
        "message": str(outcome.message),
        "before": None if before is None else f"{before:f}",
        "version": outcome.version,
    }
