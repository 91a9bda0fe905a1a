"""The department tree."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.access import Actor, can
from organization.engine.audit_chain import changes
from organization.errors import DepartmentCircle, DomainError, StateConflict, StillInUse, TooNarrow
from organization.events import DEPARTMENT_CHANGED, DEPARTMENT_CREATED, DEPARTMENT_MOVED
from organization.models import Department, DepartmentPlace, Duty, Member, Organization, Position
from organization.services import audit, events
from organization.usecases import use_case


class CodeTaken(DomainError):
    """Imports find departments by their code."""

    message = _("Another department has this code.")
    field = "code"


@use_case("organization.department.edit")
def create_department(
    actor: Actor, organization: Organization, *, name: str, code: str, parent: Department | None = None, **values: Any
) -> Department:
    """A new department below `parent`, or at the top. values: name_zh, head, calendar.

    The right is asked on the parent; at the top it must reach over the whole organization. Raises CodeTaken, TooNarrow.
    """
    _refuse_outside(actor, parent)
    department = Department(name=name, code=code, parent=parent, **values)
    _save(department)
    department.path, department.depth = _place(department, parent)
    department.save(update_fields=["path", "depth"])
    _note_place(actor, department)
    audit.record(actor, "organization.department.created", department, parent=parent)
    events.emit(actor, DEPARTMENT_CREATED, department)
    return department


@use_case("organization.department.edit")
def change_department(actor: Actor, department: Department, *, version: int, **values: Any) -> Department:
    """Change fields of a department; a new `parent` moves its whole subtree.

    version: what the editor saw. Raises StateConflict, CodeTaken, DepartmentCircle, TooNarrow.
    """
    department = Department.objects.select_for_update(of=("self",)).get(pk=department.pk)
    if department.version != version:
        raise StateConflict
    changed = changes({name: getattr(department, name) for name in values}, values)
    if "parent" in changed:
        _refuse_outside(actor, values["parent"])
    for name, value in values.items():
        setattr(department, name, value)
    department.version += 1
    if "parent" in changed:
        _move(department, values["parent"])
    _save(department)
    if {"name", "name_zh", "code", "parent"} & set(changed):
        _note_place(actor, department, is_move="parent" in changed)
    audit.record(actor, "organization.department.changed", department, changed=changed)
    events.emit(actor, DEPARTMENT_MOVED if "parent" in changed else DEPARTMENT_CHANGED, department)
    return department


@use_case("organization.department.edit")
def delete_department(actor: Actor, department: Department) -> None:
    """Remove an empty department. Raises StillInUse while departments or members are in it, or anything is its own."""
    if department.children.exists() or Member.objects.filter(department=department).exists():
        raise StillInUse(_("Departments or members are still in it. Move them first, or switch it off."))
    Position.objects.filter(department=department, deleted_at__isnull=False).update(department=None)
    audit.record(actor, "organization.department.deleted", department)
    _end_place(actor, department, timezone.now())
    try:
        with transaction.atomic():
            department.delete()
    except ProtectedError as error:
        raise StillInUse(
            _("Positions, KPIs, datasets, targets or roles still belong to it. Switch it off instead.")
        ) from error


@use_case("organization.department.edit")
def set_duties(
    actor: Actor, department: Department, *, duties: list[dict[str, Any]], version: int | None = None
) -> Department:
    """Replace what the department answers for. duties: dicts of name, name_zh, description, owner, in order.

    version: what the editor saw of the department, None for whatever stands. Raises StateConflict.
    """
    department = Department.objects.select_for_update(of=("self",)).get(pk=department.pk)
    if version not in (None, department.version):
        raise StateConflict
    department.version += 1
    department.save(update_fields=["version", "updated_at"])
    Duty.objects.filter(department=department).delete()
    Duty.objects.bulk_create(
        Duty(department=department, position=position, **duty) for position, duty in enumerate(duties)
    )
    audit.record(actor, "organization.department.duties_set", department, count=len(duties))
    events.emit(actor, DEPARTMENT_CHANGED, department)
    return department


def _refuse_outside(actor: Actor, parent: Department | None) -> None:
    codename = "organization.department.edit"
    allowed = actor.holds_everywhere(codename) if parent is None else can(actor, codename, parent)
    if not allowed:
        raise TooNarrow(field="parent")


def _note_place(actor: Actor, department: Department, *, is_move: bool = False) -> None:
    """Write down where the department stands from now on, for the tree as it was on a day."""
    now = timezone.now()
    _end_place(actor, department, now)
    DepartmentPlace.objects.create(
        number=department.pk,
        above=department.parent_id,
        name=department.name,
        name_zh=department.name_zh,
        code=department.code,
        since_at=now,
        is_move=is_move,
        by_id=actor.member_id,
    )


def _end_place(actor: Actor, department: Department, now: datetime) -> None:
    standing = DepartmentPlace.objects.filter(number=department.pk, until_at=None)
    standing.update(until_at=now, ended_by=actor.member_id)


def _save(department: Department) -> None:
    try:
        with transaction.atomic():
            department.save()
    except IntegrityError as error:
        raise CodeTaken from error


def _place(department: Department, parent: Department | None) -> tuple[str, int]:
    return (f"{parent.path}{department.pk}/", parent.depth + 1) if parent else (f"/{department.pk}/", 0)


def _move(department: Department, parent: Department | None) -> None:
    """Give the subtree its new paths in one statement. All departments are locked: two moves could make a circle."""
    locked = {row.pk: row for row in Department.objects.select_for_update(of=("self",)).order_by("pk")}
    if parent is not None:
        parent = locked[parent.pk]
        if parent.path.startswith(department.path):
            raise DepartmentCircle
    old_path, old_depth = department.path, department.depth
    new_path, new_depth = _place(department, parent)
    subtree = Department.objects.filter(path__gte=old_path, path__lt=old_path[:-1] + "0")
    subtree.update(
        path=Concat(Value(new_path), Substr("path", len(old_path) + 1)), depth=F("depth") + (new_depth - old_depth)
    )
    department.path, department.depth = new_path, new_depth
