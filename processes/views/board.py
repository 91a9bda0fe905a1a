"""The board: every running run in the lane of what it needs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import render_page
from ops_platform.web.status import Level
from organization.views.base import PageView
from processes.choices import Lane
from processes.forms.runs import BoardFilters
from processes.queries.board import LaneRows, board
from processes.queries.runs import run_rows
from processes.views.runs import who_owes

LEVELS: dict[str, Level] = {
    Lane.HELP: "bad",
    Lane.LATE: "bad",
    Lane.APPROVAL: "watch",
    Lane.STILL: "watch",
    Lane.GOING: "good",
}
HINTS: dict[str, Any] = {
    Lane.HELP: _("Somebody on a step has called, and it is not settled."),
    Lane.LATE: _("The run or one of its steps is past its time."),
    Lane.APPROVAL: _("A step is done and an approver has to look at it."),
    Lane.STILL: _("Nothing has happened for three days."),
    Lane.GOING: _("In time, and somebody is at it."),
}


class BoardView(PageView):
    """All runs that go on, by what they need; it follows by itself every half minute."""

    permission = "processes.run.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = BoardFilters(request.GET or None, actor=self.actor)
        chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
        runs = run_rows(self.actor, department=chosen.get("department"), sop=chosen.get("sop"))
        now = timezone.now()
        kept = {name: value.pk for name, value in chosen.items()}
        context = {
            "filter_form": form,
            "is_filtered": bool(chosen),
            "lanes": [self._lane(found, kept, now) for found in board(runs, as_of=now)],
            "list_url": reverse("processes:run-list"),
        }
        return render_page(request, "processes/board.html", context, fragment="lanes")

    @staticmethod
    def _lane(found: LaneRows, kept: dict[str, Any], now: Any) -> dict[str, Any]:
        cards = [
            {
                "run": run,
                "step": run.at_step,  # type: ignore[attr-defined]  # given by the query
                "who": who_owes(run.at_step) if run.at_step else "",  # type: ignore[attr-defined]
                "due_at": _earliest(run),
                "is_late": (due := _earliest(run)) is not None and due < now,
            }
            for run in found.runs
        ]
        return {
            "key": found.lane.value,
            "label": found.lane.label,
            "hint": HINTS[found.lane],
            "level": LEVELS[found.lane],
            "count": found.count,
            "cards": cards,
            "beyond": found.beyond,
            "url": f"{reverse('processes:run-list')}?{urlencode({**kept, 'lane': found.lane.value})}",
        }


def _earliest(run: Any) -> Any:
    """When the next thing of a run is due: its step, else itself."""
    moments = [moment for moment in (run.at_step.due_at if run.at_step else None, run.due_at) if moment]
    return min(moments, default=None)
