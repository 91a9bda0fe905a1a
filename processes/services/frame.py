"""A run in the hands of a use case: its row held, its steps and answers at hand, its rules followed.

Whatever a use case does to a step, `settle` then lets everything follow that the text says: steps open, wait or drop out,
due dates move, the run ends. `save` writes what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import OuterRef, Subquery

from organization.access import Actor
from organization.engine.working_time import WorkingCalendar
from organization.errors import KeyReused
from organization.models import RoleAssignment
from organization.queries.calendars import working_calendar
from processes.choices import STEP_REFUSALS, DeviationKind, RunResult, RunState, StepState
from processes.engine import states
from processes.engine.conditions import BLANK
from processes.engine.content import DueOrigin, FieldKind, Procedure, Step, StepOrder
from processes.engine.due import DueFacts, due
from processes.engine.progress import Place, RunFacts, Standing, is_complete, standings
from processes.engine.scores import StepResult, score
from processes.errors import NotNow, NotYours
from processes.models import Answer, Deviation, Operation, Run, RunRow, RunStep, StepStamp
from processes.queries.people import People
from processes.queries.texts import procedure_of
from processes.services.clock import moment

LEADS = "processes.run.reassign"


class Frame:
    """One run in one transaction. replay: the reply of an act that was done before, None for a new one."""

    def __init__(self, actor: Actor, run: Run, steps: list[RunStep], people: People | None = None) -> None:
        self.actor, self.run, self.steps = actor, run, steps
        self.people = people or People()
        self.now = moment()
        self.replay: dict[str, Any] | None = None
        self.operation: UUID | None = None
        self.opened: list[RunStep] = []
        self.has_ended = False
        self._changed: dict[int, set[str]] = {}
        self._became: list[tuple[RunStep, str, int, datetime | None]] = []
        self._rows: dict[str, tuple[int, ...]] | None = None
        self._answers: dict[tuple[str, int], Answer] | None = None

    @classmethod
    def of(cls, actor: Actor, run_id: int, operation: UUID | None = None) -> Frame:
        """The run's row, held till the transaction ends. Acts on one run therefore follow each other."""
        rows = Run.objects.select_for_update(of=("self",)).select_related(
            "sop_version", "sop__owner", "department", "started_by"
        )
        run = rows.defer("sop_version__content").get(pk=run_id)
        steps = RunStep.objects.filter(run=run_id).order_by("position", "row")
        if operation is not None:
            done = Operation.objects.filter(operation=operation, run=OuterRef("run_id")).values("reply")[:1]
            steps = steps.annotate(replay=Subquery(done))
        frame = cls(actor, run, list(steps))
        frame.operation = operation
        frame.replay = next((step.replay for step in frame.steps if operation is not None), None)  # type: ignore[attr-defined]  # annotated
        for step in frame.steps:
            step.run = run
        return frame

    # --- what is there -------------------------------------------------------------------------------------------------
    @cached_property
    def procedure(self) -> Procedure:
        return procedure_of(self.run.sop_version_id, self.run.sop_version.sha256)

    @cached_property
    def texts(self) -> dict[str, Step]:
        """The steps of the text by key."""
        return {step.key: step for _section, step in self.procedure.steps()}

    @cached_property
    def calendar(self) -> WorkingCalendar:
        return working_calendar(self.run.department)

    @cached_property
    def is_plain(self) -> bool:
        """Whether nothing that happens to one step decides about another one."""
        free = self.procedure.rules.order is StepOrder.FREE
        conditions = any(section.condition for section in self.procedure.sections) or any(
            step.condition or step.after or any(field.condition for field in step.fields)
            for step in self.texts.values()
        )
        return free and not conditions

    @property
    def answers(self) -> dict[tuple[str, int], Answer]:
        """The answers of the run by field and row."""
        if self._answers is None:
            at = {step.pk: step for step in self.steps}
            rows = (
                Answer.objects.filter(run=self.run)
                if self.run.pk and any(self.texts[s.key].fields for s in self.steps)
                else ()
            )
            self._answers = {(row.field_key, at[row.step_id].row): row for row in rows}
        return self._answers

    @property
    def rows(self) -> dict[str, tuple[int, ...]]:
        """The rows of the sections that repeat."""
        if self._rows is None:
            repeated = {section.key: () for section in self.procedure.sections if section.repeats}
            found: dict[str, tuple[int, ...]] = dict(repeated)
            if repeated:
                for row in RunRow.objects.filter(run=self.run, removed_at=None).order_by("number"):
                    found[row.section_key] = (*found.get(row.section_key, ()), row.number)
            self._rows = found
        return self._rows

    @rows.setter
    def rows(self, rows: dict[str, tuple[int, ...]]) -> None:
        self._rows = rows

    def step(self, pk: int) -> RunStep:
        """A step of the run."""
        return next(step for step in self.steps if step.pk == pk)

    def values(self, step: RunStep) -> dict[str, Any]:
        """The answers of a step by field key."""
        keys = [field.key for field in self.texts[step.key].fields]
        found = {key: self.answers.get((key, step.row)) for key in keys}
        return {key: answer.value if answer else None for key, answer in found.items()}

    def facts(self) -> RunFacts:
        """The run as the engine wants it."""
        present = {(step.key, step.row): states.StepState(step.state) for step in self.steps}
        answers = {place: answer.value for place, answer in self.answers.items()}
        return RunFacts(self.rows, present, answers)

    def standings(self) -> dict[Place, Standing]:
        """How every step stands now."""
        return standings(self.procedure, self.facts())

    # --- what may be done ----------------------------------------------------------------------------------------------
    def require_running(self) -> None:
        """Raise NotNow where the run has ended or is paused."""
        if self.run.state != RunState.RUNNING:
            raise NotNow(current=self.run.state)

    def move(self, step: RunStep, name: str, **values: Any) -> None:
        """Let a step take a transition of the table. Raises NotNow with the state that it is in."""
        self.put(step, state=move(step.state, name), **values)

    def require_mine(self, step: RunStep) -> None:
        """Raise NotYours unless the actor owes the step, alone or with others, or leads."""
        actor = self.actor
        if actor.is_system or actor.holds(LEADS) or (step.assigned_to_id and step.assigned_to_id == actor.member_id):
            return
        if step.assigned_to_id is None and not step.is_for_guest and is_offered(step, actor):
            return
        raise NotYours

    # --- what changes --------------------------------------------------------------------------------------------------
    def put(self, step: RunStep, **values: Any) -> None:
        """Change fields of a step. What it becomes is stamped, with the device's clock where one is among the fields."""
        for name, value in values.items():
            setattr(step, name, value)
        if "state" in values:
            device_at = next((value for name, value in values.items() if name.endswith("_device_at")), None)
            self._became.append((step, step.state, step.round, device_at))
        self._changed.setdefault(id(step), set()).update(values)

    def deviate(
        self, step: RunStep, kind: DeviationKind, *, reason: str = "", field_key: str = "", **facts: Any
    ) -> None:
        """Write down a departure from the text, once a step, kind, field and round."""
        key = {"step": step, "kind": kind, "field_key": field_key, "round": step.round}
        if Deviation.objects.filter(**key).exists() and kind not in (DeviationKind.OVERRIDE, DeviationKind.ANDON):
            return
        Deviation.objects.create(
            **key,
            run=self.run,
            sop_id=self.run.sop_id,
            sop_version_id=self.run.sop_version_id,
            sop_step_id=step.sop_step_id,
            reason=reason,
            facts=facts,
            made_by_id=self.actor.member_id,
            made_at=self.now,
        )

    def settle(self, *, fields: Iterable[str] = (), finished: Iterable[str] = (), is_new: bool = False) -> None:
        """Let everything follow: fields, finished: keys of what was answered and of steps that were done just now."""
        if is_new or not self.is_plain:
            self._follow_standings()
        self._follow_due(set(fields), set(finished), is_new=is_new)
        settled = (StepState.DONE, StepState.SKIPPED, StepState.NOT_APPLICABLE)
        if not is_new and all(step.state in settled for step in self.steps):
            self._end()

    def _follow_standings(self) -> None:
        found = self.standings()
        marked: list[Answer] = []
        for step in self.steps:
            one = found.get((step.key, step.row))
            if one is None:
                continue
            if one.applies is False and step.state != StepState.NOT_APPLICABLE:
                self.move(step, "drop")
                marked += self._mark_answers(step, dict.fromkeys(one.fields, False))
                continue
            if one.applies is not False and step.state == StepState.NOT_APPLICABLE:
                self.move(step, "wait")
            if step.state == StepState.WAITING and one.is_ready:
                self.open(step)
            elif step.state in (StepState.OPEN, StepState.CLAIMED) and not one.is_ready:
                self.move(step, "wait")
            marked += self._mark_answers(step, one.fields)
        for applies in (True, False):
            if changed := [answer.pk for answer in marked if answer.is_applicable is applies]:
                Answer.objects.filter(pk__in=changed).update(is_applicable=applies)

    def _mark_answers(self, step: RunStep, fields: Mapping[str, bool | None]) -> list[Answer]:
        """What does not apply stays stored, and is marked. Returns what has to be written."""
        changed = []
        for key, applies in fields.items():
            answer = self.answers.get((key, step.row))
            if answer is not None and answer.is_applicable != (applies is not False):
                answer.is_applicable = applies is not False
                changed.append(answer)
        return changed

    def open(self, step: RunStep) -> None:
        """Open a step for whoever owes it now."""
        seen = {key: answer.value for (key, row), answer in self.answers.items() if row in (0, step.row)}
        owed = self.people.owed(self.texts[step.key].responsible, self.run, seen)
        self.put(
            step,
            state=StepState.OPEN,
            assigned_to=owed.member,
            role=owed.role,
            queue_department=owed.department,
            is_for_guest=owed.is_guest,
            opened_at=self.now,
            claimed_by=None,
            finished_by=None,
            **dict.fromkeys(("claimed_at", "started_at", "finished_at", "approved_at"), None),
        )
        self.opened.append(step)

    def _follow_due(self, fields: set[str], finished: set[str], *, is_new: bool) -> None:
        """Dates by the rules, save those that somebody has set by hand (P1)."""
        if is_new and self.procedure.rules.due and self.run.due_at is None:
            found = due(self.procedure.rules.due, DueFacts(self.run.started_at), self.calendar)
            self.run.due_at = found.at if found else None
        for step in self.steps:
            rule = self.texts[step.key].due
            if rule is None or step.due_is_manual:
                continue
            moved = (
                is_new
                or (rule.origin is DueOrigin.FIELD and rule.field in fields)
                or (rule.origin is DueOrigin.STEP and rule.step in finished)
                or (rule.origin is DueOrigin.RUN_DUE and "" in fields)
            )
            if moved:
                result = due(rule, self._due_facts(step.row), self.calendar)
                self.put(step, due_at=result.at if result else None, due_rule=rule.origin.value if result else "")

    def _due_facts(self, row: int) -> DueFacts:
        dates = {
            field.key: date.fromisoformat(answer.value)
            for _section, _step, field in self.procedure.fields()
            if field.kind is FieldKind.DATE
            and (answer := self.answers.get((field.key, row)) or self.answers.get((field.key, 0)))
            and answer.value
            and answer.is_applicable
        }
        done = {step.key: step.finished_at for step in self.steps if step.finished_at and step.row in (0, row)}
        return DueFacts(self.run.started_at, self.run.due_at, dates, done)

    def _end(self) -> None:
        """Finish the run with its score."""
        if not is_complete(self.facts(), self.standings()):
            return
        found = score(self.procedure, [self._result(step) for step in self.steps])
        self.run.state, self.run.finished_at = move_run(self.run.state, "finish"), self.now
        self.run.score_earned, self.run.score_possible = (
            round(float(found.earned), 2),
            round(float(found.applicable), 2),
        )
        if found.passed is not None:
            self.run.result = RunResult.PASSED if found.passed else RunResult.FAILED
        self.run.version += 1
        self.run.save()
        self.has_ended = True

    def _result(self, step: RunStep) -> StepResult:
        answers: dict[str, Any] = {}
        for field in self.texts[step.key].fields:
            answer = self.answers.get((field.key, step.row))
            answers[field.key] = BLANK if answer and not answer.is_applicable else answer.value if answer else None
        return StepResult(step.key, states.StepState(step.state), answers, step.row)

    def save(self) -> None:
        """Write what changed of the steps; one statement a step, or one for many."""
        changed = [step for step in self.steps if id(step) in self._changed]
        if len(changed) > 3:
            names = sorted(set().union(*self._changed.values()) | {"version"})
            for step in changed:
                step.version += 1
            RunStep.objects.bulk_update(changed, names)
        else:
            for step in changed:
                step.version += 1
                step.save(update_fields=[*self._changed[id(step)], "version"])
        self._changed.clear()
        if self._became:
            StepStamp.objects.bulk_create(self.stamps())

    def stamps(self) -> list[StepStamp]:
        """What the steps became since this was asked last, as rows to be written after the steps themselves."""
        made = [
            StepStamp(
                run=self.run,
                step=step,
                state=state,
                round=turn,
                made_by_id=self.actor.member_id,
                made_at=self.now,
                device_at=device_at,
            )
            for step, state, turn, device_at in self._became
        ]
        self._became.clear()
        return made

    def save_others(self, made: list[RunStep]) -> None:
        """As `save`, for a frame whose new steps are written already."""
        for step in made:
            self._changed.pop(id(step), None)
        self.save()

    def reply(self, step: RunStep | None = None, **facts: Any) -> dict[str, Any]:
        """What the client is told, kept under its number for when it asks again. Raises KeyReused for another run's."""
        told = {
            "run": self.run.pk,
            "run_state": self.run.state,
            "step": step.pk if step else None,
            "state": step.state if step else None,
            "version": step.version if step else None,
            "opened": [one.pk for one in self.opened],
            **facts,
        }
        if self.operation is not None:
            try:
                Operation.objects.create(run=self.run, operation=self.operation, reply=told)
            except IntegrityError as error:
                raise KeyReused from error
        return told


def is_offered(step: RunStep, actor: Actor) -> bool:
    """Whether a step that nobody has taken is offered to the actor."""
    if actor.member_id is None:
        return False
    if step.role_id is None:
        return step.queue_department_id is not None and step.queue_department_id == actor.department_id
    borne = RoleAssignment.objects.filter(member_id=actor.member_id, role_id=step.role_id)
    places = [row.department_id or actor.department_id for row in borne]
    return bool(places) if step.queue_department_id is None else step.queue_department_id in places


def move(state: str, name: str) -> str:
    """The state of a step after a transition. Raises NotNow."""
    try:
        return states.STEP.after(state, name)
    except states.IllegalTransition as error:
        raise NotNow(sentence_of(state), current=state) from error


def move_run(state: str, name: str) -> str:
    """The state of a run after a transition. Raises NotNow."""
    try:
        return states.RUN.after(state, name)
    except states.IllegalTransition as error:
        raise NotNow(current=state) from error


def sentence_of(state: str) -> Any:
    """Why nothing can be done to a step in that state."""
    return STEP_REFUSALS[StepState(state)]
