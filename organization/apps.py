"""Floor 0."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationConfig(AppConfig):
    """Tenants, people, permissions, calendars, audit, events, links, work items, notices."""

    name = "organization"
    verbose_name = _("Organization")

    def ready(self) -> None:
        import_module("organization.permissions")
        import_module("organization.checks")
        import_module("organization.told")
        import_module("organization.handlers")
        import_module("organization.services.forgetting")
        import_module("organization.queries.providers")
