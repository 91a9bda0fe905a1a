"""Floor 5."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AutomationConfig(AppConfig):
    """Scheduled reports."""

    name = "automation"
    verbose_name = _("Automation")

    def ready(self) -> None:
        import_module("automation.permissions")
        import_module("automation.queries.providers")
