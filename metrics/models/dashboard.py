"""Dashboards: KPIs side by side."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from metrics.choices import PanelKind
from metrics.engine.panel_settings import HEIGHTS, WIDTHS, PanelSettings, parse
from metrics.models.dashboard_sharing import DashboardSharing
from metrics.models.dataset import DatasetColumn
from metrics.models.kpi import Kpi
from organization.models.base import Named, Stamped, Versioned
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class Dashboard(Named, Stamped, Versioned, TenantModel):
    """A page of panels. Seeing it shows no KPI that its viewer may not see.

    is_private: open to its owner and to those it is shared with, whatever their roles give them elsewhere. removed_at: it
    is in the bin, and comes back by undo until it is thrown away for good.
    """

    view_permission = "metrics.dashboard.view"
    owner_lookup = "owner_id"
    department_lookup = "department"
    sharing = DashboardSharing()

    reference = models.CharField(max_length=20, editable=False)
    owner = TenantForeignKey("organization.Member", null=True, blank=True, related_name="+", verbose_name=_("Owner"))
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    default_period = models.CharField(_("Period shown first"), max_length=40, default="last-30-days")
    is_private = models.BooleanField(_("Private"), default=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "reference"], name="dashboard_reference"),
            models.CheckConstraint(
                condition=Q(is_private=False) | Q(owner__isnull=False), name="dashboard_private_has_owner"
            ),
        ]


class DashboardPanel(Versioned, TenantModel):
    """A KPI on a dashboard, or a text. It stands after the panel before it on a grid of twelve columns.

    title: empty for the KPI's name. settings: what `engine.panel_settings.parse` takes for the kind.
    """

    travel = Travel(inside={"settings": {}})

    dashboard = TenantForeignKey(Dashboard, models.CASCADE, related_name="panels")
    title = models.CharField(_("Title"), max_length=200, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=200, blank=True)
    kind = models.CharField(_("Drawn as"), max_length=12, choices=PanelKind.choices, default=PanelKind.LINE)
    kpi = TenantForeignKey(Kpi, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("KPI"))
    column = TenantForeignKey(DatasetColumn, null=True, blank=True, related_name="+", verbose_name=_("Broken down by"))
    width = models.PositiveSmallIntegerField(_("Width"), default=6)
    height = models.PositiveSmallIntegerField(_("Height"), default=2)
    settings = models.JSONField(default=dict, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=PanelKind.TEXT, kpi=None)
                | ~models.Q(kind=PanelKind.TEXT) & ~models.Q(kpi=None),
                name="panel_kpi",
            ),
            models.CheckConstraint(
                condition=models.Q(width__in=WIDTHS) & models.Q(height__in=HEIGHTS), name="panel_size"
            ),
        ]

    @property
    def display_title(self) -> str:
        """Its title in the active language, else the KPI's name; empty for a text without one."""
        if self.title_zh and (get_language() or "").startswith("zh"):
            return self.title_zh
        return self.title or (self.kpi.display_name if self.kpi else "")

    @property
    def options(self) -> PanelSettings:
        """The settings with their defaults."""
        return parse(self.kind, self.settings)
