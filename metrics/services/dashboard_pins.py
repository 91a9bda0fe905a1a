"""What somebody wants at hand: pinned dashboards, and the one that opens first."""

from __future__ import annotations

from collections.abc import Collection

from metrics.models import Dashboard, DashboardPin, FirstDashboard
from organization.access import Actor
from organization.models import Role
from organization.services import audit
from organization.usecases import use_case


@use_case("metrics.dashboard.view")
def pin_dashboard(actor: Actor, dashboard: Dashboard, *, is_pinned: bool) -> Dashboard:
    """Keep a dashboard at hand for the actor, or no longer."""
    if is_pinned:
        DashboardPin.objects.get_or_create(member_id=actor.member_id, dashboard=dashboard)
    else:
        DashboardPin.objects.filter(member_id=actor.member_id, dashboard=dashboard).delete()
    audit.record(actor, "metrics.dashboard.pinned" if is_pinned else "metrics.dashboard.unpinned", dashboard)
    return dashboard


@use_case("metrics.dashboard.view")
def open_first(actor: Actor, dashboard: Dashboard, *, is_first: bool) -> Dashboard:
    """Let a dashboard open first for the actor, or leave it to their roles again."""
    chosen = FirstDashboard.objects.filter(member_id=actor.member_id)
    if is_first:
        FirstDashboard.objects.update_or_create(member_id=actor.member_id, role=None, defaults={"dashboard": dashboard})
    else:
        chosen.filter(dashboard=dashboard).delete()
    audit.record(actor, "metrics.dashboard.opens_first", dashboard, is_first=is_first)
    return dashboard


@use_case("metrics.dashboard.edit")
def open_first_for_roles(actor: Actor, dashboard: Dashboard, *, roles: Collection[Role]) -> Dashboard:
    """Let a dashboard open first for all who bear one of these roles and chose none; no longer for other roles.

    Roles that the actor may not change stay as they are.
    """
    wanted = {role.pk for role in roles}
    for role in Role.objects.visible_to(actor, "organization.role.edit").order_by("pk"):
        if role.pk in wanted:
            FirstDashboard.objects.update_or_create(role=role, member=None, defaults={"dashboard": dashboard})
        else:
            FirstDashboard.objects.filter(role=role, dashboard=dashboard).delete()
    audit.record(actor, "metrics.dashboard.opens_first", dashboard, roles=sorted(wanted))
    return dashboard
