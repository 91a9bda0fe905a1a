"""Positions: made, changed, merged, put into the bin and taken out of it."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.engine.audit_chain import changes
from organization.errors import DomainError, StateConflict, StillInUse
from organization.events import MEMBER_CHANGED, POSITION_CHANGED
from organization.models import Invitation, Member, Organization, Position
from organization.services import audit, events
from organization.usecases import use_case


class PositionNameTaken(DomainError):
    """Two positions of one name in one department could not be told apart."""

    message = _("There is a position with this name already. Change the name, or merge the two.")
    field = "name"


class PositionGone(DomainError):
    """Positions in the bin stay as they are until they come out."""

    message = _("This position is in the bin. Bring it back first.")


class MergedIntoItself(DomainError):
    """A position cannot take its own place."""

    message = _("Choose another position: this is the one that goes.")
    field = "into"


@use_case("organization.position.edit")
def create_position(actor: Actor, organization: Organization, *, name: str, **values: Any) -> Position:
    """A new position. values: name_zh, department, description. Raises PositionNameTaken."""
    position = Position(name=name, **values)
    _save(position)
    audit.record(actor, "organization.position.created", position, department=position.department_id)
    events.emit(actor, POSITION_CHANGED, position)
    return position


@use_case("organization.position.edit")
def change_position(actor: Actor, position: Position, *, version: int, **values: Any) -> Position:
    """Change a position for everybody who holds it; the trail keeps what it was called.

    version: what the editor saw. Raises StateConflict, PositionGone, PositionNameTaken.
    """
    position = _locked(position, version)
    changed = changes({name: getattr(position, name) for name in values}, values)
    for name, value in values.items():
        setattr(position, name, value)
    _save(position)
    audit.record(actor, "organization.position.changed", position, changed=changed)
    events.emit(actor, POSITION_CHANGED, position)
    return position


@use_case("organization.position.edit")
def merge_position(actor: Actor, position: Position, *, into: Position, version: int) -> Position:
    """Let `into` take the place of a position that means the same: members and invitations go over.

    The merged one stays in the bin for the older entries of the trail, and points to the other, which comes back.
    Raises StateConflict, PositionGone for either, MergedIntoItself.
    """
    if into.pk == position.pk:
        raise MergedIntoItself
    rows = {row.pk: row for row in _both(position, into)}
    position, into = rows[position.pk], rows[into.pk]
    if position.version != version:
        raise StateConflict
    if position.deleted_at or into.deleted_at:
        raise PositionGone
    members = list(Member.objects.select_for_update(of=("self",)).filter(position=position).order_by("pk"))
    Member.objects.filter(position=position).update(position=into, version=F("version") + 1)
    Invitation.objects.filter(position=position).update(position=into)
    Position.objects.filter(merged_into=position).update(merged_into=into)
    position.deleted_at, position.merged_into, position.version = timezone.now(), into, position.version + 1
    position.save(update_fields=["deleted_at", "merged_into", "version", "updated_at"])
    for member in members:
        changed = {"position": [position.pk, into.pk]}
        audit.record(actor, "organization.member.changed", member, changed=changed)
        events.emit(actor, MEMBER_CHANGED, member)
    audit.record(actor, "organization.position.merged", position, into=into.pk, count=len(members))
    events.emit(actor, POSITION_CHANGED, position)
    return into


@use_case("organization.position.edit")
def delete_position(actor: Actor, position: Position) -> Position:
    """Put a position that nobody holds into the bin; there already, nothing changes. Raises StillInUse."""
    position = Position.objects.select_for_update(of=("self",)).get(pk=position.pk)
    if position.deleted_at:
        return position
    if Member.objects.filter(position=position).exists():
        raise StillInUse(_("Members still hold this position. Give them another one, or merge it into another."))
    position.deleted_at, position.version = timezone.now(), position.version + 1
    position.save(update_fields=["deleted_at", "version", "updated_at"])
    audit.record(actor, "organization.position.deleted", position)
    events.emit(actor, POSITION_CHANGED, position)
    return position


@use_case("organization.position.edit")
def restore_position(actor: Actor, position: Position) -> Position:
    """Take a position out of the bin, as it was; who held it before it was merged does not come back.

    Raises PositionNameTaken where another one has its name meanwhile.
    """
    position = Position.objects.select_for_update(of=("self",)).get(pk=position.pk)
    if position.deleted_at is None:
        return position
    position.deleted_at, position.merged_into, position.version = None, None, position.version + 1
    _save(position)
    audit.record(actor, "organization.position.restored", position)
    events.emit(actor, POSITION_CHANGED, position)
    return position


def _both(position: Position, into: Position) -> Any:
    return Position.objects.select_for_update(of=("self",)).filter(pk__in=[position.pk, into.pk]).order_by("pk")


def _locked(position: Position, version: int) -> Position:
    found: Position = Position.objects.select_for_update(of=("self",)).get(pk=position.pk)
    if found.version != version:
        raise StateConflict
    if found.deleted_at:
        raise PositionGone
    found.version += 1
    return found


def _save(position: Position) -> None:
    try:
        with transaction.atomic():
            position.save()
    except IntegrityError as error:
        raise PositionNameTaken from error
