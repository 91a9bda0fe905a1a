"""Dashboards: KPIs side by side."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from metrics.choices import PanelKind
from metrics.models.dataset import DatasetColumn
from metrics.models.kpi import Kpi
from organization.models.base import Named, Stamped, Versioned
from organization.tenancy import TenantForeignKey, TenantModel


class Dashboard(Named, Stamped, Versioned, TenantModel):
    """A page of panels. Seeing it shows no KPI that its viewer may not see."""

    view_permission = "metrics.dashboard.view"
    owner_lookup = "owner_id"
    department_lookup = "department"

    reference = models.CharField(max_length=20, editable=False)
    owner = TenantForeignKey("organization.Member", null=True, blank=True, related_name="+", verbose_name=_("Owner"))
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    default_period = models.CharField(_("Period shown first"), max_length=40, default="last-30-days")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "reference"], name="dashboard_reference")]


class DashboardPanel(TenantModel):
    """One KPI on a dashboard."""

    dashboard = TenantForeignKey(Dashboard, models.CASCADE, related_name="panels")
    kpi = TenantForeignKey(Kpi, models.CASCADE, related_name="+")
    kind = models.CharField(_("Drawn as"), max_length=12, choices=PanelKind.choices, default=PanelKind.LINE)
    column = TenantForeignKey(DatasetColumn, null=True, blank=True, related_name="+", verbose_name=_("Broken down by"))
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
