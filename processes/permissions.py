"""What may be done in processes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.choices import BuiltInRole, Scope
from organization.permissions import ALL_SCOPES, DEPARTMENT_SCOPES, Permission, declare

GROUP = _("Processes")
MANAGERS = dict.fromkeys((BuiltInRole.ADMIN, BuiltInRole.MANAGER), Scope.ORGANIZATION)
ALL = MANAGERS | {BuiltInRole.STAFF: Scope.ORGANIZATION}
AUTHORS = MANAGERS | {BuiltInRole.STAFF: Scope.OWN}
TEAM = MANAGERS | {BuiltInRole.STAFF: Scope.DEPARTMENT}


def _may(codename: str, label: Any, defaults: Any, scopes: Any = ALL_SCOPES, *, reads: bool = False) -> Permission:
    return Permission(f"processes.{codename}", label, GROUP, reads=reads, scopes=scopes, defaults=defaults)


declare(
    [
        _may("sop.view", _("See SOPs"), ALL, reads=True),
        _may("sop.edit", _("Write SOPs"), AUTHORS),
        _may("sop.review", _("Comment on SOPs in review"), ALL),
        _may("sop.approve", _("Approve SOPs"), MANAGERS, DEPARTMENT_SCOPES),
        _may("sop.publish", _("Put SOPs in force and retire them"), MANAGERS, DEPARTMENT_SCOPES),
        _may("run.view", _("See runs"), TEAM, reads=True),
        _may("run.start", _("Start runs"), ALL),
        _may("run.work", _("Work on the steps of a run"), ALL),
        _may("run.reassign", _("Give steps of a run to others"), MANAGERS),
        _may("run.approve", _("Approve steps of a run"), ALL),
        _may("run.cancel", _("Cancel runs"), AUTHORS),
        _may("deviation.view", _("See deviations"), TEAM, reads=True),
        _may("deviation.edit", _("Work on deviations"), MANAGERS),
        _may("andon.view", _("See calls for help"), TEAM, reads=True),
        _may("andon.answer", _("Answer calls for help"), ALL),
        _may("plan.view", _("See when runs start by themselves"), ALL, reads=True),
        _may("plan.edit", _("Let runs start by themselves"), MANAGERS),
        _may("guest.edit", _("Give guests a link to a step"), MANAGERS),
        _may("form.edit", _("Open public forms that start runs"), MANAGERS),
    ]
)
