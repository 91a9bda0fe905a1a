"""The fixed vocabularies of processes. What follows what stands in `engine.states`."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VersionState(TextChoices):
    """The life of a version."""

    DRAFT = "draft", pgettext_lazy("version", "Draft")
    IN_REVIEW = "in_review", pgettext_lazy("version", "In review")
    APPROVED = "approved", pgettext_lazy("version", "Approved")
    EFFECTIVE = "effective", pgettext_lazy("version", "In force")
    RETIRED = "retired", pgettext_lazy("version", "Retired")


class ChangeClass(TextChoices):
    """How much a version changes for those who follow it."""

    MINOR = "minor", pgettext_lazy("change", "Minor")
    MAJOR = "major", pgettext_lazy("change", "Major")


class RunState(TextChoices):
    """The life of a run."""

    RUNNING = "running", pgettext_lazy("run", "Running")
    PAUSED = "paused", pgettext_lazy("run", "Paused")
    FINISHED = "finished", pgettext_lazy("run", "Finished")
    CANCELLED = "cancelled", pgettext_lazy("run", "Cancelled")


class RunResult(TextChoices):
    """What came out of a finished run."""

    PASSED = "passed", pgettext_lazy("run", "Passed")
    FAILED = "failed", pgettext_lazy("run", "Failed")


class StepState(TextChoices):
    """The life of a step in a run."""

    WAITING = "waiting", pgettext_lazy("step", "Not yet open")
    OPEN = "open", pgettext_lazy("step", "Open")
    CLAIMED = "claimed", pgettext_lazy("step", "Taken")
    STARTED = "started", pgettext_lazy("step", "Begun")
    IN_APPROVAL = "in_approval", pgettext_lazy("step", "Waits for approval")
    DONE = "done", pgettext_lazy("step", "Done")
    SKIPPED = "skipped", pgettext_lazy("step", "Skipped")
    NOT_APPLICABLE = "not_applicable", pgettext_lazy("step", "Does not apply")


TO_DO = (StepState.OPEN, StepState.CLAIMED, StepState.STARTED)
UNFINISHED = (StepState.WAITING, *TO_DO, StepState.IN_APPROVAL)


class Lane(TextChoices):
    """Where a run that goes on stands on the board; the first that fits."""

    HELP = "help", pgettext_lazy("lane", "Help wanted")
    LATE = "late", pgettext_lazy("lane", "Late")
    APPROVAL = "approval", pgettext_lazy("lane", "Waits for approval")
    STILL = "still", pgettext_lazy("lane", "Standing still")
    GOING = "going", pgettext_lazy("lane", "On its way")


class Cause(TextChoices):
    """Why a run was started."""

    HAND = "hand", pgettext_lazy("start", "By hand")
    SCHEDULE = "schedule", pgettext_lazy("start", "By schedule")
    FORM = "form", pgettext_lazy("start", "By a public form")
    MAIL = "mail", pgettext_lazy("start", "By mail")
    API = "api", pgettext_lazy("start", "By the API")
    RUN = "run", pgettext_lazy("start", "By another run")
    KPI = "kpi", pgettext_lazy("start", "By a KPI past its limit")
    EVENT = "event", pgettext_lazy("start", "By an event elsewhere")


class Verdict(TextChoices):
    """What an approver says."""

    YES = "yes", pgettext_lazy("approval", "Approved")
    NO = "no", pgettext_lazy("approval", "Sent back")


class ApprovalState(TextChoices):
    """Where an approval stands."""

    OPEN = "open", pgettext_lazy("approval", "Open")
    GRANTED = "granted", pgettext_lazy("approval", "Approved")
    REFUSED = "refused", pgettext_lazy("approval", "Sent back")
    DROPPED = "dropped", pgettext_lazy("approval", "No longer needed")


class DeviationKind(TextChoices):
    """A departure from the step as written."""

    SKIPPED = "skipped", pgettext_lazy("deviation", "Skipped")
    OUT_OF_ORDER = "out_of_order", pgettext_lazy("deviation", "Out of order")
    LATE = "late", pgettext_lazy("deviation", "Late")
    OUT_OF_RANGE = "out_of_range", pgettext_lazy("deviation", "Outside the limits")
    OVERRIDE = "override", pgettext_lazy("deviation", "Overridden")
    ANDON = "andon", pgettext_lazy("deviation", "Call for help")
    FAILED = "failed", pgettext_lazy("deviation", "Failed")


class AndonState(TextChoices):
    """Where a call for help stands."""

    CALLED = "called", pgettext_lazy("call", "Called")
    ANSWERED = "answered", pgettext_lazy("call", "Somebody is coming")
    RESOLVED = "resolved", pgettext_lazy("call", "Resolved")


# Why nothing can be done to a step that is in the state
STEP_REFUSALS = {
    StepState.WAITING: _("This step is not open yet. Steps before it have to be done first."),
    StepState.OPEN: _("Nobody has begun this step yet."),
    StepState.CLAIMED: _("Somebody has taken this step already."),
    StepState.STARTED: _("This step is begun already."),
    StepState.IN_APPROVAL: _("This step is done and waits for approval."),
    StepState.DONE: _("This step is done already."),
    StepState.SKIPPED: _("This step was skipped."),
    StepState.NOT_APPLICABLE: _("This step does not apply in this run."),
}
