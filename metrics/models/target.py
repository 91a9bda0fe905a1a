"""Targets as a series: a row a period, for the whole or for one department."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from metrics.choices import GrainCode, MarginKind
from metrics.models.kpi import Kpi
from organization.models.base import Stamped, Versioned
from organization.tenancy import TenantForeignKey, TenantModel


class KpiTarget(Stamped, Versioned, TenantModel):
    """The value aimed at in every period of `grain` from `starts_on` until the next row of the same grain and department.

    For "best within a range" `low` and `high` hold the range and `value` is empty. What a target was before stands in
    the audit trail with who and when.
    """

    kpi = TenantForeignKey(Kpi, models.CASCADE, related_name="targets")
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    grain = models.PositiveSmallIntegerField(_("Per"), choices=GrainCode.choices)
    starts_on = models.DateField(_("From"))
    value = models.DecimalField(_("Target"), max_digits=30, decimal_places=6, null=True, blank=True)
    low = models.DecimalField(_("Lowest"), max_digits=30, decimal_places=6, null=True, blank=True)
    high = models.DecimalField(_("Highest"), max_digits=30, decimal_places=6, null=True, blank=True)
    margin_kind = models.CharField(_("Margins"), max_length=10, choices=MarginKind.choices, default=MarginKind.RELATIVE)
    warning_margin = models.DecimalField(
        _("Warning within"),
        max_digits=30,
        decimal_places=6,
        default=0,
        help_text=_("Missed by no more than this is a warning, by more is off track."),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kpi", "department", "grain", "starts_on"],
                nulls_distinct=False,
                name="target_once",
            )
        ]
