"""Runs of the sample company: its stories, walked through the same services that the pages call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from ops_platform.sample.company import Company
from ops_platform.sample.procedures import PROCEDURES, Staff
from ops_platform.sample.rows import local_day
from ops_platform.sample.stories import (
    STORIES,
    USUAL,
    Clock,
    In,
    Noted,
    Person,
    Picture,
    Story,
)
from ops_platform.sample.texts import Text
from organization.access import Actor
from organization.engine.local_time import day_start
from organization.models import Department, Member
from processes.choices import TO_DO, ApprovalState, StepState
from processes.engine.content import Field, FieldKind, Procedure
from processes.engine.library import template
from processes.models import AndonCall, Approval, Run, RunStep, Sop
from processes.services.andon import answer_call, call_for_help, resolve_call
from processes.services.approvals import vote_on_step
from processes.services.clock import acting_at
from processes.services.filling import Correction, Filled, fill_step
from processes.services.runs import Start, cancel_run, start_run
from processes.services.steps import finish_step, start_step
from processes.services.texts import read

OPENS, CLOSES, WEEKEND = time(8, 30), time(18, 0), 5
SIZE = (640, 420)
VOTE_AFTER, HELP_AFTER = timedelta(minutes=50), timedelta(minutes=6)
USUAL_MINUTES = 5


def work_on_runs(made: Company, language: str, as_of: datetime) -> bool:
    """The runs, in the open transaction, when there are none yet."""
    if Run.objects.exists():
        return False
    staff = Staff()
    for story in STORIES:
        _Walk(made, staff, story, language, as_of).go()
    return True


class _Walk:
    """One run from its start to where its story ends, or to the present."""

    def __init__(self, made: Company, staff: Staff, story: Story, language: str, as_of: datetime) -> None:
        self._staff, self._story, self._language, self._as_of = staff, story, language, as_of
        self._zone = made.organization.timezone
        self._sop = Sop.objects.select_related("current", "department").get(code=story.code)
        assert self._sop.current is not None
        self._text = read(self._sop.current.content)
        slug = next(kept.slug for kept in PROCEDURES if kept.code == story.code)
        self._step_keys, self._field_keys = _keys(self._text, template(slug).procedure)
        self._fields = {step.key: step.fields for _section, step in self._text.steps()}
        self._minutes = {step.key: step.minutes or USUAL_MINUTES for _section, step in self._text.steps()}
        self._answers = {**USUAL[story.code], **story.answers}
        self._now = self._begun()
        self._has_sent_back = self._has_called = False

    def go(self) -> None:
        """Walk it."""
        starter, title = self._staff.actor(self._story.starter), self._story.title
        with acting_at(self._now):
            run = start_run(starter, self._sop, start=Start(title=title.en, title_zh=title.zh))
        while self._now < self._as_of and not self._waits(run) and (self._vote(run) or self._work(run)):
            self._wait(self._story.pause)
        if self._story.cancelled is not None:
            with acting_at(min(self._now, self._as_of)):
                cancel_run(starter, run, reason=self._story.cancelled.shown(self._language))

    # --- time ----------------------------------------------------------------------------------------------------------
    def _begun(self) -> datetime:
        if self._story.hours:
            return self._as_of - timedelta(hours=self._story.hours)
        day = local_day(self._as_of) - timedelta(days=self._story.days)
        while day.weekday() >= WEEKEND:
            day -= timedelta(days=1)
        at = time.fromisoformat(self._story.at)
        return day_start(day, self._zone) + timedelta(hours=at.hour, minutes=at.minute)

    def _wait(self, minutes: float) -> None:
        """Let time pass; nobody works at night or on a weekend, save on what began hours ago."""
        self._now += timedelta(minutes=minutes)
        if self._story.hours:
            return
        day = local_day(self._now)
        if self._now > self._at(self._now, CLOSES):
            day += timedelta(days=1)
        while day.weekday() >= WEEKEND:
            day += timedelta(days=1)
        if day != local_day(self._now):
            self._now = day_start(day, self._zone) + timedelta(hours=OPENS.hour, minutes=OPENS.minute)

    def _at(self, instant: datetime, at: time) -> datetime:
        return day_start(local_day(instant), self._zone) + timedelta(hours=at.hour, minutes=at.minute)

    # --- what people do ------------------------------------------------------------------------------------------------
    def _work(self, run: Run) -> bool:
        """Do the first step that is to be done; whether there was one."""
        steps = RunStep.objects.filter(run=run, state__in=TO_DO).order_by("position", "row")
        step = steps.select_related("run").first()
        if step is None:
            return False
        key, story = self._step_keys[step.key], self._story
        actor = self._worker(step)
        if key == story.stops_at and not story.begins:
            return False
        with acting_at(self._now):
            start_step(actor, step)
        if story.help is not None and key == story.help.step and not self._has_called:
            self._call(actor, step)
        if key == story.stops_at:
            return False
        self._now += timedelta(minutes=self._minutes[step.key] * story.pace)
        if self._now > self._as_of:
            return False  # somebody is at it at this moment
        with acting_at(self._now):
            self._fill(actor, step)
            finish_step(actor, step)
        return True

    def _call(self, actor: Actor, step: RunStep) -> None:
        told = self._story.help
        assert told is not None
        if self._now + HELP_AFTER * (1 if told.resolution is None else 5) > self._as_of:
            return
        self._has_called = True
        self._now += HELP_AFTER
        with acting_at(self._now):
            call = call_for_help(actor, step, reason=told.reason.shown(self._language))
        if told.resolution is not None and call.told_id:
            leader = self._staff.of(call.told_id)
            with acting_at(self._now + HELP_AFTER):
                call = answer_call(leader, AndonCall.objects.get(pk=call.pk))
            self._now += HELP_AFTER * 4
            with acting_at(self._now):
                resolve_call(leader, call, resolution=told.resolution.shown(self._language))

    def _waits(self, run: Run) -> bool:
        """Whether it stands at the approval that the story leaves open."""
        asked = Approval.objects.filter(run=run, state=ApprovalState.OPEN).values_list("step__key", flat=True)
        return self._story.waits in {self._step_keys[key] for key in asked}

    def _vote(self, run: Run) -> bool:
        """Let the approvers of a step say what they say; whether one had to."""
        asked = Approval.objects.filter(run=run, state=ApprovalState.OPEN).select_related("step").first()
        if asked is None:
            return False
        step, back = asked.step, self._story.sent_back
        key = self._step_keys[step.key]
        self._now += VOTE_AFTER
        if self._now > self._as_of:
            return False
        for seat in asked.voters.order_by("seat"):
            if RunStep.objects.get(pk=step.pk).state != StepState.IN_APPROVAL:
                break
            with acting_at(self._now):
                if back is not None and key == back.step and not self._has_sent_back:
                    self._has_sent_back = True
                    target = next(one for one in run.steps.all() if self._step_keys[one.key] == back.back_to)
                    said = back.comment.shown(self._language)
                    vote_on_step(self._staff.of(seat.member_id), step, approves=False, comment=said, back_to=target)
                else:
                    vote_on_step(self._staff.of(seat.member_id), step, approves=True)
        return True

    def _worker(self, step: RunStep) -> Actor:
        if step.assigned_to_id:
            return self._staff.of(step.assigned_to_id)
        place = step.queue_department or self._sop.department
        return self._staff.of(_hands(place)[step.position % len(_hands(place))])

    # --- what they answer ----------------------------------------------------------------------------------------------
    def _fill(self, actor: Actor, step: RunStep) -> None:
        fields = [field for field in self._fields[step.key] if self._field_keys[field.key] in self._answers]
        values: dict[str, Any] = {}
        uploads: dict[str, list[ContentFile[bytes]]] = {}
        notes: dict[str, str] = {}
        corrections: dict[str, Correction] = {}
        for field in fields:
            given = self._answers[self._field_keys[field.key]]
            if isinstance(given, Noted):
                notes[field.key] = given.note.shown(self._language)
                if given.action is not None:
                    owner, due = self._staff.member(given.owner), self._now + timedelta(days=given.days)
                    corrections[field.key] = Correction(given.action.shown(self._language), owner, due)
                given = given.value
            if isinstance(given, Picture):
                uploads[field.key], values[field.key] = [_drawn(given)], []
            else:
                values[field.key] = self._value(field, given)
        if values:
            fill_step(actor, step, filled=Filled(values, uploads, (), notes, corrections))

    def _value(self, field: Field, given: Any) -> Any:
        if isinstance(given, Text):
            return given.shown(self._language)
        if isinstance(given, Person):
            return str(self._staff.member(given.local_part).pk)
        if isinstance(given, In):
            return (local_day(self._now) + timedelta(days=given.days)).isoformat()
        if isinstance(given, Clock):
            minutes = int((self._now - self._at(self._now, time(0))).total_seconds() // 60)
            return f"{minutes // 60:02}:{minutes % 60:02}"
        if isinstance(given, list) and field.kind is FieldKind.TABLE:
            return [{key: self._value(field, cell) for key, cell in row.items()} for row in given]
        return given


def _keys(text: Procedure, origin: Procedure) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The keys of steps and of fields of a SOP -> those of the template that it was made from."""
    steps = zip(text.steps(), origin.steps(), strict=True)
    pairs = [(mine, theirs) for (_a, mine), (_b, theirs) in steps]
    fields = {
        own.key: first.key for mine, theirs in pairs for own, first in zip(mine.fields, theirs.fields, strict=True)
    }
    return {mine.key: theirs.key for mine, theirs in pairs}, fields


def _hands(department: Department | None) -> list[int]:
    """Who does the work of a department: its members save the head, who approves it."""
    rows: Iterable[int] = Member.objects.filter(department=department, is_active=True).values_list("pk", flat=True)
    head = department.head_id if department else None
    return sorted(pk for pk in rows if pk != head) or sorted(rows)


def _drawn(picture: Picture) -> ContentFile[bytes]:
    """A plain picture: a floor, a wall, and a thing in the middle."""
    sky, thing = picture.colours
    width, height = SIZE
    image = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.7, width, height), fill="#8d8d86")
    draw.rectangle((width * 0.3, height * 0.25, width * 0.7, height * 0.8), fill=thing, outline="#333333", width=4)
    draw.line((width * 0.3, height * 0.4, width * 0.7, height * 0.4), fill="#333333", width=3)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return ContentFile(buffer.getvalue(), name=picture.name)
