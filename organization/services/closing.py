"""Closing an organization for good, with days in which it can come back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.errors import DomainError
from organization.models import Organization
from organization.services import audit
from organization.usecases import use_case


class WrongName(DomainError):
    """What was typed is not the short name."""

    message = _("This is not the short name of the organization. Nothing was closed.")
    field = "typed"


class NotClosed(DomainError):
    """It is open, or its rows are being deleted."""

    message = _("This organization is not waiting to be deleted any more.")


def grace_days() -> int:
    """For how many days a closed organization can come back."""
    return max(settings.DELETE_GRACE_DAYS, 1)


@use_case("organization.data.delete")
def close_organization(actor: Actor, organization: Organization, *, typed: str, as_of: datetime) -> Organization:
    """Close it at once; its rows go after DELETE_GRACE_DAYS. typed: its short name, by hand. Raises WrongName."""
    organization = _locked(organization)
    if typed.strip() != organization.slug:
        raise WrongName
    if organization.delete_after is None:
        organization.delete_after = as_of + timedelta(days=grace_days())
        organization.save(update_fields=["delete_after", "updated_at"])
        audit.record(actor, "organization.organization.closed", organization, delete_after=organization.delete_after)
    return organization


@use_case("organization.data.delete")
def reopen_organization(actor: Actor, organization: Organization, *, as_of: datetime) -> Organization:
    """Open it again, as if nothing had been. Raises NotClosed."""
    organization = _locked(organization)
    if organization.delete_after is None or organization.delete_after <= as_of:
        raise NotClosed
    organization.delete_after = None
    organization.save(update_fields=["delete_after", "updated_at"])
    audit.record(actor, "organization.organization.reopened", organization)
    return organization


def _locked(organization: Organization) -> Organization:
    return Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)
