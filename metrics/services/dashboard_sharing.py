"""Opening a dashboard to others, and closing it again."""

from __future__ import annotations

from typing import Any

from metrics.events import DASHBOARD_CHANGED
from metrics.models import Dashboard, DashboardShare
from organization.access import Actor
from organization.services import audit, events
from organization.usecases import authorize, use_case


@use_case("metrics.dashboard.edit")
def share_dashboard(actor: Actor, dashboard: Dashboard, *, with_whom: Any, may_edit: bool = False) -> DashboardShare:
    """Open a dashboard to a role, a department with all below it, or a member, whom the actor may see.

    A second time with the same one sets `may_edit` anew.
    """
    authorize(actor, with_whom.view_permission, with_whom)
    kind = with_whom._meta.model_name
    share, _made = DashboardShare.objects.update_or_create(
        dashboard=dashboard, **{kind: with_whom}, defaults={"may_edit": may_edit}
    )
    audit.record(actor, "metrics.dashboard.shared", dashboard, **{kind: with_whom.pk}, may_edit=may_edit)
    events.emit(actor, DASHBOARD_CHANGED, dashboard)
    return share


@use_case("metrics.dashboard.edit")
def stop_sharing(actor: Actor, dashboard: Dashboard, *, share: DashboardShare) -> Dashboard:
    """Take a share back. Raises OutOfReach where the actor would lose the dashboard with it."""
    facts = {"role": share.role_id, "department": share.department_id, "member": share.member_id}
    DashboardShare.objects.filter(dashboard=dashboard, pk=share.pk).delete()
    audit.record(actor, "metrics.dashboard.unshared", dashboard, **{key: pk for key, pk in facts.items() if pk})
    events.emit(actor, DASHBOARD_CHANGED, dashboard)
    return dashboard
