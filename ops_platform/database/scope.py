"""Whose rows the running code may touch: the open organization and the signed-in person.

Both are context variables that the PostgreSQL back end copies into the transaction (`backend/base.py`), where row-level
security reads them. Only `organization.tenancy` opens them.
"""

from __future__ import annotations

from contextvars import ContextVar

ORGANIZATION_SETTING = "app.organization_id"
PERSON_SETTING = "app.user_id"

organization_var: ContextVar[int | None] = ContextVar("organization_id", default=None)
person_var: ContextVar[int | None] = ContextVar("user_id", default=None)


class OutsideOrganization(RuntimeError):
    """Tenant rows were asked for while no organization is open: a door forgot `tenant_context`."""


class OutsideTransaction(RuntimeError):
    """Tenant rows were asked for in autocommit, where row-level security would silently show none."""


def current_organization_id() -> int:
    """Id of the open organization. Raises OutsideOrganization when none is open."""
    organization_id = organization_var.get()
    if organization_id is None:
        raise OutsideOrganization("No organization is open; open one with tenant_context().")
    return organization_id


def session_settings() -> list[tuple[str, str]]:
    """The (setting, value) pairs that a new transaction needs, empty outside every scope."""
    settings = []
    if (organization_id := organization_var.get()) is not None:
        settings.append((ORGANIZATION_SETTING, str(organization_id)))
    if (user_id := person_var.get()) is not None:
        settings.append((PERSON_SETTING, str(user_id)))
    return settings
