"""Runs as a whole: begun, cancelled, given another date or another row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.models import Department
from organization.services import audit, events
from organization.services.references import next_references
from organization.usecases import use_case
from processes.choices import Cause, DeviationKind
from processes.engine.content import Section, Step
from processes.errors import NeedsReason, NothingInForce, NotNow, OtherRun
from processes.events import RUN_CANCELLED, RUN_CHANGED, RUN_STARTED
from processes.models import Run, RunRow, RunStep, Sop, SopStep, StepStamp
from processes.queries.people import People
from processes.services.andon import close_calls
from processes.services.clock import moment
from processes.services.frame import Frame, move_run

BEYOND = 1_000


@dataclass(frozen=True)
class Start:
    """What a run begins with. source, external_id: the thing elsewhere that starts it; the same pair is the same run."""

    cause: Cause = Cause.HAND
    source: str = ""
    external_id: str = ""
    department: Department | None = None
    title: str = ""
    title_zh: str = ""
    due_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    parent_step: RunStep | None = None


@use_case("processes.run.start")
def start_run(actor: Actor, sop: Sop, *, start: Start | None = None) -> Run:
    """Begin a run of the version in force. The same external id gives the run that is there already.

    Raises NothingInForce, OtherRun when that is a run of another SOP.
    """
    start = start or Start()
    if start.external_id and (present := run_of_event(start.source, start.external_id, of=sop)):
        return present
    try:
        with transaction.atomic():
            [run] = begin(actor, sop, [start])
    except IntegrityError:
        if start.external_id and (present := run_of_event(start.source, start.external_id, of=sop)):
            return present
        raise
    audit.record(actor, "processes.run.started", run, cause=start.cause, version=run.sop_version_id)
    events.emit(actor, RUN_STARTED, run, sop=sop.pk, cause=start.cause)
    return run


def run_of_event(source: str, external_id: str, *, of: Sop) -> Run | None:
    """The run of this SOP that something elsewhere has started, None where it has not. Raises OtherRun."""
    present: Run | None = Run.objects.filter(source=source, external_id=external_id).first()
    if present is not None and present.sop_id != of.pk:
        raise OtherRun
    return present


@use_case("processes.run.cancel")
def cancel_run(actor: Actor, run: Run, *, reason: str) -> Run:
    """End a run before its time; what was done in it stays. Raises NeedsReason, NotNow."""
    if not reason.strip():
        raise NeedsReason(_("Say why this run is cancelled."))
    frame = Frame.of(actor, run.pk)
    run = frame.run
    run.state, run.finished_at = move_run(run.state, "cancel"), frame.now
    run.cancel_reason, run.version = reason.strip()[:500], run.version + 1
    run.save()
    RunStep.objects.filter(run=run).update(is_live=False)
    close_calls(actor, run, resolution=run.cancel_reason)
    audit.record(actor, "processes.run.cancelled", run)
    events.emit(actor, RUN_CANCELLED, run, sop=run.sop_id)
    return run


@use_case("processes.run.work")
def add_row(actor: Actor, run: Run, *, section_key: str, name: str = "") -> RunRow:
    """One more row of a section that repeats, with its steps. Raises NotNow beyond the most that the text allows."""
    frame = Frame.of(actor, run.pk)
    frame.require_running()
    section = next((one for one in frame.procedure.sections if one.key == section_key and one.repeats), None)
    if section is None or section.repeats is None:
        raise NotNow(_("This section has no rows."))
    if len(frame.rows[section_key]) >= section.repeats.most:
        raise NotNow(_("There are %(most)d rows, more are not possible.") % {"most": section.repeats.most})
    last = RunRow.objects.filter(run=run, section_key=section_key).aggregate(Max("number"))["number__max"] or 0
    row = RunRow.objects.create(run=run, section_key=section_key, number=last + 1, name=name.strip()[:200])
    frame.rows = {**frame.rows, section_key: (*frame.rows[section_key], row.number)}
    kept = _kept_steps(run.sop_id)
    made = [
        _step(frame.run, kept, section, step, row.number, place)
        for place, section, step in _order(frame)
        if section.key == section_key
    ]
    frame.steps.extend(made)
    frame.settle(is_new=True)
    RunStep.objects.bulk_create(made)
    frame.save_others(made)
    audit.record(actor, "processes.run.row_added", run, section=section_key, number=row.number)
    events.emit(actor, RUN_CHANGED, run, sop=run.sop_id)
    return row


@use_case("processes.run.reassign")
def set_due(actor: Actor, step: RunStep, *, due_at: datetime, reason: str) -> RunStep:
    """Set when a step is due by hand: no rule moves it any more, and the departure is recorded. Raises NeedsReason."""
    if not reason.strip():
        raise NeedsReason
    frame = Frame.of(actor, step.run_id)
    frame.require_running()
    row = frame.step(step.pk)
    before = row.due_at
    frame.put(row, due_at=due_at, due_is_manual=True, due_rule="manual")
    frame.deviate(row, DeviationKind.OVERRIDE, reason=reason.strip(), due=[str(before or ""), due_at.isoformat()])
    frame.save()
    audit.record(actor, "processes.step.due_set", row, due_at=[before, due_at])
    events.emit(actor, RUN_CHANGED, frame.run, sop=frame.run.sop_id)
    return row


@use_case("processes.run.reassign")
def set_run_due(actor: Actor, run: Run, *, due_at: datetime | None) -> Run:
    """Set when a run is due; the dates that count from it follow in the same transaction (P1)."""
    frame = Frame.of(actor, run.pk)
    frame.require_running()
    before, frame.run.due_at = frame.run.due_at, due_at
    frame.run.version += 1
    frame.run.save(update_fields=["due_at", "version", "updated_at"])
    frame.settle(fields=[""])
    frame.save()
    audit.record(actor, "processes.run.due_set", frame.run, due_at=[before, due_at])
    events.emit(actor, RUN_CHANGED, frame.run, sop=frame.run.sop_id)
    return frame.run


def begin(actor: Actor, sop: Sop, starts: Sequence[Start]) -> list[Run]:
    """Rows of new runs with their steps, in a few statements for all of them; part of a use case or a task."""
    sop = Sop.objects.select_related("owner", "current", "department").defer("current__content").get(pk=sop.pk)
    if sop.current is None or sop.retired_at is not None:
        raise NothingInForce
    now, kept, people = moment(), _kept_steps(sop.pk), People()
    from_member = actor.member_id
    runs = [
        Run(
            reference=reference,
            sop=sop,
            sop_version=sop.current,
            title=start.title or sop.name,
            title_zh=start.title_zh or ("" if start.title else sop.name_zh),
            department=start.department or sop.department,
            cause=start.cause,
            source=start.source,
            external_id=start.external_id,
            facts=dict(start.facts),
            parent_step=start.parent_step,
            started_by_id=from_member,
            started_at=now,
            due_at=start.due_at,
        )
        for start, reference in zip(starts, next_references("RUN", len(starts)), strict=True)
    ]
    frames = [Frame(actor, run, [], people) for run in runs]
    rows: list[RunRow] = []
    for frame in frames:
        frame.now = now
        rows.extend(_rows(frame))
        frame.steps.extend(
            _step(frame.run, kept, section, step, row, place)
            for place, section, step in _order(frame)
            for row in frame.rows.get(section.key, (0,))
        )
        frame.settle(is_new=True)
    Run.objects.bulk_create(runs)
    for part, model in ((rows, RunRow), ([step for frame in frames for step in frame.steps], RunStep)):
        for one in part:
            one.run = one.run  # its number is known now
        model.objects.bulk_create(part, batch_size=500)
    StepStamp.objects.bulk_create([stamp for frame in frames for stamp in frame.stamps()], batch_size=500)
    return runs


def _rows(frame: Frame) -> list[RunRow]:
    found, made = {}, []
    for section in frame.procedure.sections:
        if section.repeats:
            found[section.key] = tuple(range(1, section.repeats.least + 1))
            made += [RunRow(run=frame.run, section_key=section.key, number=number) for number in found[section.key]]
    frame.rows = found
    return made


def _order(frame: Frame) -> list[tuple[int, Section, Step]]:
    return [(place * BEYOND, section, step) for place, (section, step) in enumerate(frame.procedure.steps(), start=1)]


def _step(run: Run, kept: Mapping[str, SopStep], section: Section, step: Step, row: int, place: int) -> RunStep:
    return RunStep(
        run=run,
        sop_step=kept[step.key],
        key=step.key,
        section_key=section.key,
        row=row,
        position=place,
        title=step.title,
        title_zh=step.title_zh,
        is_critical=step.critical,
    )


def _kept_steps(sop_id: int) -> dict[str, SopStep]:
    return {step.key: step for step in SopStep.objects.filter(sop=sop_id)}
