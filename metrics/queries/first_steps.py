"""The first steps of an organization with its figures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from metrics.models import Dashboard, Dataset, Kpi
from organization.queries.onboarding import FirstStep, register_step

register_step(
    FirstStep(
        "figures",
        _("Bring the first data in"),
        _("A spreadsheet is enough; columns are recognized by themselves."),
        "file-import",
        "metrics:import-new",
        "metrics.import.run",
        lambda: Dataset.objects.filter(first_at__isnull=False),
    )
)
register_step(
    FirstStep(
        "kpi",
        _("Define the first KPI"),
        _("Count, sum or average what the data holds."),
        "chart-line",
        "metrics:kpi-new",
        "metrics.kpi.edit",
        lambda: Kpi.objects.all(),
    )
)
register_step(
    FirstStep(
        "dashboard",
        _("Put it on a dashboard"),
        _("What everybody sees first in the morning."),
        "layout-dashboard",
        "metrics:dashboard-new",
        "metrics.dashboard.edit",
        lambda: Dashboard.objects.all(),
    )
)
