"""What starts runs without a member at hand: plans, guests, public forms."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.models.base import Named, Stamped, Versioned
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel
from processes.models.run import Run, RunStep
from processes.models.sop import Sop


class StartPlan(Named, Stamped, Versioned, TenantModel):
    """When runs of a SOP start by themselves. rule: what `engine.start_plans` reads; next_at: None while it is off.

    runs_each: how many at once, one for each of `places` where some are named. slot_at, slot_done: the time that is being
    worked off and how many of its runs are there already; its runs bear the slot as their external id, so a slot that is
    begun again makes none twice.
    """

    view_permission = "processes.plan.view"
    owner_lookup = "sop__owner_id"
    department_lookup = "sop__department"
    travel = Travel(inside={"rule": {}})

    sop = TenantForeignKey(Sop, models.CASCADE, related_name="plans", verbose_name=_("SOP"))
    rule = models.JSONField(default=dict)
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    runs_each = models.PositiveIntegerField(
        _("Runs each time"), default=1, validators=[MinValueValidator(1), MaxValueValidator(5000)]
    )
    is_active = models.BooleanField(_("Switched on"), default=True)
    next_at = models.DateTimeField(_("Next time"), null=True)
    slot_at = models.DateTimeField(null=True, editable=False)
    slot_done = models.PositiveIntegerField(default=0, editable=False)
    problem = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="start_plan_due"),
            models.Index(fields=["slot_at"], condition=Q(slot_at__isnull=False), name="start_plan_begun"),
        ]


class GuestLink(TenantModel):
    """A way for somebody without an account to do one step of one run. Only the digest of its secret is kept."""

    view_permission = "processes.run.view"
    owner_lookup = "made_by_id"
    department_lookup = "run__department"
    travel = Travel(stays="the links lead to this installation")

    run = TenantForeignKey(Run, models.CASCADE, related_name="guest_links")
    step = TenantForeignKey(RunStep, models.CASCADE, related_name="guest_links")
    guest_name = models.CharField(_("Name"), max_length=200)
    digest = models.CharField(max_length=64)
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("Until"))
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "digest"], name="guest_link_digest")]


class PublicForm(Named, Stamped, Versioned, TenantModel):
    """An open page that starts a run of a SOP. Only the digest of its secret is kept."""

    view_permission = "processes.plan.view"
    owner_lookup = "sop__owner_id"
    department_lookup = "sop__department"
    travel = Travel(stays="the addresses lead to this installation")

    sop = TenantForeignKey(Sop, models.CASCADE, related_name="public_forms")
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    digest = models.CharField(max_length=64)
    is_open = models.BooleanField(_("Open"), default=True)
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "digest"], name="public_form_digest")]
