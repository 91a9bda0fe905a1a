"""Starting a run by hand, and ending one before its time."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.views.base import FormPageView
from processes.forms.starting import CancelForm, StartForm
from processes.models import Run, Sop
from processes.services import runs
from processes.services.runs import Start
from processes.views.runs import list_step as runs_step
from processes.views.runs import run_url
from processes.views.sops import list_step, sop_url


class RunStartView(FormPageView):
    """A run of the version in force."""

    permission = "processes.run.start"
    title = _("Start a run")
    submit_label = _("Start the run")
    message = _("The run is started. Whoever owes a step is told.")

    def prepare(self, **kwargs: Any) -> None:
        self.sop: Sop = self.subject(Sop.objects.visible_to(self.actor), pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> Any:
        return StartForm(data, actor=self.actor, initial={"department": self.sop.department_id})

    def save(self, facts: dict[str, Any]) -> str:
        title = facts["title"].strip()
        start = Start(department=facts["department"], title=title, title_zh=title, due_at=facts["due_at"])
        return run_url(runs.start_run(self.actor, self.sop, start=start))

    def context(self) -> dict[str, Any]:
        return {"steps": [list_step(), (self.sop.display_name, sop_url(self.sop))]}


class RunCancelView(FormPageView):
    """A run that ends before its time; what was done in it stays."""

    permission = "processes.run.cancel"
    title = _("Cancel the run")
    submit_label = _("Cancel the run")
    message = _("The run is cancelled. What was done in it stays.")

    def prepare(self, **kwargs: Any) -> None:
        self.run: Run = self.subject(Run.objects.visible_to(self.actor), pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> Any:
        return CancelForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        return run_url(runs.cancel_run(self.actor, self.run, **facts))

    def context(self) -> dict[str, Any]:
        trail = [runs_step(), (self.run.display_title, run_url(self.run))]
        return {"steps": trail, "back_label": _("Let it go on")}
