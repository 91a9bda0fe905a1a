"""Founding an organization."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from organization.access import Actor, system_actor
from organization.choices import BuiltInRole
from organization.engine.audit_chain import changes
from organization.engine.local_time import UnknownTimezone, zone
from organization.engine.names import sort_key
from organization.errors import StateConflict, UnknownZone
from organization.events import PERIODS_CHANGED
from organization.models import Member, Organization, Role, RoleGrant, User, WorkCalendar
from organization.permissions import all_permissions
from organization.services import audit, events
from organization.services.calendars import office_hours
from organization.services.roles import give_role
from organization.tenancy import tenant_context
from organization.usecases import use_case

# What decides where periods begin: changing one of them makes every rollup stale.
PERIOD_FIELDS = {"timezone", "week_starts_on", "fiscal_year_starts_month"}


NEXT_ID = "SELECT nextval(pg_get_serial_sequence('organization_organization', 'id'))"


def found_organization(*, name: str, slug: str, owner: User, **settings: object) -> Organization:
    """Make an organization with its built-in roles, a working calendar and its first owner, all or nothing.

    It is the one write without an actor: nobody belongs to an organization that does not exist yet. settings: further
    fields of Organization.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:  # the id comes first, since row security asks for it on INSERT
            cursor.execute(NEXT_ID)
            (organization_id,) = cursor.fetchone()
        with tenant_context(organization_id):
            organization = Organization.objects.create(id=organization_id, name=name, slug=slug, **settings)
            actor = system_actor(organization_id, "founding")
            calendar = WorkCalendar.objects.create(name="Office hours", name_zh="办公时间", is_default=True)
            office_hours(calendar)
            roles = create_built_in_roles()
            member = Member.objects.create(user=owner, name=owner.name or owner.email, name_pinyin=sort_key(owner.name))
            give_role(member, roles[BuiltInRole.OWNER])
            audit.record(actor, "organization.organization.founded", organization, owner=member.pk)
    return organization


def found_with_owner(
    *, name: str, slug: str, email: str, person: str, password: str, **settings: object
) -> Organization:
    """Found an organization for the person with this address, who gets an account if they have none."""
    with transaction.atomic():
        owner = User.objects.filter(email=email).first() or User.objects.create_user(email, password, name=person)
        return found_organization(name=name, slug=slug, owner=owner, **settings)


def create_built_in_roles() -> dict[str, Role]:
    """The five built-in roles with their default rights, in the open organization."""
    names_zh = {"owner": "所有者", "admin": "管理员", "manager": "经理", "staff": "员工", "auditor": "审计员"}
    roles = {}
    for key in BuiltInRole:
        roles[key.value] = Role.objects.create(key=key, name=key.value.capitalize(), name_zh=names_zh[key])
    RoleGrant.objects.bulk_create(
        RoleGrant(role=role, codename=permission.codename, scope=scope)
        for key, role in roles.items()
        for permission in all_permissions()
        if (scope := permission.default_for(key))
    )
    return roles


@use_case("organization.settings.edit")
def change_settings(
    actor: Actor, organization: Organization, *, version: int | None = None, **values: object
) -> Organization:
    """Change the organization's own fields. version: what the editor saw, None for whatever stands.

    Raises UnknownZone, StateConflict.

    Zone, week start and fiscal start move every period: `organization.periods_changed` says so, and rollups follow.
    """
    organization = Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    if version not in (None, organization.version):
        raise StateConflict
    organization.version += 1
    changed = changes({name: getattr(organization, name) for name in values}, values)
    for name, value in values.items():
        setattr(organization, name, value)
    try:
        zone(organization.timezone)
    except UnknownTimezone as error:
        raise UnknownZone from error
    organization.save(update_fields=[*values, "version", "updated_at"])
    audit.record(actor, "organization.settings.changed", organization, changed=changed)
    if PERIOD_FIELDS & changed.keys():
        events.emit(actor, PERIODS_CHANGED, organization, changed=sorted(PERIOD_FIELDS & changed.keys()))
    return organization


@use_case("organization.settings.edit")
def close_onboarding(actor: Actor, organization: Organization, *, at: datetime) -> None:
    """Put the first steps away for everybody."""
    Organization.objects.filter(pk=organization.pk).update(onboarding_closed_at=at)
    audit.record(actor, "organization.organization.changed", organization, first_steps="closed")
