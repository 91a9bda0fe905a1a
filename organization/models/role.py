"""Roles, the rights they carry, and who bears them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.choices import BuiltInRole, Scope
from organization.models.base import Named, Stamped, Versioned
from organization.personal import MEMBERSHIP, Erasure, Personal
from organization.tenancy import TenantForeignKey, TenantModel

ABOUT: dict[str, Any] = {
    BuiltInRole.OWNER: _("Holds every right, and can always repair the organization."),
    BuiltInRole.ADMIN: _("Runs the system: people, roles, calendars, data sources and settings."),
    BuiltInRole.MANAGER: _("Steers by figures: sees them all, defines KPIs and targets, builds dashboards."),
    BuiltInRole.STAFF: _("Works with the figures of the own department."),
    BuiltInRole.AUDITOR: _("Reads everything, changes nothing."),
}


class Role(Named, Stamped, Versioned, TenantModel):
    """A line of the role matrix. `key` names a built-in role and is empty for the organization's own."""

    view_permission = "organization.role.view"

    key = models.CharField(max_length=20, blank=True, choices=BuiltInRole.choices, editable=False)
    description = models.CharField(_("Description"), max_length=500, blank=True)
    needs_second_factor = models.BooleanField(
        _("Two-factor sign-in required"),
        default=False,
        help_text=_("Who bears this role sets up a second factor before anything else."),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], condition=~models.Q(key=""), name="role_key"),
            models.UniqueConstraint(fields=["organization", "name"], name="role_name"),
        ]

    @property
    def display_name(self) -> str:
        return str(BuiltInRole(self.key).label) if self.key else super().display_name

    @property
    def about(self) -> str:
        """What the role is there for, in the active language where it is a built-in one."""
        return self.description or (str(ABOUT[self.key]) if self.key else "")

    @property
    def is_fixed(self) -> bool:
        """Owners can always repair the organization, auditors can always read it."""
        return self.key in (BuiltInRole.OWNER, BuiltInRole.AUDITOR)


class RoleGrant(TenantModel):
    """A role holds a permission over a scope."""

    role = TenantForeignKey(Role, models.CASCADE, related_name="grants")
    codename = models.CharField(max_length=100)
    scope = models.CharField(max_length=20, choices=Scope.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "role", "codename"], name="role_grant")]


class RoleAssignment(TenantModel):
    """A member bears a role; narrow scopes mean `department`, or the member's own one where it is empty."""

    personal = Personal(_("Roles of the person"), _("What a person may see and do"), MEMBERSHIP, Erasure.DELETED)

    member = TenantForeignKey("organization.Member", models.CASCADE, related_name="role_assignments")
    role = TenantForeignKey(Role, models.CASCADE, related_name="assignments")
    department = TenantForeignKey("organization.Department", null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "member", "role", "department"], nulls_distinct=False, name="role_assignment"
            )
        ]
