"""Departures from the text, and calls for help."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel
from processes.choices import AndonState, DeviationKind
from processes.models.run import Run, RunStep
from processes.models.sharing import RunSharing
from processes.models.sop import Sop, SopStep, SopVersion


class Deviation(TenantModel):
    """A departure from the step as written, counted by SOP, version and step.

    corrective: what is to be done about it, by whom and by when, as a work item (`processes.corrective`) on this row.
    """

    view_permission = "processes.deviation.view"
    owner_lookup = "run__started_by_id"
    department_lookup = "run__department"
    sharing = RunSharing("run")
    travel = Travel(inside={"facts": {"member": "organization.member", "attachment": "organization.attachment"}})

    sop = TenantForeignKey(Sop, related_name="+")
    sop_version = TenantForeignKey(SopVersion, related_name="+")
    sop_step = TenantForeignKey(SopStep, null=True, related_name="deviations")
    run = TenantForeignKey(Run, models.CASCADE, related_name="deviations")
    step = TenantForeignKey(RunStep, models.CASCADE, null=True, related_name="deviations")
    field_key = models.CharField(max_length=40, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(_("Kind"), max_length=14, choices=DeviationKind.choices)
    reason = models.CharField(_("Reason"), max_length=2000, blank=True)
    facts = models.JSONField(default=dict)
    corrective = models.CharField(_("Corrective action"), max_length=1000, blank=True)
    corrective_owner = TenantForeignKey("organization.Member", null=True, related_name="+")
    corrective_due_at = models.DateTimeField(null=True)
    corrective_done_at = models.DateTimeField(null=True)
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "step", "kind", "field_key", "round"],
                condition=~Q(kind=DeviationKind.ANDON) & ~Q(kind=DeviationKind.OVERRIDE),
                name="deviation_once",
            )
        ]
        indexes = [
            models.Index(fields=["organization", "-made_at", "-id"], name="deviation_newest"),
            models.Index(fields=["organization", "sop", "sop_version", "sop_step"], name="deviation_of_step"),
            models.Index(fields=["organization", "run"], name="deviation_of_run"),
        ]

    def get_absolute_url(self) -> str:
        return f"{reverse('processes:run-detail', args=[self.run_id])}#deviation-{self.pk}"


class AndonCall(TenantModel):
    """Somebody pulled the cord on a running step. escalate_at: when the next person up is told; None when nobody is."""

    view_permission = "processes.andon.view"
    owner_lookup = "called_by_id"
    department_lookup = "run__department"
    sharing = RunSharing("run")

    run = TenantForeignKey(Run, models.CASCADE, related_name="andon_calls")
    step = TenantForeignKey(RunStep, models.CASCADE, related_name="andon_calls")
    deviation = TenantForeignKey(Deviation, models.CASCADE, null=True, related_name="andon_calls")
    state = models.CharField(_("State"), max_length=10, choices=AndonState.choices, default=AndonState.CALLED)
    reason = models.CharField(_("What is wrong"), max_length=500)
    called_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    called_at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)
    told = TenantForeignKey("organization.Member", null=True, related_name="+")
    level = models.PositiveSmallIntegerField(default=1)
    escalate_at = models.DateTimeField(null=True)
    answered_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    resolved_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(_("What was done"), max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "step"], condition=~Q(state=AndonState.RESOLVED), name="andon_one_a_step"
            ),
            models.CheckConstraint(
                condition=Q(state=AndonState.CALLED)
                | Q(state=AndonState.ANSWERED, answered_at__gte=F("called_at"))
                | Q(state=AndonState.RESOLVED, resolved_at__gte=F("called_at")),
                name="andon_stamps",
            ),
        ]
        indexes = [
            models.Index(fields=["escalate_at"], condition=Q(escalate_at__isnull=False), name="andon_to_escalate"),
            models.Index(
                fields=["organization", "called_at"], condition=~Q(state=AndonState.RESOLVED), name="andon_open"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("processes:step-detail", args=[self.step_id])
