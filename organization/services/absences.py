"""Absences: set, changed, ended; who stands in is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.choices import BuiltInRole
from organization.engine.audit_chain import changes
from organization.errors import DomainError, StateConflict
from organization.events import MEMBER_CHANGED
from organization.models import Absence, LentRole, Member, Organization, RoleAssignment
from organization.queries.absences import closes_circle, is_uncovered, today
from organization.queries.kinds import place_of
from organization.services import audit, events, notices
from organization.services.roles import refuse_beyond
from organization.usecases import use_case

MOST_DAYS = 366


class AbsenceOverlaps(DomainError):
    """Two absences of one person at once would have two ends."""

    message = _("There is another absence in these days. Change that one, or choose other days.")
    field = "starts_on"


class BadDays(DomainError):
    """Days that make no absence."""

    message = _("Choose a last day that is not before the first, not over yet, and within a year of the first.")
    field = "ends_on"


class DeputyCircle(DomainError):
    """Work would come back to whoever is away."""

    message = _("In these days the work would come back to the person who is away. Choose another deputy.")
    field = "deputy"


class DeputyAway(DomainError):
    """Who stands in must be there, or have a deputy."""

    message = _("This deputy is away in these days as well, and nobody stands in for them. Choose another one.")
    field = "deputy"


class NotLent(DomainError):
    """A role that cannot be lent like this."""

    message = _("Only roles of this person can be lent, never that of the owner, and only to a deputy.")
    field = "roles"


@use_case("organization.absence.edit")
def set_absence(
    actor: Actor,
    member: Member,
    *,
    starts_on: date,
    ends_on: date,
    deputy: Member | None = None,
    reason: str = "",
    roles: Sequence[RoleAssignment] = (),
) -> Absence:
    """`member` is away from one day to another, both included; the deputy is told.

    roles: what the deputy may do beside, as the member may, until the absence ends; never given without being named.
    Raises AbsenceOverlaps, BadDays, DeputyCircle, DeputyAway, NotLent, and BeyondOwnRights for a role that gives more
    than the actor holds.
    """
    _lock(member)
    absence = Absence(member=member, deputy=deputy, starts_on=starts_on, ends_on=ends_on, reason=reason)
    _check(actor, absence, roles)
    _save(absence)
    _lend(absence, roles)
    lent = [one.role_id for one in roles]
    audit.record(
        actor, "organization.absence.set", absence, member=member, deputy=deputy, days=[starts_on, ends_on], roles=lent
    )
    events.emit(actor, MEMBER_CHANGED, member)
    _tell(actor, absence)
    return absence


@use_case("organization.absence.edit")
def change_absence(
    actor: Actor, absence: Absence, *, version: int, roles: Sequence[RoleAssignment] | None = None, **values: Any
) -> Absence:
    """Change days, deputy, reason and lent roles of an absence that is not over.

    version: what the editor saw; roles: None leaves what is lent. Raises StateConflict, and what `set_absence` raises.
    """
    _lock(absence.member)
    absence = Absence.objects.select_for_update(of=("self",)).select_related("member").get(pk=absence.pk)
    if absence.version != version:
        raise StateConflict
    changed = changes({name: getattr(absence, name) for name in values}, values)
    for name, value in values.items():
        setattr(absence, name, value)
    lent_before = [one.assignment for one in absence.lent.select_related("assignment__role", "assignment__department")]
    wanted = lent_before if roles is None else list(roles)
    _check(actor, absence, wanted)
    absence.version += 1
    _save(absence)
    if {one.pk for one in wanted} != {one.pk for one in lent_before}:
        LentRole.objects.filter(absence=absence).delete()
        _lend(absence, wanted)
    texts = ["reason"] if changed.pop("reason", None) else []
    lent = [one.role_id for one in wanted]
    audit.record(actor, "organization.absence.changed", absence, changed=changed, texts=texts, roles=lent)
    events.emit(actor, MEMBER_CHANGED, absence.member)
    if "deputy" in changed or "starts_on" in changed or "ends_on" in changed:
        _tell(actor, absence)
    return absence


@use_case("organization.absence.edit")
def end_absence(actor: Actor, absence: Absence) -> None:
    """The member is back today: what has begun ends with yesterday, what has not is gone. Over already: nothing."""
    absence = Absence.objects.select_for_update(of=("self",)).select_related("member").get(pk=absence.pk)
    yesterday = today() - timedelta(days=1)
    if absence.ends_on <= yesterday:
        return
    audit.record(actor, "organization.absence.ended", absence, member=absence.member, deputy=absence.deputy_id)
    events.emit(actor, MEMBER_CHANGED, absence.member)
    notices.settle(absence)
    if absence.starts_on > yesterday:
        absence.delete()
        return
    absence.ends_on, absence.version = yesterday, absence.version + 1
    absence.save(update_fields=["ends_on", "version", "updated_at"])


def tell_deputies(actor: Actor, *, as_of: datetime) -> None:
    """On the first day of an absence, remind its deputy; once."""
    day = today(as_of)
    begun = Absence.objects.filter(starts_on__lte=day, ends_on__gte=day, deputy__isnull=False)
    for absence in begun.select_related("member", "deputy").order_by("pk"):
        _tell(actor, absence, kind="organization.deputy_begins", dedupe=f"{absence.pk}:{absence.deputy_id}")


def _tell(actor: Actor, absence: Absence, *, kind: str = "organization.deputy_named", dedupe: str = "") -> None:
    if absence.deputy is None:
        return
    facts = {"member": absence.member, "from": absence.starts_on, "until": absence.ends_on}
    subject, recipients = absence, [absence.deputy]
    notices.tell(
        actor, kind=kind, recipients=recipients, subject=subject, facts=facts, dedupe=dedupe, url=_place(absence)
    )


def _place(absence: Absence) -> str:
    return place_of(absence.member)


def _lock(member: Member) -> None:
    """Absences of an organization are set one after the other: two at once could make a circle of deputies."""
    Organization.objects.select_for_update(no_key=True).get(pk=member.organization_id)


def _check(actor: Actor, absence: Absence, roles: Sequence[RoleAssignment]) -> None:
    first, last, deputy = absence.starts_on, absence.ends_on, absence.deputy
    if last < first or last < today() or (last - first).days >= MOST_DAYS:
        raise BadDays
    if deputy is not None:
        if closes_circle(absence.member, deputy, first, last, but=absence.pk):
            raise DeputyCircle
        if is_uncovered(deputy, first, last):
            raise DeputyAway
    may_lend = actor.member_id == absence.member_id or actor.holds("organization.role.edit")
    for assignment in roles:
        is_own = assignment.member_id == absence.member_id and assignment.role.key != BuiltInRole.OWNER
        if deputy is None or not may_lend or not is_own:
            raise NotLent
        refuse_beyond(actor, assignment.role, assignment.department or absence.member.department)


def _lend(absence: Absence, roles: Sequence[RoleAssignment]) -> None:
    LentRole.objects.bulk_create(LentRole(absence=absence, assignment=assignment) for assignment in roles)


def _save(absence: Absence) -> None:
    try:
        with transaction.atomic():
            absence.save()
    except IntegrityError as error:
        raise AbsenceOverlaps from error
