"""Figures entered by hand: who owes which, what was entered, and why it changed."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from metrics.choices import EntryMark, GrainCode
from metrics.models.batch import ImportBatch
from metrics.models.dataset import Dataset, DatasetColumn
from metrics.models.fields import ExactNumberField
from organization.models.base import Stamped, Versioned
from organization.personal import MEMBERSHIP, Erasure, Personal
from organization.tenancy import TenantForeignKey, TenantModel


class EntryPlan(Stamped, Versioned, TenantModel):
    """A dataset that people feed: its figures a period from `starts_on` on, by one member or by whoever bears a role.

    due_days: working days after the end of a period by which its figures should be there. department: in which the role
    is meant; empty for all who bear it.
    """

    personal = Personal(
        _("Figures that the person enters"), _("Who is responsible for what"), MEMBERSHIP, Erasure.PSEUDONYM
    )
    view_permission = "metrics.entry.view"
    owner_lookup = "member_id"
    department_lookup = "dataset__department"

    dataset = TenantForeignKey(Dataset, models.CASCADE, related_name="entry_plans", verbose_name=_("Dataset"))
    grain = models.PositiveSmallIntegerField(_("Entered every"), choices=GrainCode.choices[1:], default=GrainCode.MONTH)
    starts_on = models.DateField(_("First period"))
    due_days = models.PositiveSmallIntegerField(
        _("Due after"),
        default=3,
        validators=[MaxValueValidator(250)],
        help_text=_("Working days after the end of a period by which its figures should be there."),
    )
    member = TenantForeignKey(
        "organization.Member", null=True, blank=True, related_name="+", verbose_name=_("Entered by")
    )
    role = TenantForeignKey("organization.Role", null=True, blank=True, related_name="+", verbose_name=_("Role"))
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "dataset"], name="entry_plan_once"),
            models.CheckConstraint(
                condition=models.Q(member=None, role__isnull=False) | models.Q(member__isnull=False, role=None),
                name="entry_plan_who",
            ),
        ]

    def __str__(self) -> str:
        return str(self.dataset)


class EntryPlace(TenantModel):
    """A department that has figures of its own in a plan. Without any, the figures are for the whole."""

    plan = TenantForeignKey(EntryPlan, models.CASCADE, related_name="places")
    department = TenantForeignKey("organization.Department", models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "plan", "department"], name="entry_place_once")]


class EntryWaiver(TenantModel):
    """A period in which there is nothing to enter, with the reason."""

    plan = TenantForeignKey(EntryPlan, models.CASCADE, related_name="waivers")
    department = TenantForeignKey("organization.Department", models.CASCADE, null=True, related_name="+")
    starts_on = models.DateField()
    reason = models.CharField(_("Reason"), max_length=500)
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "plan", "department", "starts_on"], nulls_distinct=False, name="waiver_once"
            )
        ]


class EntryChange(TenantModel):
    """One step in the life of a cell: entered, corrected with its reason, or marked as not applicable and back.

    column is empty where the whole period of a department is meant. The newest one of a cell is its version.
    """

    plan = TenantForeignKey(EntryPlan, models.CASCADE, related_name="changes")
    column = TenantForeignKey(DatasetColumn, models.CASCADE, null=True, related_name="+")
    department = TenantForeignKey("organization.Department", models.CASCADE, null=True, related_name="+")
    starts_on = models.DateField()
    mark = models.CharField(max_length=10, choices=EntryMark.choices, default=EntryMark.ENTERED)
    before = ExactNumberField(null=True)
    after = ExactNumberField(null=True)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    batch = TenantForeignKey(ImportBatch, models.CASCADE, null=True, related_name="+")
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organization", "plan", "starts_on", "-id"], name="entry_change_of_cell")]
