"""The page on which a step is done."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from ops_platform.web.htmx import is_swap, redirect_page, render_page
from organization.errors import DomainError, NotAllowed, NotVisible
from organization.models import Member
from organization.views.base import PageView, visible_or_404
from processes.choices import TO_DO, RunState, StepState
from processes.engine import answers as engine
from processes.engine.content import FieldKind
from processes.errors import NeedsReason
from processes.forms.answers import Drawn, Sent, answer_text, drawn_fields, read_answers
from processes.models import RunStep
from processes.queries import step_page
from processes.queries.pictures import instruction_html
from processes.queries.step_page import StepFacts, step_facts
from processes.queries.words import in_language
from processes.services.filling import Correction, Filled, fill_step
from processes.services.steps import finish_step
from processes.views.runs import step_status

# What becomes of the number of a form for the part of it that is kept before the step is finished
FILLING = uuid.UUID("5f0d6c0e-6f0b-4a53-9e5b-3d0c8d1f7a11")


def operation_of(request: HttpRequest) -> UUID | None:
    """The number of an act: the form's own, else the one that the script gave the request.

    Of what htmx sends only the request's own counts: the number of the form around a field comes along with each of its
    fields, and all after the first would pass for a repetition.
    """
    form, own = request.POST.get("operation", ""), request.headers.get("Idempotency-Key", "")
    for text in (own,) if is_swap(request) else (form, own):
        try:
            return UUID(text)
        except ValueError:
            continue
    return None


class StepBase(PageView):
    """What pages and acts of a step share."""

    def load(self, pk: int) -> RunStep:
        """The step, when the actor sees it."""
        rows = RunStep.objects.visible_to(self.actor).select_related(
            "run__sop_version__sop", "run__sop", "assigned_to", "finished_by", "claimed_by", "role", "queue_department"
        )
        step: RunStep = visible_or_404(rows.defer("run__sop_version__content"), pk=pk)
        return step

    def find(self, pk: int) -> RunStep:
        """The step for an act, which shows nothing of it: its run and the version's digest alone."""
        rows = RunStep.objects.visible_to(self.actor).select_related("run__sop_version")
        step: RunStep = visible_or_404(rows.defer("run__sop_version__content"), pk=pk)
        return step

    def context(self, step: RunStep, *, sent: Sent | None = None, **more: Any) -> dict[str, Any]:
        """What the page shows. sent: what came in and could not be kept."""
        facts = step_facts(step)
        mine = step_page.is_mine(self.actor, step) and step.run.state == RunState.RUNNING
        is_open = mine and step.state in TO_DO and not facts.asks_reason
        people = step_page.people(self.actor) if mine or any(_is_person(facts)) else []
        values, errors = facts.values, {}
        if sent is not None:
            # Files that were sent are either kept by now, or have to be chosen again
            typed = {key: value for key, value in sent.values.items() if key not in sent.uploads}
            values, errors = values | typed, dict(sent.errors)
        drawn = drawn_fields(
            facts.text.fields,
            values,
            disabled=not is_open,
            hidden=facts.hidden,
            errors=errors,
            notes={key: answer.note for key, answer in facts.answers.items()},
            files=facts.files,
            people=people,
        )
        done, count = facts.counted
        asked = step_page.asked_of(self.actor, step)
        text = facts.text
        return {
            "step": step,
            "run": step.run,
            "facts": facts,
            "state": step_status(step),
            "section": in_language(facts.section.title, facts.section.title_zh),
            "instruction": instruction_html(step.run.sop_id, in_language(text.instruction, text.instruction_zh)),
            "fields": [(one, self.beyond(facts, one)) for one in drawn],
            "given": given(facts, people),
            "is_open": is_open,
            "is_mine": mine,
            "is_done": step.state in (StepState.DONE, StepState.SKIPPED, StepState.IN_APPROVAL),
            "is_late": bool(step.due_at and step.due_at < timezone.now() and not step.finished_at),
            "may_claim": mine and step.state == StepState.OPEN and step.assigned_to_id is None,
            "may_release": mine and step.state == StepState.CLAIMED and bool(step.role_id or step.queue_department_id),
            "done": done,
            "count": count,
            "people": people,
            "asked": asked,
            "targets": step_page.targets(facts) if asked and asked.may_vote else [],
            "deviations": step_page.deviations_of(step),
            "rounds": step_page.rounds_of(step),
            "next": None if is_open else step_page.next_step(self.actor, step.run, step),
            "operation": uuid.uuid4(),
            "as_of": timezone.now().isoformat(),
            "steps": [
                (_("My steps"), reverse("processes:my-steps")),
                (step.run.display_title, step.run.get_absolute_url()),
            ],
            **self.now_context(step),
            **more,
        }

    def now_context(self, step: RunStep) -> dict[str, Any]:
        """The call for help of a step."""
        return {"call": step_page.open_call(step), "may_help": self.actor.holds("processes.andon.answer")}

    def beyond(self, facts: StepFacts, one: Drawn) -> dict[str, Any]:
        """What has to come with an answer: a note beyond the warning limits, evidence where it failed."""
        answer = facts.answers.get(one.key)
        if answer is None or answer.value is None or not one.applies:
            return {}
        field = next(found for found in facts.text.fields if found.key == one.key)
        try:
            answered = engine.check_answer(field, answer.value)
        except engine.BadAnswer:
            return {}
        if not (answered.is_failed or answered.is_out_of_range):
            return {}
        made = next(
            (d for d in step_page.deviations_of(facts.step) if d.field_key == one.key and d.round == facts.step.round),
            None,
        )
        sent = self.request.POST
        return {
            "level": "failed" if answered.is_failed else "range",
            "action": sent.get(f"action.{one.key}", ""),
            "owner": sent.get(f"owner.{one.key}", ""),
            "action_due": sent.get(f"action_due.{one.key}", ""),
            "is_failed": answered.is_failed,
            "needs_action": engine.ACTION in answered.needs,
            "note": sent.get(f"note.{one.key}", answer.note),
            "deviation": made,
            "has_photo": any(file.content_type.startswith("image/") for file in facts.files.values()),
        }

    def show(self, step: RunStep, *, status: int = 200, **more: Any) -> HttpResponse:
        """The page of the step."""
        return render_page(self.request, "processes/step.html", self.context(step, **more), status=status)

    def refuse(self, pk: int, error: DomainError, act: str, *, sent: Sent | None = None) -> HttpResponse:
        """The page as the step stands now, with why an act was refused and with what was sent."""
        given_back = {name: value for name, value in self.request.POST.items() if name != "csrfmiddlewaretoken"}
        return self.show(
            self.load(pk), status=422, sent=sent, refusal=str(error), refused_act=act, given_back=given_back
        )


def _is_person(facts: StepFacts) -> list[bool]:
    return [one.kind is FieldKind.PERSON for one in facts.text.fields]


def given(facts: StepFacts, people: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Answers as they are read once the step is over."""
    names, found = dict(people), []
    for one in facts.text.fields:
        answer = facts.answers.get(one.key)
        if answer is None or answer.value is None:
            continue
        listed = answer.value if isinstance(answer.value, list) else [answer.value]
        found.append(
            {
                "label": in_language(one.label, one.label_zh),
                "text": answer_text(one, answer.value, files=facts.files, people=names),
                "files": [facts.files[str(key)] for key in listed if isinstance(key, str) and key in facts.files],
                "answer": answer,
            }
        )
    return found


class StepDetailView(StepBase):
    """A step: what to do, and where to say that it is done."""

    permission = "processes.run.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.load(pk))


class StepNowView(StepBase):
    """What others did to the step since the page was drawn, and who is coming to help; asked for every 15 seconds."""

    permission = "processes.run.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        since = parse_datetime(request.GET.get("since", "")) or timezone.now()
        if timezone.is_naive(since):
            since = timezone.make_aware(since)
        step = self.load(pk)
        context = self.now_context(step) | {
            "step": step,
            "as_of": since.isoformat(),
            "news": step_page.done_by_others(self.actor, step, since=since),
        }
        return render(request, "processes/_step_now.html", context)


class StepSaveView(StepBase):
    """Keeps what was given; with the button that says so it finishes the step too."""

    permission = "processes.run.work"

    @property
    def only(self) -> str:
        """The field that a script saves: htmx sends the whole form around it along."""
        return self.request.headers.get("HX-Trigger", "").removeprefix("answer-") if is_swap(self.request) else ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        step = self.find(pk)
        before = step_facts(step)
        sent = read_answers(before.text.fields, request.POST, request.FILES, only=self.only)
        operation = operation_of(request)
        finishes = "finish" in request.POST
        filled, lacking = self.filled(before, sent)
        try:
            if not (finishes and filled.is_empty):
                fill_step(
                    self.actor,
                    step,
                    filled=filled,
                    operation=uuid.uuid5(FILLING, str(operation)) if operation else None,
                )
            if lacking is not None:
                raise lacking
            if finishes and not sent.errors:
                # Apart: what was given stays, though something may still be missing
                finish_step(self.actor, step, reason=request.POST.get("late_reason", "").strip(), operation=operation)
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            if is_swap(request):
                return self.said(pk, before, sent, str(error))
            return self.refuse(pk, error, "finish", sent=sent)
        if is_swap(request):
            return self.said(pk, before, sent, "")
        if sent.errors:
            return self.show(self.load(pk), status=422, sent=sent, refusal=_("Look at the marked fields again."))
        messages.success(request, _("The step is done.") if finishes else _("What you gave is kept."))
        return redirect_page(request, reverse("processes:step-detail", args=[pk]))

    def filled(self, facts: StepFacts, sent: Sent) -> tuple[Filled, NeedsReason | None]:
        """What was sent and fits its field, and what a corrective action still lacks."""
        data, files = self.request.POST, self.request.FILES
        keys = [one.key for one in facts.text.fields if one.key not in sent.errors]
        if self.only:
            keys = [key for key in keys if key == self.only]
        corrections, notes, evidence = {}, {}, []
        lacking = None
        for key in keys:
            if f"note.{key}" in data:
                notes[key] = data[f"note.{key}"]
            evidence += files.getlist(f"evidence.{key}")
            if data.get(f"action.{key}", "").strip():
                try:
                    corrections[key] = self.correction(key, data)
                except NeedsReason as error:
                    lacking = error
        values = {key: value for key, value in sent.values.items() if key in keys}
        # A note may come without its field: by itself, as soon as it is written
        for key in notes:
            if key not in values and key in facts.answers:
                values[key] = facts.answers[key].value
        return Filled(values, sent.uploads, evidence, notes, corrections), lacking

    def level(self, facts: StepFacts, key: str) -> str | None:
        """Whether an answer was beyond a limit, or had failed."""
        [one] = [drawn for drawn in drawn_fields(facts.text.fields, hidden=facts.hidden) if drawn.key == key]
        level: str | None = self.beyond(facts, one).get("level")
        return level

    def correction(self, key: str, data: Mapping[str, str]) -> Correction:
        """Who corrects a failed answer, and by when: the end of that day."""
        number = data.get(f"owner.{key}", "")
        owners = Member.objects.visible_to(self.actor).filter(is_active=True)
        owner = owners.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
        try:
            day = parse_date(data.get(f"action_due.{key}", ""))
        except ValueError:
            day = None
        zone = timezone.get_current_timezone()
        due_at = datetime.combine(day, time(23, 59), zone) if day else None
        if owner is None or due_at is None:
            raise NeedsReason(_("Say who corrects it, and by when."), field=key)
        return Correction(data[f"action.{key}"], owner, due_at)

    def said(self, pk: int, before: StepFacts, sent: Sent, problem: str) -> HttpResponse:
        """What became of one field, with those that now apply or no longer do."""
        step = self.load(pk)
        context = self.context(step)
        after: StepFacts = context["facts"]
        moved = {
            one.key
            for one in after.text.fields
            if (one.key in before.hidden) != (one.key in after.hidden) or (one.key in sent.uploads and not problem)
        }
        context |= {
            "problem": problem or next(iter(sent.errors.values()), ""),
            "moved": [pair for pair in context["fields"] if pair[0].key in moved],
            "beyond": [
                pair
                for pair, old in zip(context["fields"], before.text.fields, strict=True)
                if pair[1].get("level") != self.level(before, old.key)
            ],
        }
        return render(self.request, "processes/_step_said.html", context)
