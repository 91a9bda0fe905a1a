"""Reports that go out by mail: when, to whom, and what became of each copy."""

from __future__ import annotations

from datetime import time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from automation.choices import MailStatus, Rhythm
from metrics.models import Dashboard
from organization.models.base import Named, Stamped, Versioned
from organization.personal import MEMBERSHIP, Erasure, Personal
from organization.tenancy import TenantForeignKey, TenantModel


class ReportSchedule(Named, Stamped, Versioned, TenantModel):
    """A dashboard as PDF, sent in a rhythm. Each reader gets it in their language, as they themselves may see it.

    weekday: 0 is Monday. month_day: in shorter months the last day. at: by the organization's clock. period: a named
    range; empty for the dashboard's own. next_run_at: None while it is switched off.
    """

    view_permission = "automation.report.view"
    owner_lookup = "owner_id"
    department_lookup = "dashboard__department"

    reference = models.CharField(max_length=20, editable=False)
    dashboard = TenantForeignKey(Dashboard, models.CASCADE, related_name="+", verbose_name=_("Dashboard"))
    owner = TenantForeignKey("organization.Member", null=True, blank=True, related_name="+", verbose_name=_("Owner"))
    is_enabled = models.BooleanField(_("Switched on"), default=True)
    rhythm = models.CharField(_("How often"), max_length=15, choices=Rhythm.choices, default=Rhythm.WEEKLY)
    weekday = models.PositiveSmallIntegerField(_("On"), default=0, validators=[MaxValueValidator(6)])
    month_day = models.PositiveSmallIntegerField(
        _("Day of the month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    at = models.TimeField(_("At"), default=time(8))
    period = models.CharField(_("Period"), max_length=40, blank=True)
    comparison = models.CharField(_("Compared with"), max_length=10, blank=True)
    words = models.TextField(_("A word to the readers"), blank=True, max_length=1000)
    next_run_at = models.DateTimeField(_("Next time"), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "reference"], name="report_reference")]
        indexes = [
            models.Index(fields=["next_run_at"], condition=models.Q(next_run_at__isnull=False), name="report_due")
        ]


class ReportReader(TenantModel):
    """Somebody who gets a report: a member, or whoever bears a role on the day it is sent."""

    personal = Personal(_("Reports that the person gets"), _("Sending reports"), MEMBERSHIP, Erasure.DELETED)

    schedule = TenantForeignKey(ReportSchedule, models.CASCADE, related_name="readers")
    member = TenantForeignKey("organization.Member", models.CASCADE, null=True, related_name="+")
    role = TenantForeignKey("organization.Role", models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "schedule", "member", "role"], nulls_distinct=False, name="report_reader"
            ),
            models.CheckConstraint(
                condition=models.Q(member__isnull=True) ^ models.Q(role__isnull=True), name="report_reader_is_one"
            ),
        ]


class ReportRun(TenantModel):
    """One time that a report went out. slot: when it was due; the same slot is the same run."""

    schedule = TenantForeignKey(ReportSchedule, models.CASCADE, related_name="runs")
    slot = models.DateTimeField(pgettext_lazy("report", "Due"))
    asked_by = TenantForeignKey("organization.Member", models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "schedule", "slot"], name="report_run_slot")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="report_run_due")]


class ReportMail(TenantModel):
    """One reader's copy of a run."""

    personal = Personal(_("Mails with reports to the person"), _("Sending reports"), MEMBERSHIP, Erasure.DELETED)

    run = TenantForeignKey(ReportRun, models.CASCADE, related_name="mails")
    member = TenantForeignKey("organization.Member", models.CASCADE, related_name="+")
    status = models.CharField(_("State"), max_length=10, choices=MailStatus.choices, default=MailStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(_("Sent"), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "run", "member"], name="report_mail_once")]
