"""Figures entered by hand."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.models import EntryPlan
from metrics.queries.entries import entry_plans
from metrics.serializers.entries import EntryPlanShape, OutcomesShape, SentFigures
from metrics.services.entries import Cell, Outcome, enter_figures
from organization.api.lists import ListApiView, listed
from organization.api.schema import Operation
from organization.api.views import ItemView
from organization.errors import NotVisible


class EntryPlanListApi(ListApiView):
    permission = "metrics.entry.view"
    tag = "entries"
    shape = EntryPlanShape
    operations = {
        "GET": listed(
            "list_entry_plans", _("What people enter by hand"), EntryPlanShape, has_shown=False, is_exported=False
        )
    }

    def rows(self) -> Any:
        return entry_plans(self.actor)


class FiguresApi(ItemView):
    permission = "metrics.entry.write"
    tag = "entries"
    operations = {
        "POST": Operation(
            "enter_figures",
            _("Enter figures: what can be stored is, and of each other it is said why not"),
            body=SentFigures,
            answer=OutcomesShape,
        )
    }

    def rows(self) -> Any:
        return entry_plans(self.actor)

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
