"""Finding an organization by its short name, for commands: nobody has a scope open yet."""

from __future__ import annotations

from organization.errors import UnknownOrganization
from organization.models import Organization


def organization_called(slug: str) -> Organization:
    """The organization with this short name, through the dispatcher's eyes. Raises UnknownOrganization."""
    found = Organization.objects.using("dispatcher").filter(slug=slug).first()
    if found is None:
        raise UnknownOrganization
    return found


def organization_ids() -> list[int]:
    """All organizations, through the dispatcher's eyes: for sweeps that look after each in a transaction of its own."""
    return list(Organization.objects.using("dispatcher").order_by("pk").values_list("pk", flat=True))
