"""What people do to the steps of a run. Each act may bear the client's own number: done again it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.models import Attachment, Member
from organization.services import audit, events, notices
from organization.usecases import use_case
from processes.choices import TO_DO, DeviationKind, StepState
from processes.engine import answers as engine
from processes.engine.content import FieldKind, StepOrder
from processes.engine.progress import Standing, missing_fields
from processes.errors import BadAnswer, NeedsReason, NotComplete, NotNow, TakenBySomebody
from processes.events import (
    RUN_FINISHED,
    STEP_ASSIGNED,
    STEP_CLAIMED,
    STEP_FINISHED,
    STEP_SKIPPED,
    STEP_STARTED,
)
from processes.models import Answer, AnswerChange, Deviation, Handover, Run, RunStep
from processes.services import asking
from processes.services.frame import Frame

WORK = "processes.run.work"
ATTACHMENT, MEMBER = "organization.attachment", "organization.member"
_REFERS_TO = {
    FieldKind.PHOTO: ATTACHMENT,
    FieldKind.FILE: ATTACHMENT,
    FieldKind.SIGNATURE: ATTACHMENT,
    FieldKind.PERSON: MEMBER,
}


@dataclass(frozen=True)
class Done:
    """What came of an act. facts: the reply as the client gets it, plain JSON; is_replay: it was done before."""

    facts: Mapping[str, Any]
    is_replay: bool = False

    @property
    def state(self) -> str:
        """The state of the step."""
        return str(self.facts["state"])

    @property
    def run_state(self) -> str:
        """The state of the run."""
        return str(self.facts["run_state"])


@use_case(WORK)
def claim_step(
    actor: Actor, step: RunStep, *, operation: UUID | None = None, device_at: datetime | None = None
) -> Done:
    """Take an open step from a queue. Of two at once one wins; the other is told who. Raises TakenBySomebody, NotYours."""
    frame = Frame.of(actor, step.run_id, operation)
    if frame.replay is not None:
        return Done(frame.replay, is_replay=True)
    row = _open(frame, step)
    if row.assigned_to_id not in (None, actor.member_id) or row.state != StepState.OPEN:
        holder = Member.objects.filter(pk=row.assigned_to_id).first()
        words = _("%(name)s has taken this step.") % {"name": holder.name} if holder else None
        raise TakenBySomebody(words)
    frame.require_mine(row)
    frame.move(
        row,
        "claim",
        assigned_to_id=actor.member_id,
        claimed_by_id=actor.member_id,
        claimed_at=frame.now,
        claimed_device_at=device_at,
    )
    frame.save()
    return _tell(frame, row, "processes.step.claimed", STEP_CLAIMED)


@use_case(WORK)
def release_step(actor: Actor, step: RunStep, *, operation: UUID | None = None) -> Done:
    """Give a claimed step back to its queue. Raises NotNow, NotYours."""
    frame = Frame.of(actor, step.run_id, operation)
    if frame.replay is not None:
        return Done(frame.replay, is_replay=True)
    row = _open(frame, step)
    frame.require_mine(row)
    frame.move(row, "release", claimed_by=None, claimed_at=None, started_at=None)
    if row.role_id or row.queue_department_id:
        frame.put(row, assigned_to=None)
    frame.save()
    return _tell(frame, row, "processes.step.released", STEP_ASSIGNED)


@use_case(WORK)
def start_step(
    actor: Actor, step: RunStep, *, reason: str = "", operation: UUID | None = None, device_at: datetime | None = None
) -> Done:
    """Begin a step. One out of the order of the text needs a reason, which is recorded, or is refused where the text says
    so. Raises NeedsReason, NotNow, NotYours."""
    frame = Frame.of(actor, step.run_id, operation)
    if frame.replay is not None:
        return Done(frame.replay, is_replay=True)
    row = _open(frame, step)
    frame.require_mine(row)
    if row.state != StepState.STARTED:
        _start(frame, row, reason, device_at)
    frame.save()
    return _tell(frame, row, "processes.step.started", STEP_STARTED)


@use_case(WORK)
def answer_field(
    actor: Actor,
    step: RunStep,
    *,
    field_key: str,
    value: Any,
    note: str | None = None,
    operation: UUID | None = None,
    device_at: datetime | None = None,
) -> Done:
    """Store one answer, checked by its field; conditions and due dates follow at once. The first one begins the step.

    Raises BadAnswer with the field's key, NotNow, NotYours.
    """
    frame = Frame.of(actor, step.run_id, operation)
    if frame.replay is not None:
        return Done(frame.replay, is_replay=True)
    row = _open(frame, step)
    frame.require_mine(row)
    if row.state != StepState.STARTED:
        _start(frame, row, "", device_at)
    answered = _answer(frame, row, field_key, value, note, device_at)
    frame.settle(fields=[field_key])
    frame.save()
    audit.record(actor, "processes.step.answered", row, field=field_key)
    facts = {"field": field_key, "needs": sorted(answered.needs), "is_out_of_range": answered.is_out_of_range}
    return Done(frame.reply(row, **facts))


@use_case(WORK)
def finish_step(
    actor: Actor,
    step: RunStep,
    *,
    answers: Mapping[str, Any] | None = None,
    reason: str = "",
    operation: UUID | None = None,
    device_at: datetime | None = None,
) -> Done:
    """Tick a step off: what it asks for must be there, and it goes to its approvers where it has some.

    answers: some to store first. reason: why it is late or out of order. Raises NotComplete, BadAnswer, NotNow, NotYours.
    """
    frame = Frame.of(actor, step.run_id, operation)
    if frame.replay is not None:
        return Done(frame.replay, is_replay=True)
    row = _open(frame, step)
    frame.require_mine(row)
    if row.state != StepState.STARTED:
        _start(frame, row, reason, device_at)
    for key, value in (answers or {}).items():
        _answer(frame, row, key, value, None, device_at)
    if answers:
        frame.settle(fields=answers)
    _require_complete(frame, row)
    if row.due_at is not None and row.due_at < frame.now:
        frame.deviate(row, DeviationKind.LATE, reason=reason, due=row.due_at.isoformat())
    rule = frame.texts[row.key].approval
    frame.move(
        row,
        "submit" if rule else "finish",
        finished_at=frame.now,
        finished_by_id=actor.member_id,
        finished_device_at=device_at,
        reason=reason[:500],
    )
    if rule:
        asking.ask(frame, row, rule)
    frame.settle(finished=[row.key])
    frame.save()
    return _tell(frame, row, "processes.step.finished", STEP_FINISHED)


@use_case(WORK)
def skip_step(
    actor: Actor, step: RunStep, *, reason: str, operation: UUID | None = None, device_at: datetime | None = None
) -> Done:
    """Leave a step out, with the reason: a recorded deviation. Raises NeedsReason, NotNow, NotYours."""
    frame = Frame.of(actor, step.run_id, operation)
    if frame.replay is not None:
        return Done(frame.replay, is_replay=True)
    if not reason.strip():
        raise NeedsReason(_("Say why this step is skipped."))
    row = _open(frame, step)
    frame.require_mine(row)
    frame.move(
        row,
        "skip",
        finished_at=frame.now,
        finished_by_id=actor.member_id,
        finished_device_at=device_at,
        reason=reason.strip()[:500],
    )
    frame.deviate(row, DeviationKind.SKIPPED, reason=reason.strip())
    frame.settle(finished=[row.key])
    frame.save()
    return _tell(frame, row, "processes.step.skipped", STEP_SKIPPED)


@use_case(WORK)
def hand_over(actor: Actor, step: RunStep, *, to: Member, note: str = "", operation: UUID | None = None) -> Done:
    """Give a step of one's own to a colleague, who is told. Raises NotNow, NotYours."""
    frame = Frame.of(actor, step.run_id, operation)
    if frame.replay is not None:
        return Done(frame.replay, is_replay=True)
    row = _open(frame, step)
    frame.require_mine(row)
    _give(frame, row, to, note)
    frame.save()
    return _tell(frame, row, "processes.step.handed_over", STEP_ASSIGNED)


@use_case("processes.run.reassign")
def reassign_step(actor: Actor, step: RunStep, *, to: Member, note: str = "") -> Done:
    """Give somebody's step to somebody else. For many, call it for each. Raises NotNow."""
    frame = Frame.of(actor, step.run_id)
    row = _open(frame, step)
    _give(frame, row, to, note)
    frame.save()
    return _tell(frame, row, "processes.step.reassigned", STEP_ASSIGNED)


@use_case("processes.run.reassign")
def reassign_run(actor: Actor, run: Run, *, to: Member, note: str = "") -> Run:
    """Give every step of a run that is to be done, and not theirs already, to one person. Raises NotNow where none is."""
    frame = Frame.of(actor, run.pk)
    frame.require_running()
    rows = [
        step for step in frame.steps if step.state in TO_DO and not step.is_for_guest and step.assigned_to_id != to.pk
    ]
    if not rows:
        raise NotNow(_("No step of this run can be given to somebody else now."))
    for row in rows:
        _give(frame, row, to, note)
    frame.save()
    for row in rows:
        _tell(frame, row, "processes.step.reassigned", STEP_ASSIGNED)
    return frame.run


@use_case(WORK)
def explain_failure(
    actor: Actor,
    step: RunStep,
    *,
    field_key: str,
    note: str,
    action: str = "",
    owner: Member | None = None,
    due_at: datetime | None = None,
) -> Deviation:
    """Say what is wrong about a failed answer, and who corrects it by when (P10). Raises NeedsReason, NotNow."""
    frame = Frame.of(actor, step.run_id)
    row = _open(frame, step)
    frame.require_mine(row)
    answer = frame.answers.get((field_key, row.row))
    if answer is None or not answer.is_failed:
        raise NotNow(_("This answer has not failed."))
    if not note.strip():
        raise NeedsReason(_("Say what is wrong."), field="note")
    if action.strip() and (owner is None or due_at is None):
        raise NeedsReason(_("Say who corrects it, and by when."), field="owner")
    answer.note = note.strip()[:2000]
    answer.save(update_fields=["note"])
    frame.deviate(row, DeviationKind.FAILED, reason=answer.note, field_key=field_key)
    deviation: Deviation = Deviation.objects.get(
        step=row, kind=DeviationKind.FAILED, field_key=field_key, round=row.round
    )
    if action.strip() and owner is not None:
        asking.correct(frame, deviation, action.strip(), owner, due_at)
    audit.record(actor, "processes.deviation.explained", deviation, field=field_key)
    return deviation


def _open(frame: Frame, step: RunStep) -> RunStep:
    """The step of the held run. Raises NotNow where its run has ended, or it waits, or is over."""
    frame.require_running()
    row = frame.step(step.pk)
    if row.state not in TO_DO and row.state != StepState.WAITING:
        frame.move(row, "start")
    return row


def _start(frame: Frame, row: RunStep, reason: str, device_at: datetime | None) -> None:
    early = False
    if not frame.is_plain:
        standing = frame.standings()[row.key, row.row]
        early = standing.is_early
        if row.state == StepState.WAITING and (standing.applies is not True or standing.waits_for):
            frame.move(row, "start")  # says why not
    if early and frame.procedure.rules.order is StepOrder.RECORDED:
        if not reason.strip():
            raise NeedsReason(_("Steps before this one are not done. Say why you begin with it."))
        frame.deviate(row, DeviationKind.OUT_OF_ORDER, reason=reason.strip())
    taken = {"assigned_to_id": frame.actor.member_id} if row.assigned_to_id is None else {}
    frame.move(row, "start", started_at=frame.now, started_device_at=device_at, **taken)


def _answer(
    frame: Frame, row: RunStep, key: str, raw: Any, note: str | None, device_at: datetime | None
) -> engine.Answered:
    field = next((one for one in frame.texts[row.key].fields if one.key == key), None)
    if field is None:
        raise BadAnswer(_("This step has no such field."), field=key)
    try:
        answered = engine.check_answer(field, raw)
    except engine.BadAnswer as error:
        raise BadAnswer(_now(error.message) % error.params, field=key) from error
    present = frame.answers.get((key, row.row))
    by = {"made_by_id": frame.actor.member_id, "made_at": frame.now, "device_at": device_at}
    if present is None:
        present = Answer(step=row, run=frame.run, field_key=key)
    elif present.value != answered.value:
        AnswerChange.objects.create(
            answer=present,
            value=present.value,
            refers_to=present.refers_to,
            made_by_id=present.made_by_id,
            made_at=present.made_at,
            device_at=present.device_at,
        )
    for name, value in by.items():
        setattr(present, name, value)
    present.value, present.is_failed = answered.value, answered.is_failed
    present.refers_to = _REFERS_TO.get(field.kind, "") if _is_number(answered.value) else ""
    present.note = present.note if note is None else note.strip()[:2000]
    present.save()
    frame.answers[key, row.row] = present
    return answered


def _is_number(value: Any) -> bool:
    """Whether an answer is the number of a row, or a list of them; a signature may be a name instead."""
    return bool(value) and all(isinstance(one, str) and one.isdecimal() for one in _listed(value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _require_complete(frame: Frame, row: RunStep) -> None:
    """Raise NotComplete where a field lacks its answer, or an answer what must come with it; record what departs."""
    text, values = frame.texts[row.key], frame.values(row)
    if not text.fields:
        return
    standing = frame.standings()[row.key, row.row] if not frame.is_plain else _all_apply(text)
    if lacking := missing_fields(text, standing, values):
        labels = ", ".join(field.label for field in text.fields if field.key in lacking)
        raise NotComplete(_("Still missing: %(fields)s.") % {"fields": labels}, field=lacking[0], missing=lacking)
    for field in text.fields:
        answer = frame.answers.get((field.key, row.row))
        if answer is None or answer.value is None or standing.fields[field.key] is False:
            continue
        answered = engine.check_answer(field, answer.value)
        if answered.is_failed:
            _require_evidence(frame, row, field.key, answer, answered)
        elif answered.is_out_of_range:
            if not answer.note:
                words = _("“%(label)s” is outside its limits. Say why.") % {"label": field.label}
                raise NotComplete(words, field=field.key, missing=[field.key])
            frame.deviate(row, DeviationKind.OUT_OF_RANGE, reason=answer.note, field_key=field.key, value=answer.value)


def _require_evidence(frame: Frame, row: RunStep, key: str, answer: Answer, answered: engine.Answered) -> None:
    """A failed answer needs its note; a critical one a photo and a corrective action too (P10)."""
    found = Deviation.objects.filter(step=row, kind=DeviationKind.FAILED, field_key=key, round=row.round).first()
    lacking = []
    if engine.NOTE in answered.needs and not answer.note:
        lacking.append(_now("a note"))
    if engine.PHOTO in answered.needs and not _has_photo(row):
        lacking.append(_now("a photo"))
    if engine.ACTION in answered.needs and (found is None or not found.corrective):
        lacking.append(_now("a corrective action"))
    if lacking:
        words = _("A failed answer needs evidence. Still missing: %(what)s.") % {"what": ", ".join(lacking)}
        raise NotComplete(words, field=key, missing=[key])
    if found is None:
        frame.deviate(row, DeviationKind.FAILED, reason=answer.note, field_key=key)
    frame.put(row, is_failed=True)


def _has_photo(row: RunStep) -> bool:
    pictures = Attachment.objects.filter(object_type=row._meta.label_lower, object_id=row.pk)
    return pictures.filter(content_type__in=["image/jpeg", "image/png", "image/webp"]).exists()


def _all_apply(text: Any) -> Standing:
    return Standing(True, {field.key: True for field in text.fields})


def _give(frame: Frame, row: RunStep, to: Member, note: str) -> None:
    before = row.assigned_to_id
    claimed = {} if row.state == StepState.STARTED else {"claimed_by": to, "claimed_at": frame.now}
    frame.move(row, "hand_over", assigned_to=to, **claimed)
    Handover.objects.create(
        step=row,
        given_by_id=frame.actor.member_id,
        given_to=to,
        was_with_id=before,
        note=note.strip()[:500],
        made_at=frame.now,
    )
    facts = {"step": row.title, "run": frame.run.title, "note": note.strip()}
    notices.tell(
        frame.actor,
        kind="processes.step_handed_over",
        recipients=[to],
        subject=row,
        facts=facts,
        url=row.get_absolute_url(),
    )


def _tell(frame: Frame, row: RunStep, verb: str, event: str) -> Done:
    """The reply, the event and the trail of an act; last, since the trail is held till commit."""
    facts = frame.reply(row)
    events.emit(frame.actor, event, row, run=frame.run.pk)
    if frame.has_ended:
        events.emit(frame.actor, RUN_FINISHED, frame.run, sop=frame.run.sop_id, result=frame.run.result)
    audit.record(frame.actor, verb, row, run=frame.run.pk)
    return Done(facts)
