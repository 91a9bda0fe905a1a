"""What is done to a step with one button, or a button and a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import redirect_page
from organization.errors import DomainError, NotAllowed, NotVisible
from organization.models import Member
from organization.views.base import visible_or_404
from processes.errors import NeedsReason
from processes.models import AndonCall, RunStep
from processes.services import andon, approvals, steps
from processes.views.steps import StepBase, operation_of


class StepActView(StepBase):
    """One act on a step: POST alone. A refusal shows the step as it stands now, with what was written."""

    http_method_names = ["post", "options"]  # Django's own declaration
    permission = "processes.run.work"
    name = ""
    message: Any = ""

    def act(self, step: RunStep) -> None:
        """Call the service."""
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            self.act(self.find(pk))
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            return self.refuse(pk, error, self.name)
        if self.message:
            messages.success(request, str(self.message))
        return redirect_page(request, reverse("processes:step-detail", args=[pk]))

    @property
    def operation(self) -> Any:
        """The number of the act."""
        return operation_of(self.request)

    def text(self, name: str) -> str:
        """A text of the form."""
        return self.request.POST.get(name, "")

    def member(self, name: str) -> Member:
        """A member of the form, whom the actor sees. Raises NeedsReason."""
        number = self.text(name)
        rows = Member.objects.visible_to(self.actor).filter(is_active=True)
        found = rows.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
        if found is None:
            raise NeedsReason(_("Choose a person."), field=name)
        return found


class StepClaimView(StepActView):
    """Take a step from a queue."""

    name = "claim"

    def act(self, step: RunStep) -> None:
        steps.claim_step(self.actor, step, operation=self.operation)


class StepReleaseView(StepActView):
    """Give a step back to its queue."""

    name = "release"
    message = _("The step is back in its queue.")

    def act(self, step: RunStep) -> None:
        steps.release_step(self.actor, step, operation=self.operation)


class StepStartView(StepActView):
    """Begin a step."""

    name = "start"

    def act(self, step: RunStep) -> None:
        steps.start_step(self.actor, step, reason=self.text("reason"), operation=self.operation)


class StepSkipView(StepActView):
    """Leave a step out, with the reason."""

    name = "skip"
    message = _("The step is skipped, and the reason is recorded.")

    def act(self, step: RunStep) -> None:
        steps.skip_step(self.actor, step, reason=self.text("reason"), operation=self.operation)


class StepHandOverView(StepActView):
    """Give a step to a colleague."""

    name = "hand_over"
    message = _("The step is handed over, and your colleague is told.")

    def act(self, step: RunStep) -> None:
        steps.hand_over(self.actor, step, to=self.member("to"), note=self.text("note"), operation=self.operation)


class StepHelpView(StepActView):
    """Call for help."""

    name = "help"
    message = _("Help is called. The step shows who is coming.")

    def act(self, step: RunStep) -> None:
        andon.call_for_help(self.actor, step, reason=self.text("reason"), operation=self.operation)


class StepVoteView(StepActView):
    """Approve a step, or send it back to one of those that the text allows."""

    permission = "processes.run.approve"
    name = "vote"

    def act(self, step: RunStep) -> None:
        approves = self.text("verdict") == "yes"
        number = self.text("back_to")
        back_to = None
        if not approves and number.isdecimal() and len(number) < 18:
            back_to = visible_or_404(RunStep.objects.visible_to(self.actor).filter(run=step.run), pk=int(number))
        approvals.vote_on_step(
            self.actor,
            step,
            approves=approves,
            comment=self.text("comment"),
            back_to=back_to,
            operation=self.operation,
        )
        self.message = _now("The step is approved.") if approves else _now("The step is sent back.")


class CallBase(StepActView):
    """An act on a call for help; its step's page comes back."""

    permission = "processes.andon.answer"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.call: AndonCall = visible_or_404(AndonCall.objects.visible_to(self.actor), pk=pk)
        return super().post(request, self.call.step_id)


class CallAnswerView(CallBase):
    """Say that one is coming."""

    name = "answer"
    message = _("You are on your way. Whoever called is told.")

    def act(self, step: RunStep) -> None:
        andon.answer_call(self.actor, self.call)


class CallResolveView(CallBase):
    """Say what was done about it."""

    name = "resolve"
    message = _("The call is resolved.")

    def act(self, step: RunStep) -> None:
        andon.resolve_call(self.actor, self.call, resolution=self.text("resolution"))
