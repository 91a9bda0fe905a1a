"""What may be done in automation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization.choices import BuiltInRole, Scope
from organization.permissions import ALL_SCOPES, Permission, declare

GROUP = _("Automation")
MANAGERS = {BuiltInRole.ADMIN: Scope.ORGANIZATION, BuiltInRole.MANAGER: Scope.OWN}

declare(
    [
        Permission(
            "automation.report.view",
            _("See scheduled reports"),
            GROUP,
            reads=True,
            scopes=ALL_SCOPES,
            defaults=MANAGERS,
        ),
        Permission(
            "automation.report.edit",
            _("Schedule reports by mail"),
            GROUP,
            scopes=ALL_SCOPES,
            defaults=MANAGERS,
        ),
    ]
)
