"""Floor 2."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcessesConfig(AppConfig):
    """SOPs, their versions and runs, approvals, deviations, calls for help."""

    name = "processes"
    verbose_name = _("Processes")

    def ready(self) -> None:
        import_module("processes.permissions")
        import_module("processes.handlers")
        import_module("processes.services.forgetting")
        import_module("processes.notice_kinds")
        import_module("processes.work_kinds")
        import_module("processes.queries.providers")
