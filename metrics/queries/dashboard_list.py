"""Which dashboards there are for somebody: the list, those at hand, the one that opens first, and who else sees one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Value, When

from metrics.choices import PanelKind
from metrics.models import Dashboard, DashboardPin, DashboardShare, FirstDashboard, Kpi
from metrics.models.dashboard_sharing import shares_of
from organization.access import Actor
from organization.models import Role, RoleAssignment
from organization.models.base import name_key
from organization.tenancy import TenantQuerySet

MINE, SHARED, BIN = "mine", "shared", "bin"
EDIT = "metrics.dashboard.edit"


def dashboard_rows(actor: Actor, *, q: str = "", whose: str = "") -> TenantQuerySet:
    """The dashboards that the actor may see and that match, with `panel_count` of those they may see and `is_pinned`.

    whose: "mine", "shared" (open to the actor by a share), "bin" (deleted, and the actor's to bring back), "" for all.
    place: 0 for pinned ones, 1 for the others, to sort by.
    """
    seen = Q(panels__kpi__in=Kpi.objects.visible_to(actor).values("pk")) | Q(panels__kind=PanelKind.TEXT)
    found = in_bin(actor) if whose == BIN else Dashboard.objects.visible_to(actor)
    found = (
        found.select_related("owner", "department")
        .annotate(panel_count=Count("panels", filter=seen & Q(panels__removed_at=None)), is_pinned=_is_pinned(actor))
        .annotate(place=Case(When(is_pinned=True, then=Value(0)), default=Value(1), output_field=IntegerField()))
    )
    if whose == MINE:
        found = found.filter(owner=actor.member_id)
    if whose == SHARED:
        found = found.filter(_shared_with(actor)).exclude(owner=actor.member_id)
    if text := q.strip().replace("\0", ""):
        found = found.filter(Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(reference__iexact=text))
    return found


def in_bin(actor: Actor) -> TenantQuerySet:
    """The deleted dashboards that the actor may bring back."""
    return Dashboard.objects.filter(Dashboard.sharing.rows(actor, EDIT, actor.granted(Dashboard, EDIT), in_bin=True))


def first_dashboard(actor: Actor) -> Dashboard | None:
    """The one to open with: what the member chose or pinned, then their role's, their own, their department's, the oldest."""
    chosen = FirstDashboard.objects.filter(dashboard=OuterRef("pk"))
    borne = RoleAssignment.objects.filter(member=actor.member_id).values("role")
    place = Case(
        When(Exists(chosen.filter(member=actor.member_id)), then=Value(0)),
        When(_is_pinned(actor), then=Value(1)),
        When(Exists(chosen.filter(role__in=borne)), then=Value(2)),
        When(owner=actor.member_id, then=Value(3)),
        When(department=actor.department_id, then=Value(4)),
        default=Value(5),
        output_field=IntegerField(),
    )
    return Dashboard.objects.visible_to(actor).order_by(place, "pk").first()


def among(actor: Actor, ids: Sequence[int], *, without: int) -> list[Dashboard]:
    """Those of the numbered dashboards that the actor sees, in the order of the numbers, each once."""
    found = Dashboard.objects.visible_to(actor).exclude(pk=without).in_bulk(ids) if ids else {}
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


def with_marks(found: TenantQuerySet, actor: Actor) -> TenantQuerySet:
    """Dashboards with what is the reader's own about each: `is_pinned` and `is_first`."""
    first = FirstDashboard.objects.filter(dashboard=OuterRef("pk"), member=actor.member_id)
    return found.annotate(is_pinned=_is_pinned(actor), is_first=Exists(first))


def shares_on(dashboard: Dashboard) -> list[DashboardShare]:
    """With whom a dashboard is shared: roles, departments, people."""
    found = DashboardShare.objects.filter(dashboard=dashboard).select_related("role", "department", "member")
    return list(found.order_by("role", "department", "member__name_pinyin", "pk"))


def roles_by_first(actor: Actor, dashboard: Dashboard) -> Iterable[Role]:
    """The roles that the actor may change, each with `opens` (whether it opens with this dashboard)."""
    here = FirstDashboard.objects.filter(role=OuterRef("pk"), dashboard=dashboard)
    return (
        Role.objects.visible_to(actor, "organization.role.edit").annotate(opens=Exists(here)).order_by(name_key(), "pk")
    )


def _is_pinned(actor: Actor) -> Exists:
    return Exists(DashboardPin.objects.filter(dashboard=OuterRef("pk"), member=actor.member_id or 0))


def _shared_with(actor: Actor) -> Exists:
    return Exists(shares_of(actor, "metrics.dashboard.view").filter(dashboard=OuterRef("pk")))
