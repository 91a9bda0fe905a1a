"""Floor 1."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetricsConfig(AppConfig):
    """KPIs, datasets, observations, rollups, targets, dashboards."""

    name = "metrics"
    verbose_name = _("Metrics")

    def ready(self) -> None:
        import_module("metrics.permissions")
        import_module("metrics.handlers")
        import_module("metrics.services.forgetting")
        import_module("metrics.notice_kinds")
        import_module("metrics.work_kinds")
        import_module("metrics.queries.providers")
