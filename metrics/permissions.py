"""What may be done in metrics."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization.choices import BuiltInRole, Scope
from organization.permissions import ALL_SCOPES, DEPARTMENT_SCOPES, Permission, declare

GROUP = _("Metrics")
MANAGERS = dict.fromkeys((BuiltInRole.ADMIN, BuiltInRole.MANAGER), Scope.ORGANIZATION)
ALL = MANAGERS | {BuiltInRole.STAFF: Scope.ORGANIZATION}
AUTHORS = MANAGERS | {BuiltInRole.STAFF: Scope.OWN}
READERS = MANAGERS | {BuiltInRole.STAFF: Scope.BELOW}

declare(
    [
        Permission("metrics.dashboard.view", _("See dashboards"), GROUP, reads=True, scopes=ALL_SCOPES, defaults=ALL),
        Permission(
            "metrics.dashboard.edit", _("Make and change dashboards"), GROUP, scopes=ALL_SCOPES, defaults=AUTHORS
        ),
        Permission("metrics.kpi.view", _("See KPIs"), GROUP, reads=True, scopes=ALL_SCOPES, defaults=READERS),
        Permission(
            "metrics.kpi.view_rows",
            _("See the rows behind a KPI"),
            GROUP,
            reads=True,
            scopes=ALL_SCOPES,
            defaults=MANAGERS,
        ),
        Permission("metrics.kpi.edit", _("Define KPIs"), GROUP, scopes=ALL_SCOPES, defaults=MANAGERS),
        Permission("metrics.target.edit", _("Set targets"), GROUP, scopes=ALL_SCOPES, defaults=MANAGERS),
        Permission("metrics.dataset.view", _("See datasets"), GROUP, reads=True, scopes=ALL_SCOPES, defaults=MANAGERS),
        Permission("metrics.dataset.edit", _("Make and change datasets"), GROUP, scopes=ALL_SCOPES, defaults=MANAGERS),
        Permission(
            "metrics.observation.write",
            _("Send observations into a dataset"),
            GROUP,
            scopes=ALL_SCOPES,
            defaults=MANAGERS,
        ),
        Permission(
            "metrics.entry.view", _("See what is entered by hand"), GROUP, reads=True, scopes=ALL_SCOPES, defaults=ALL
        ),
        Permission("metrics.entry.write", _("Enter figures by hand"), GROUP, scopes=ALL_SCOPES, defaults=ALL),
        Permission("metrics.annotation.edit", _("Write notes on charts"), GROUP, scopes=ALL_SCOPES, defaults=MANAGERS),
        Permission("metrics.import.view", _("See imports"), GROUP, reads=True, scopes=ALL_SCOPES, defaults=MANAGERS),
        Permission("metrics.import.run", _("Import files"), GROUP, scopes=ALL_SCOPES, defaults=MANAGERS),
        Permission(
            "metrics.source.view", _("See sources"), GROUP, reads=True, scopes=DEPARTMENT_SCOPES, defaults=MANAGERS
        ),
        Permission(
            "metrics.source.manage",
            _("Set up sources and their passwords"),
            GROUP,
            scopes=DEPARTMENT_SCOPES,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
    ]
)
