"""My steps: what one can do now, the late first."""

from __future__ import annotations

import uuid
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order, keyset_page
from organization.choices import WorkWhen
from organization.queries.work_lists import Moments, due_words
from organization.views.base import PageView
from processes.choices import StepState
from processes.models import RunStep
from processes.queries.mine import asked_of_me, my_step_rows

ORDER = Order("due", ("due_at", "pk"), is_nullable=True)


class MyStepsView(PageView):
    """What is due, in order; what waits for one's approval; what a group of one's own has not taken yet."""

    permission = "processes.run.work"

    def get(self, request: HttpRequest) -> HttpResponse:
        organization = self.request.organization
        moments = Moments.at(timezone.now(), timezone=organization.timezone, week_starts_on=organization.week_starts_on)
        rows = my_step_rows(self.actor).select_related("run")
        cursor = request.GET.get("cursor", "")
        page = keyset_page(rows, ORDER, cursor=cursor)
        lines = [self.line(step, moments) for step in page.rows]
        groups = [(label, list(found)) for label, found in groupby(_sorted(lines), key=lambda line: line["group"])]
        context = {
            "groups": groups,
            "asked": [] if cursor else asked_of_me(self.actor),
            "page": page,
        }
        return render_page(request, "processes/my_steps.html", context, fragment="rows")

    def line(self, step: RunStep, moments: Moments) -> dict[str, Any]:
        """A step as its row shows it."""
        when = moments.group_of(step.due_at)
        is_queued = step.assigned_to_id is None
        is_begun = step.state == StepState.STARTED and when != WorkWhen.OVERDUE
        place, label = _GROUPS["queue" if is_queued else "begun" if is_begun else when]
        return {
            "step": step,
            "place": place,
            "group": _(label),
            "due": due_words(step.due_at, moments),
            "is_late": when == WorkWhen.OVERDUE,
            "is_queued": is_queued,
            "is_started": step.state == StepState.STARTED,
            "operation": uuid.uuid4(),
        }


_GROUPS: dict[Any, tuple[int, str]] = {
    WorkWhen.OVERDUE: (0, gettext_noop("Late")),
    "begun": (1, gettext_noop("Begun")),
    WorkWhen.TODAY: (2, gettext_noop("Today")),
    WorkWhen.WEEK: (3, gettext_noop("Later")),
    WorkWhen.LATER: (3, gettext_noop("Later")),
    "queue": (4, gettext_noop("For anybody in my group to take")),
}


def _sorted(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=lambda line: line["place"])
