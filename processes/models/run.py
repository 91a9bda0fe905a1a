"""Runs: one execution of one version, step by step."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.models.base import Stamped, Versioned
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel
from processes.choices import TO_DO, UNFINISHED, Cause, RunResult, RunState, StepState
from processes.models.sharing import RunSharing
from processes.models.sop import Sop, SopStep, SopVersion, Titled

ALIVE = Q(state__in=[RunState.RUNNING, RunState.PAUSED])


class Run(Titled, Stamped, Versioned, TenantModel):
    """One execution of a version, which it keeps whatever comes after. In process mining: a case.

    source, external_id: what started it elsewhere; the same pair is the same run. Every change of any of its steps holds
    its row, so what happens in one run happens one after the other.
    """

    view_permission = "processes.run.view"
    owner_lookup = "started_by_id"
    department_lookup = "department"
    sharing = RunSharing()
    travel = Travel(inside={"facts": {}})

    reference = models.CharField(max_length=20, editable=False)
    sop = TenantForeignKey(Sop, related_name="runs")
    sop_version = TenantForeignKey(SopVersion, related_name="runs")
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    state = models.CharField(_("State"), max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    cause = models.CharField(_("Started"), max_length=10, choices=Cause.choices, default=Cause.HAND)
    source = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict)
    parent_step = TenantForeignKey("processes.RunStep", null=True, related_name="children")
    started_by = TenantForeignKey("organization.Member", null=True, related_name="+", verbose_name=_("Started by"))
    started_at = models.DateTimeField(_("Started"), default=timezone.now)
    due_at = models.DateTimeField(_("Due"), null=True)
    finished_at = models.DateTimeField(_("Finished"), null=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    score_earned = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    score_possible = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    result = models.CharField(_("Result"), max_length=10, choices=RunResult.choices, blank=True)
    seed = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "reference"], name="run_reference"),
            models.UniqueConstraint(
                fields=["organization", "source", "external_id"], condition=~Q(external_id=""), name="run_external"
            ),
            models.CheckConstraint(
                condition=(ALIVE & Q(finished_at=None)) | (~ALIVE & Q(finished_at__isnull=False)),
                name="run_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at")), name="run_stamps"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-started_at", "-id"], name="run_newest"),
            models.Index(fields=["organization", "sop", "-started_at", "-id"], name="run_of_sop"),
            models.Index(fields=["organization", "department", "-id"], name="run_of_department"),
            models.Index(fields=["organization", "due_at", "id"], condition=ALIVE, name="run_board"),
            models.Index(fields=["organization", "started_by", "-id"], name="run_of_starter"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("processes:run-detail", args=[self.pk])

    @property
    def score(self) -> float | None:
        """The share of the points that were to be had, 0 to 1; None where there were none."""
        if not self.score_possible or self.score_earned is None:
            return None
        return float(self.score_earned / self.score_possible)


class RunRow(TenantModel):
    """One row of a section that repeats: a room, an item. number: from 1 within the section; steps bear it."""

    run = TenantForeignKey(Run, models.CASCADE, related_name="rows")
    section_key = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("Name"), max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "run", "section_key", "number"], name="run_row_number")
        ]


class RunStep(Titled, Versioned, TenantModel):
    """A step in a run. row: which row of a section that repeats, 0 where it does not.

    Owed by `assigned_to`, or while that is empty by whoever bears `role` in `queue_department` (None: anywhere) or is in
    `queue_department` alone; who claims it is the one it is assigned to. Stamps are the server's; the device's own clock
    stands beside them. is_live: its run goes on. due_rule: which rule gave the date, as the engine names it.
    """

    view_permission = "processes.run.view"
    owner_lookup = "assigned_to_id"
    department_lookup = "run__department"
    sharing = RunSharing("run")

    run = TenantForeignKey(Run, models.CASCADE, related_name="steps")
    sop_step = TenantForeignKey(SopStep, related_name="run_steps")
    key = models.CharField(max_length=40)
    section_key = models.CharField(max_length=40)
    row = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField()
    is_critical = models.BooleanField(default=False)
    is_live = models.BooleanField(default=True)
    state = models.CharField(_("State"), max_length=16, choices=StepState.choices, default=StepState.WAITING)
    assigned_to = TenantForeignKey(
        "organization.Member", null=True, related_name="run_steps", verbose_name=_("Responsible")
    )
    role = TenantForeignKey("organization.Role", null=True, related_name="+")
    queue_department = TenantForeignKey("organization.Department", null=True, related_name="+")
    is_for_guest = models.BooleanField(default=False)
    claimed_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    finished_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    opened_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    sent_back_at = models.DateTimeField(null=True)
    claimed_device_at = models.DateTimeField(null=True)
    started_device_at = models.DateTimeField(null=True)
    finished_device_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(_("Due"), null=True)
    due_rule = models.CharField(max_length=60, blank=True)
    due_is_manual = models.BooleanField(default=False)
    is_failed = models.BooleanField(default=False)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)

    class Meta:
        ordering = ("position", "row")
        constraints = [
            models.UniqueConstraint(fields=["organization", "run", "key", "row"], name="run_step_once"),
            models.CheckConstraint(
                condition=Q(state__in=[StepState.WAITING, StepState.NOT_APPLICABLE]) | Q(opened_at__isnull=False),
                name="run_step_opened",
            ),
            models.CheckConstraint(
                condition=~Q(state=StepState.CLAIMED) | Q(claimed_at__isnull=False, assigned_to__isnull=False),
                name="run_step_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(state=StepState.STARTED) | Q(started_at__isnull=False), name="run_step_started"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[StepState.DONE, StepState.IN_APPROVAL, StepState.SKIPPED])
                | Q(finished_at__isnull=False),
                name="run_step_finished",
            ),
            models.CheckConstraint(
                condition=(Q(claimed_at=None) | Q(claimed_at__gte=F("opened_at")))
                & (Q(started_at=None) | Q(started_at__gte=F("opened_at")))
                & (Q(finished_at=None) | Q(finished_at__gte=F("opened_at")))
                & (Q(started_at=None) | Q(finished_at=None) | Q(finished_at__gte=F("started_at"))),
                name="run_step_stamps",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "assigned_to", "due_at", "id"],
                condition=Q(state__in=TO_DO, is_live=True),
                name="run_step_mine",
            ),
            models.Index(
                fields=["organization", "role", "due_at"],
                condition=Q(state=StepState.OPEN, assigned_to=None, is_live=True),
                name="run_step_queue",
            ),
            models.Index(fields=["organization", "assigned_to", "run"], name="run_step_of_member"),
            models.Index(fields=["organization", "finished_by", "run"], name="run_step_done_by"),
            models.Index(
                fields=["organization", "due_at"], condition=Q(state__in=UNFINISHED, is_live=True), name="run_step_due"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("processes:step-detail", args=[self.pk])

    @property
    def is_to_do(self) -> bool:
        """Whether somebody can work on it now."""
        return self.state in TO_DO


class StepRound(TenantModel):
    """An earlier round of a step that was sent back: its own clock, kept for mining. round: from 1."""

    step = TenantForeignKey(RunStep, models.CASCADE, related_name="rounds")
    round = models.PositiveSmallIntegerField()
    done_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField()
    sent_back_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    comment = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "step", "round"], name="step_round_once")]


class StepStamp(TenantModel):
    """What a step became, and when: a row for each of its changes, in the order of their numbers, never changed itself.

    The stamps of the step show its present round alone. made_at: the server's clock; device_at: the device's own.
    """

    run = TenantForeignKey(Run, models.CASCADE, related_name="stamps")
    step = TenantForeignKey(RunStep, models.CASCADE, related_name="stamps")
    state = models.CharField(max_length=16, choices=StepState.choices)
    round = models.PositiveSmallIntegerField()
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    made_at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "run", "id"], name="step_stamp_of_run")]


class Answer(TenantModel):
    """What stands in a field of a step now. value: as `engine.answers` gives it; refers_to: what its numbers are of."""

    travel = Travel(inside={"value": "=refers_to"})

    step = TenantForeignKey(RunStep, models.CASCADE, related_name="answers")
    run = TenantForeignKey(Run, models.CASCADE, related_name="answers")
    field_key = models.CharField(max_length=40)
    value = models.JSONField(null=True)
    refers_to = models.CharField(max_length=40, blank=True)
    is_applicable = models.BooleanField(default=True)
    is_failed = models.BooleanField(default=False)
    note = models.CharField(max_length=2000, blank=True)
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    made_at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "step", "field_key"], name="answer_once")]
        indexes = [models.Index(fields=["organization", "run"], name="answer_of_run")]


class AnswerChange(TenantModel):
    """What stood in a field before: each value with who gave it and when."""

    travel = Travel(inside={"value": "=refers_to"})

    answer = TenantForeignKey(Answer, models.CASCADE, related_name="changes")
    value = models.JSONField(null=True)
    refers_to = models.CharField(max_length=40, blank=True)
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    made_at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "answer", "-id"], name="answer_change_of")]


class Handover(TenantModel):
    """A step went from one person to another."""

    step = TenantForeignKey(RunStep, models.CASCADE, related_name="handovers")
    given_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    given_to = TenantForeignKey("organization.Member", null=True, related_name="+")
    was_with = TenantForeignKey("organization.Member", null=True, related_name="+")
    note = models.CharField(_("Note"), max_length=500, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organization", "step"], name="handover_of_step")]


class Operation(TenantModel):
    """One act of a client on a run, under the client's own number: asked again it changes nothing and gets `reply`."""

    travel = Travel(inside={"reply": {}}, stays="devices repeat an act where they did it")

    run = TenantForeignKey(Run, models.CASCADE, related_name="+")
    operation = models.UUIDField()
    reply = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "operation"], name="operation_once")]
        indexes = [models.Index(fields=["organization", "made_at"], name="operation_age")]
