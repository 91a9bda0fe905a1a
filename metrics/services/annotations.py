"""Notes on charts: written by people, and by the system through the same door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.choices import AnnotationKind
from metrics.errors import BadAnnotation
from metrics.events import ANNOTATION_ADDED, ANNOTATION_CHANGED, ANNOTATION_REMOVED
from metrics.models import Annotation, Kpi
from organization.access import Actor
from organization.errors import NotAllowed, NotVisible, StateConflict
from organization.models import Department, Organization
from organization.services import audit, events
from organization.usecases import authorize, use_case

LONGEST = 300
Place = Kpi | Department | Organization


@dataclass(frozen=True)
class NoteSpec:
    """What happened when. ends_at: None for an instant. subject: the object that it links to, one with a page."""

    text: str
    starts_at: datetime
    ends_at: datetime | None = None
    kind: str = AnnotationKind.NOTE
    subject: Any = None


@use_case("metrics.annotation.edit")
def annotate(actor: Actor, place: Place, *, note: NoteSpec, source_key: str = "") -> Annotation:
    """Tell on the charts of a KPI, of all KPIs of a department and below, or of every KPI, what happened.

    source_key: what names the event for the system, such as "sop-version:41"; the same one on the same KPI sets what is
    there. Raises BadAnnotation, NotAllowed for a note on everything by somebody whose right is narrower.
    """
    _check_width(actor, place)
    _check(actor, note)
    where = _where(place)
    facts = _facts(note) | {"author_id": actor.member_id, "is_system": actor.is_system, "removed_at": None}
    if not source_key:
        row = Annotation.objects.create(**where, **facts)
    else:
        row, is_new = Annotation.objects.get_or_create(kpi=where["kpi"], source_key=source_key, defaults=where | facts)
        if not is_new and all(getattr(row, name) == value for name, value in facts.items()):
            return row
        if not is_new:
            Annotation.objects.filter(pk=row.pk).update(**facts, version=row.version + 1, updated_at=timezone.now())
            row.refresh_from_db()
    audit.record(actor, "metrics.annotation.added", row, **_ids(row))
    events.emit(actor, ANNOTATION_ADDED, row, **_ids(row))
    return row


@use_case("metrics.annotation.edit")
def change_annotation(
    actor: Actor, place: Place, *, annotation: Annotation, note: NoteSpec, version: int
) -> Annotation:
    """Say it otherwise. place: what the note hangs on. Raises StateConflict, BadAnnotation, NotAllowed."""
    row = _locked(actor, place, annotation)
    if row.version != version or row.removed_at is not None:
        raise StateConflict
    _check(actor, note)
    facts = _facts(note)
    changed = sorted(name for name, value in facts.items() if getattr(row, name) != value)
    for name, value in facts.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    audit.record(actor, "metrics.annotation.changed", row, fields=changed, **_ids(row))
    events.emit(actor, ANNOTATION_CHANGED, row, **_ids(row))
    return row


@use_case("metrics.annotation.edit")
def remove_annotation(actor: Actor, place: Place, *, annotation: Annotation) -> Annotation:
    """Take a note from the charts; `restore_annotation` brings it back. Removing it twice changes nothing."""
    row = _locked(actor, place, annotation)
    if row.removed_at is None:
        _set_removed(actor, row, timezone.now(), "metrics.annotation.removed")
    return row


@use_case("metrics.annotation.edit")
def restore_annotation(actor: Actor, place: Place, *, annotation: Annotation) -> Annotation:
    """Bring a removed note back."""
    row = _locked(actor, place, annotation)
    if row.removed_at is not None:
        _set_removed(actor, row, None, "metrics.annotation.restored")
    return row


def _set_removed(actor: Actor, row: Annotation, at: datetime | None, verb: str) -> None:
    row.removed_at = at
    row.version += 1
    row.save(update_fields=["removed_at", "version", "updated_at"])
    audit.record(actor, verb, row, **_ids(row))
    events.emit(actor, ANNOTATION_CHANGED if at is None else ANNOTATION_REMOVED, row, **_ids(row))


def _locked(actor: Actor, place: Place, annotation: Annotation) -> Annotation:
    _check_width(actor, place)
    row = Annotation.objects.select_for_update(of=("self",)).get(pk=annotation.pk)
    where = _where(place)
    if (row.kpi_id, row.department_id) != tuple(end.pk if end else None for end in where.values()):
        raise NotVisible
    return row


def _check_width(actor: Actor, place: Place) -> None:
    if isinstance(place, Organization) and not actor.holds_everywhere("metrics.annotation.edit"):
        raise NotAllowed(_("Notes on every KPI need a right over the whole organization."))


def _check(actor: Actor, note: NoteSpec) -> None:
    if not note.text.strip():
        raise BadAnnotation(_("Say what happened."), field="text")
    if note.ends_at is not None and note.ends_at < note.starts_at:
        raise BadAnnotation(_("It ends before it begins."), field="ends_on")
    if note.subject is not None:
        authorize(actor, note.subject.view_permission, note.subject)


def _where(place: Place) -> dict[str, Any]:
    return {
        "kpi": place if isinstance(place, Kpi) else None,
        "department": place if isinstance(place, Department) else None,
    }


def _facts(note: NoteSpec) -> dict[str, Any]:
    subject = note.subject
    return {
        "kind": note.kind,
        "text": " ".join(note.text.split())[:LONGEST],
        "starts_at": note.starts_at,
        "ends_at": note.ends_at,
        "subject_type": subject._meta.label_lower if subject is not None else "",
        "subject_id": subject.pk if subject is not None else None,
    }


def _ids(row: Annotation) -> dict[str, Any]:
    return {"kpi": row.kpi_id, "department": row.department_id}
