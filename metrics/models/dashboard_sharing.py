"""Who beyond the scopes of their roles sees or changes a dashboard, and which one somebody wants first."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organization.models import Department, RoleAssignment
from organization.models.absence import lent_today
from organization.personal import MEMBERSHIP, SETTING_UP, Erasure, Personal
from organization.tenancy import TenantForeignKey, TenantModel, TenantQuerySet

EDIT = "metrics.dashboard.edit"


class DashboardShare(TenantModel):
    """A dashboard is open to all who bear a role, to a department with all below it, or to one person.

    It widens how far the rights of their roles reach, it gives nobody a right: with `may_edit`, who holds "Make and change
    dashboards" anywhere changes this one too.
    """

    personal = Personal(
        _("Dashboards shared with the person"), _("Who sees which dashboard"), MEMBERSHIP, Erasure.DELETED
    )

    dashboard = TenantForeignKey("metrics.Dashboard", models.CASCADE, related_name="shares")
    role = TenantForeignKey("organization.Role", models.CASCADE, null=True, related_name="+", verbose_name=_("Role"))
    department = TenantForeignKey(
        "organization.Department", models.CASCADE, null=True, related_name="+", verbose_name=_("Department")
    )
    member = TenantForeignKey(
        "organization.Member", models.CASCADE, null=True, related_name="+", verbose_name=_("Person")
    )
    may_edit = models.BooleanField(_("May change it"), default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__isnull=False, department__isnull=True, member__isnull=True)
                | Q(role__isnull=True, department__isnull=False, member__isnull=True)
                | Q(role__isnull=True, department__isnull=True, member__isnull=False),
                name="dashboard_share_one",
            ),
            models.UniqueConstraint(
                fields=["organization", "dashboard", "role", "department", "member"],
                nulls_distinct=False,
                name="dashboard_share",
            ),
        ]

    @property
    def with_whom(self) -> Any:
        """The role, department or member."""
        return self.role or self.department or self.member


class DashboardPin(TenantModel):
    """Somebody wants a dashboard at hand."""

    personal = Personal(_("Dashboards that the person pinned"), SETTING_UP, MEMBERSHIP, Erasure.DELETED)

    dashboard = TenantForeignKey("metrics.Dashboard", models.CASCADE, related_name="pins")
    member = TenantForeignKey("organization.Member", models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "member", "dashboard"], name="dashboard_pin")]


class FirstDashboard(TenantModel):
    """The dashboard that opens first: for one person, or for all who bear a role and have not chosen."""

    personal = Personal(_("The dashboard that the person sees first"), SETTING_UP, MEMBERSHIP, Erasure.DELETED)

    dashboard = TenantForeignKey("metrics.Dashboard", models.CASCADE, related_name="+")
    member = TenantForeignKey("organization.Member", models.CASCADE, null=True, related_name="+")
    role = TenantForeignKey("organization.Role", models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__isnull=False, member__isnull=True) | Q(role__isnull=True, member__isnull=False),
                name="first_dashboard_one",
            ),
            models.UniqueConstraint(
                fields=["organization", "member", "role"], nulls_distinct=False, name="first_dashboard"
            ),
        ]


def shares_of(actor: Any, codename: str) -> TenantQuerySet:
    """The shares that let the actor do `codename` on their dashboards."""
    if actor.member_id is None:
        return DashboardShare.objects.filter(pk__in=[])
    lent = Q(pk__in=lent_today(actor.member_id).values("assignment"))
    bears = RoleAssignment.objects.filter(Q(member=actor.member_id) | lent, role=OuterRef("role"))
    below = Department.objects.filter(pk=actor.department_id, path__startswith=OuterRef("department__path"))
    found = DashboardShare.objects.filter(
        Q(member=actor.member_id) | Q(Exists(bears), role__isnull=False) | Q(Exists(below), department__isnull=False)
    )
    return found.filter(may_edit=True) if codename == EDIT else found


class DashboardSharing:
    """What the scopes of roles give but the private ones, one's own, and what is shared; see `organization.access.Sharing`.

    A dashboard in the bin is in no list; `covers` minds it not, for it is brought back by the right to change it.
    """

    def rows(self, actor: Any, codename: str, granted: Q, *, in_bin: bool = False) -> Q:
        there = Q(removed_at__isnull=not in_bin)
        if actor.is_system or not actor.holds(codename):
            return there & granted
        shares = shares_of(actor, codename).filter(dashboard=OuterRef("pk"))
        own = Q(owner=actor.member_id, is_private=True) if actor.member_id else Q(pk__in=[])
        return there & (granted & Q(is_private=False) | own | Q(Exists(shares)))

    def covers(self, row: Any, actor: Any, codename: str, granted: bool) -> bool:
        if granted and not row.is_private:
            return True
        if row.is_private and actor.member_id is not None and row.owner_id == actor.member_id:
            return True
        return row.pk is not None and shares_of(actor, codename).filter(dashboard=row.pk).exists()

    def reasons(self, row: Any, actor: Any, codename: str) -> list[tuple[bool, str]]:
        shares = shares_of(actor, codename).filter(dashboard=row.pk).select_related("role", "department", "member")
        found = [(True, _shared_with(share)) for share in shares.order_by("pk")]
        if row.is_private and actor.member_id is not None and row.owner_id == actor.member_id:
            found.append((True, gettext("It is private, and belongs to this person.")))
        elif row.is_private:
            found.append((False, gettext("It is private: only its owner and those it is shared with see it.")))
        return found


def _shared_with(share: DashboardShare) -> str:
    if share.role is not None:
        return gettext("It is shared with everybody who has the role %(name)s.") % {"name": share.role.display_name}
    if share.department is not None:
        place = {"name": share.department.display_name}
        return gettext("It is shared with %(name)s and what is below.") % place
    return gettext("It is shared with this person.")
