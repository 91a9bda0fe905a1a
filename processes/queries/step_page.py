"""Everything that the page of one step shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from organization.access import Actor
from organization.models import Attachment, Member
from organization.queries.absences import stood_in_for
from processes.choices import TO_DO, AndonState, ApprovalState, StepState
from processes.engine.content import Procedure, Section, Step, StepOrder
from processes.engine.progress import RunFacts, Standing, standings
from processes.engine.states import StepState as EngineState
from processes.models import AndonCall, Answer, Approval, Deviation, Handover, Run, RunRow, RunStep, StepRound
from processes.queries.mine import my_step_rows
from processes.queries.texts import procedure_of

MOST_PEOPLE = 1_000


@dataclass(frozen=True)
class StepFacts:
    """A step with its text, its standing among the others and what was given in it."""

    step: RunStep
    run: Run
    text: Step
    section: Section
    row: RunRow | None
    standing: Standing
    steps: list[RunStep]
    answers: Mapping[str, Answer]
    files: Mapping[str, Attachment]
    procedure: Procedure

    @property
    def values(self) -> dict[str, Any]:
        """Answers by field key."""
        return {key: answer.value for key, answer in self.answers.items()}

    @property
    def hidden(self) -> set[str]:
        """Keys of fields that do not apply now; what nobody can say yet is shown no sooner than it is known."""
        return {key for key, applies in self.standing.fields.items() if applies is not True}

    @property
    def counted(self) -> tuple[int, int]:
        """How many steps are settled, and how many there are."""
        apply = [one for one in self.steps if one.state != StepState.NOT_APPLICABLE]
        return sum(one.state in (StepState.DONE, StepState.SKIPPED) for one in apply), len(apply)

    @property
    def asks_reason(self) -> bool:
        """Whether beginning it now is out of order and has to be explained."""
        recorded = self.procedure.rules.order is StepOrder.RECORDED
        return recorded and self.standing.is_early and self.step.state != StepState.STARTED


def step_facts(step: RunStep) -> StepFacts:
    """All that is known of a step; the number of statements depends on the text alone, not on the run."""
    run = step.run
    procedure = procedure_of(run.sop_version_id, run.sop_version.sha256)
    steps = list(RunStep.objects.filter(run=run).order_by("position", "row"))
    at = {one.pk: one for one in steps}
    numbers: dict[str, tuple[int, ...]] = {one.key: () for one in procedure.sections if one.repeats}
    is_asked = any(True for _ in procedure.fields())
    answers = list(Answer.objects.filter(run=run).select_related("made_by")) if is_asked else []
    rows = list(RunRow.objects.filter(run=run, removed_at=None).order_by("number")) if numbers else []
    for row in rows:
        numbers[row.section_key] = (*numbers.get(row.section_key, ()), row.number)
    facts = RunFacts(
        numbers,
        {(one.key, one.row): EngineState(one.state) for one in steps},
        {(one.field_key, at[one.step_id].row): one.value for one in answers},
    )
    section, text = next(pair for pair in procedure.steps() if pair[1].key == step.key)
    label = RunStep._meta.label_lower
    files = Attachment.objects.filter(object_type=label, object_id=step.pk).order_by("pk") if text.fields else ()
    return StepFacts(
        step,
        run,
        text,
        section,
        next((row for row in rows if row.section_key == section.key and row.number == step.row), None),
        standings(procedure, facts)[step.key, step.row],
        steps,
        {one.field_key: one for one in answers if one.step_id == step.pk},
        {str(one.pk): one for one in files},
        procedure,
    )


def next_step(actor: Actor, run: Run, after: RunStep) -> RunStep | None:
    """What the actor can do next in a run: the one below comes first."""
    rows = list(my_step_rows(actor).filter(run=run).exclude(pk=after.pk).order_by("position", "row"))
    below = [one for one in rows if (one.position, one.row) > (after.position, after.row)]
    return next(iter(below or rows), None)


def is_mine(actor: Actor, step: RunStep) -> bool:
    """Whether the actor may work on the step: it is theirs, offered to them, or they lead."""
    if step.state not in (*TO_DO, StepState.WAITING) or not step.is_live:
        return False
    if step.assigned_to_id == actor.member_id or actor.holds("processes.run.reassign"):
        return actor.member_id is not None
    return step.assigned_to_id is None and my_step_rows(actor).filter(pk=step.pk).exists()


def open_call(step: RunStep) -> AndonCall | None:
    """The call for help that goes on at a step."""
    calls = AndonCall.objects.filter(step=step).exclude(state=AndonState.RESOLVED)
    return calls.select_related("called_by", "answered_by", "told").first()


def people(actor: Actor, *, but: int | None = None) -> list[tuple[str, str]]:
    """Number and name of everybody active whom the actor sees, by name."""
    rows = Member.objects.visible_to(actor).filter(is_active=True).exclude(pk=but).order_by("name_pinyin", "pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:MOST_PEOPLE]]


@dataclass(frozen=True)
class Asked:
    """An approval that goes on. may_vote: the actor has a voice that was not heard yet; for_whom: the absent one's name."""

    approval: Approval
    voters: list[str]
    votes: list[Any]
    may_vote: bool
    for_whom: str


def asked_of(actor: Actor, step: RunStep) -> Asked | None:
    """The approval of a step's round, None where there is none."""
    approval = Approval.objects.filter(step=step, round=step.round).first()
    if approval is None:
        return None
    voters = list(approval.voters.select_related("member").order_by("seat", "pk"))
    votes = list(approval.votes.select_related("member", "given_by", "back_to").order_by("pk"))
    spoken = {vote.member_id for vote in votes}
    absent = {one.member_id for one in stood_in_for(actor.member_id)}
    free = [one.member for one in voters if one.member_id not in spoken]
    own = any(one.pk == actor.member_id for one in free)
    instead = next((one.name for one in free if one.pk in absent), "")
    names = list(dict.fromkeys(one.member.name for one in voters))
    is_open = approval.state == ApprovalState.OPEN and step.state == StepState.IN_APPROVAL
    return Asked(approval, names, votes, is_open and (own or bool(instead)), "" if own else instead)


def targets(facts: StepFacts) -> list[RunStep]:
    """Steps that this one may be sent back to: itself, and those that the text names."""
    rule = facts.text.approval
    keys = set(rule.send_back_to) if rule else set()
    own = facts.step
    return [own, *(one for one in facts.steps if one.key in keys and one.pk != own.pk and one.row in (0, own.row))]


def deviations_of(step: RunStep) -> list[Deviation]:
    """Departures from the text in a step, the first one first."""
    return list(
        Deviation.objects.filter(step=step).select_related("made_by", "corrective_owner").order_by("made_at", "pk")
    )


def rounds_of(step: RunStep) -> list[StepRound]:
    """Rounds that a step was sent back from."""
    return list(StepRound.objects.filter(step=step).select_related("done_by", "sent_back_by").order_by("round"))


def done_by_others(actor: Actor, step: RunStep, *, since: datetime) -> list[tuple[str, str, datetime]]:
    """What others did to a step since then: who, what (`answered`, `finished`, `taken`, `handed_over`), when."""
    found: list[tuple[str, str, datetime]] = []
    answers = Answer.objects.filter(step=step, made_at__gt=since).exclude(made_by_id=actor.member_id)
    latest = answers.select_related("made_by").order_by("-made_at").first()
    if latest is not None and latest.made_by:
        found.append((latest.made_by.name, "answered", latest.made_at))
    if step.finished_at and step.finished_at > since and step.finished_by_id != actor.member_id and step.finished_by:
        found.append((step.finished_by.name, "finished", step.finished_at))
    if step.claimed_at and step.claimed_at > since and step.claimed_by_id != actor.member_id and step.claimed_by:
        found.append((step.claimed_by.name, "taken", step.claimed_at))
    given = Handover.objects.filter(Q(step=step) & Q(made_at__gt=since)).exclude(given_by_id=actor.member_id)
    handed = given.select_related("given_by").order_by("-made_at").first()
    if handed is not None and handed.given_by:
        found.append((handed.given_by.name, "handed_over", handed.made_at))
    return found
