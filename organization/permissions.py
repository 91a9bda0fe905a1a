"""What may be done in the organization app, and how permissions are declared everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.choices import BuiltInRole, Scope

ADMINS = (BuiltInRole.OWNER, BuiltInRole.ADMIN)
EVERYBODY = tuple(BuiltInRole)


@dataclass(frozen=True)
class Permission:
    """One line of the role matrix.

    codename: `<app>.<object>.<verb>`. scopes: what the matrix offers, narrow to wide. defaults: scope by built-in role;
    owners always hold everything, auditors every permission that only reads, both over the whole organization.
    reaches_own: whoever bears it over a department has it over what is their own as well, in whichever department.
    """

    codename: str
    label: Any
    group: Any
    reads: bool = False
    scopes: tuple[Scope, ...] = (Scope.ORGANIZATION,)
    defaults: Mapping[Any, Scope] = field(default_factory=dict)
    reaches_own: bool = False

    def default_for(self, role: str) -> Scope | None:
        """The scope a new organization gives to a built-in role, None for no right."""
        if role == BuiltInRole.OWNER or (role == BuiltInRole.AUDITOR and self.reads):
            return Scope.ORGANIZATION
        return self.defaults.get(role)


_registry: dict[str, Permission] = {}


def declare(permissions: Iterable[Permission]) -> None:
    """Add permissions to the matrix. Each app calls it from its `permissions.py`, which its AppConfig imports."""
    for permission in permissions:
        _registry[permission.codename] = permission


def all_permissions() -> list[Permission]:
    """Every declared permission in declaration order."""
    return list(_registry.values())


def find(codename: str) -> Permission:
    """The declared permission. KeyError for an undeclared one: that is a bug, never a user's mistake."""
    return _registry[codename]


def find_or_none(codename: str) -> Permission | None:
    """The declared permission, or None: for names that come from rows."""
    return _registry.get(codename)


ALL_SCOPES = tuple(Scope)
DEPARTMENT_SCOPES = (Scope.DEPARTMENT, Scope.BELOW, Scope.ORGANIZATION)
GROUP = _("Organization")

declare(
    [
        Permission(
            "organization.department.view",
            _("See departments"),
            GROUP,
            reads=True,
            scopes=DEPARTMENT_SCOPES,
            defaults=dict.fromkeys((BuiltInRole.ADMIN, BuiltInRole.MANAGER, BuiltInRole.STAFF), Scope.ORGANIZATION),
        ),
        Permission(
            "organization.department.edit",
            _("Create and change departments"),
            GROUP,
            scopes=DEPARTMENT_SCOPES,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.member.view",
            _("See members"),
            GROUP,
            reads=True,
            scopes=ALL_SCOPES,
            defaults={
                BuiltInRole.ADMIN: Scope.ORGANIZATION,
                BuiltInRole.MANAGER: Scope.ORGANIZATION,
                BuiltInRole.STAFF: Scope.DEPARTMENT,
            },
            reaches_own=True,
        ),
        Permission(
            "organization.member.edit",
            _("Add and change members"),
            GROUP,
            scopes=DEPARTMENT_SCOPES,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.position.view",
            _("See positions"),
            GROUP,
            reads=True,
            defaults=dict.fromkeys((BuiltInRole.ADMIN, BuiltInRole.MANAGER, BuiltInRole.STAFF), Scope.ORGANIZATION),
        ),
        Permission(
            "organization.position.edit",
            _("Create, change and merge positions"),
            GROUP,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.absence.edit",
            _("Set absences and deputies"),
            GROUP,
            scopes=ALL_SCOPES,
            defaults={
                BuiltInRole.ADMIN: Scope.ORGANIZATION,
                BuiltInRole.MANAGER: Scope.BELOW,
                BuiltInRole.STAFF: Scope.OWN,
            },
            reaches_own=True,
        ),
        Permission(
            "organization.role.view",
            _("See roles and their rights"),
            GROUP,
            reads=True,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.role.edit",
            _("Create roles and change rights"),
            GROUP,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.calendar.view",
            _("See working calendars"),
            GROUP,
            reads=True,
            defaults=dict.fromkeys((BuiltInRole.ADMIN, BuiltInRole.MANAGER, BuiltInRole.STAFF), Scope.ORGANIZATION),
        ),
        Permission(
            "organization.calendar.edit",
            _("Change working calendars"),
            GROUP,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.audit.view",
            _("Read the audit trail"),
            GROUP,
            reads=True,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.event.view",
            _("See events that could not be delivered"),
            GROUP,
            reads=True,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.event.retry",
            _("Retry events that could not be delivered"),
            GROUP,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.settings.edit",
            _("Change the organization's settings"),
            GROUP,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission("organization.export.edit", _("Take out everything the organization has"), GROUP),
        Permission("organization.data.delete", _("Close and delete the organization"), GROUP),
        Permission(
            "organization.member.erase",
            _("Take out and erase what is kept about a person"),
            GROUP,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.token.edit",
            _("Make and revoke API tokens"),
            GROUP,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.link.edit",
            _("Link objects to each other"),
            GROUP,
            defaults=dict.fromkeys((BuiltInRole.ADMIN, BuiltInRole.MANAGER), Scope.ORGANIZATION),
        ),
        Permission(
            "organization.work.view",
            _("See what people owe"),
            GROUP,
            reads=True,
            scopes=ALL_SCOPES,
            defaults={
                BuiltInRole.ADMIN: Scope.ORGANIZATION,
                BuiltInRole.MANAGER: Scope.BELOW,
                BuiltInRole.STAFF: Scope.OWN,
            },
        ),
        Permission(
            "organization.work.assign",
            _("Give work to somebody else"),
            GROUP,
            scopes=DEPARTMENT_SCOPES,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION, BuiltInRole.MANAGER: Scope.BELOW},
        ),
        Permission(
            "organization.bot.edit",
            _("Manage chat bots"),
            GROUP,
            scopes=DEPARTMENT_SCOPES,
            defaults={BuiltInRole.ADMIN: Scope.ORGANIZATION},
        ),
        Permission(
            "organization.view.share",
            _("Share views of lists with everybody"),
            GROUP,
            defaults=dict.fromkeys((BuiltInRole.ADMIN, BuiltInRole.MANAGER), Scope.ORGANIZATION),
        ),
        Permission(
            "organization.home.view",
            _("Sign in and use search"),
            GROUP,
            reads=True,
            defaults=dict.fromkeys((BuiltInRole.ADMIN, BuiltInRole.MANAGER, BuiltInRole.STAFF), Scope.ORGANIZATION),
        ),
    ]
)
