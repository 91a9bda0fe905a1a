"""What a person gives on the page of a step, all at once: answers, new files, notes, and who corrects what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.models import Member
from organization.services.attachments import attach
from organization.usecases import use_case
from processes.engine.content import FieldKind
from processes.errors import BadAnswer
from processes.models import Answer, RunStep
from processes.services.frame import Frame
from processes.services.steps import WORK, Done, answer_field, explain_failure


@dataclass(frozen=True)
class Correction:
    """What is done about a failed answer, by whom and by when. All empty: the note alone."""

    action: str = ""
    owner: Member | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Filled:
    """values: answers by field key, tidied. uploads: new files by field key; evidence: photos of failed answers. notes and
    corrections: by field key."""

    values: Mapping[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    evidence: Sequence[Any] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    corrections: Mapping[str, Correction] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was given at all, as where a step is only ticked off."""
        return not (self.values or self.uploads or self.evidence or self.notes or self.corrections)


@use_case(WORK)
def fill_step(
    actor: Actor,
    step: RunStep,
    *,
    filled: Filled,
    operation: UUID | None = None,
    device_at: datetime | None = None,
) -> Done:
    """Keep what was given; what stands already stays untouched. A file joins those of its field, a signature replaces.

    Raises BadAnswer with the field's key, FileRefused, NeedsReason, NotNow, NotYours; then nothing of it is kept.
    """
    frame = Frame.of(actor, step.run_id, operation)
    if frame.replay is not None:
        return Done(frame.replay, is_replay=True)
    row = frame.step(step.pk)
    frame.require_mine(row)
    kinds = {one.key: one.kind for one in frame.texts[row.key].fields}
    present = {answer.field_key: answer for answer in Answer.objects.filter(step=row)}
    for upload in filled.evidence:
        attach(actor, row, upload=upload, name=upload.name or "")
    for key, value in filled.values.items():
        _keep(actor, row, key, _with_files(actor, row, kinds.get(key), key, value, filled, present), filled, present)
    for key, correction in filled.corrections.items():
        explain_failure(
            actor,
            row,
            field_key=key,
            note=filled.notes.get(key, ""),
            action=correction.action,
            owner=correction.owner,
            due_at=correction.due_at,
        )
    frame = Frame.of(actor, step.run_id)
    frame.operation = operation
    return Done(frame.reply(frame.step(step.pk)))


def _with_files(
    actor: Actor,
    row: RunStep,
    kind: FieldKind | None,
    key: str,
    value: Any,
    filled: Filled,
    present: Mapping[str, Answer],
) -> Any:
    """The answer with its new files. Only files that stood in the field before may be named. Raises BadAnswer."""
    if kind not in (FieldKind.PHOTO, FieldKind.FILE, FieldKind.SIGNATURE):
        return value
    before = present[key].value if key in present else None
    made = [str(attach(actor, row, upload=one, name=one.name or "").pk) for one in filled.uploads.get(key, ())]
    if kind is FieldKind.SIGNATURE:
        if isinstance(value, str) and value.isdecimal() and value != before:
            raise BadAnswer(_("Sign with your name."), field=key)
        # A signature that was drawn stands until another one, drawn or typed, takes its place
        return made[-1] if made else value or before
    kept = [str(one) for one in value or ()]
    if set(kept) - set(before or ()):
        raise BadAnswer(_("This file is not there any more."), field=key)
    return kept + made


def _keep(actor: Actor, row: RunStep, key: str, value: Any, filled: Filled, present: Mapping[str, Answer]) -> None:
    stands = present.get(key)
    note = filled.notes.get(key)
    is_same = (stands.value if stands else None) == value and (note is None or (stands and stands.note == note.strip()))
    # A box that was never touched says nothing
    if not is_same and not (stands is None and value in (None, [], False)):
        answer_field(actor, row, field_key=key, value=value, note=note)
