"""What holds between the parts of a procedure: keys stand once, references lead somewhere, nothing goes in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time

from metrics.engine.translation import N_
from processes.engine.content.field_settings import ChoiceSettings
from processes.engine.content.kinds import (
    NEED_REFERENCE,
    OPERATORS,
    WITHOUT_REFERENCE,
    ApprovalMode,
    DueOrigin,
    FieldKind,
    StepOrder,
    Who,
)
from processes.engine.content.limits import MOST_ALL_FIELDS, MOST_STEPS
from processes.engine.content.model import ApprovalRule, DueRule, Field, Procedure, Responsible, Section, Step
from processes.engine.content.problems import Place, Problem
from processes.engine.content.rules import as_decimal
from processes.engine.content.tree import AllOf, AnyOf, Comparison, Condition, comparisons


@dataclass(frozen=True, slots=True)
class _Known:
    """Where a field stands: its position in the text, and the repeated section that it belongs to."""

    field: Field
    step: Step
    repeated_in: str = ""


@dataclass(slots=True)
class _Checker:
    procedure: Procedure
    problems: list[Problem] = field(default_factory=list)
    seen: dict[str, _Known] = field(default_factory=dict)
    every_field: dict[str, _Known] = field(default_factory=dict)
    every_step: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, str] = field(default_factory=dict)

    def check(self) -> list[Problem]:
        self._index()
        if self.problems:
            return self.problems
        for s, section in enumerate(self.procedure.sections):
            place = Place(self.problems, f"sections[{s}]", section.key)
            self._section(section, place)
            for t, step in enumerate(section.steps):
                self._step(section, step, place.at("steps").item(t).within(step.key))
        if due := self.procedure.rules.due:
            place = Place(self.problems, "rules.due")
            if due.origin in (DueOrigin.STEP, DueOrigin.RUN_DUE):
                place.at("origin").wrong(N_("A run is due by its start or by a date field."))
            else:
                self._due(due, place, "", "")
        if not self.problems:
            self._circles()
        return self.problems

    def _index(self) -> None:
        whole = Place(self.problems)
        sections: set[str] = set()
        for s, section in enumerate(self.procedure.sections):
            place = whole.at(f"sections[{s}]").within(section.key)
            self._once(section.key, sections, place)
            for t, step in enumerate(section.steps):
                here = place.at("steps").item(t).within(step.key)
                self._once(step.key, set(self.every_step), here)
                self.every_step.setdefault(step.key, len(self.every_step))
                row_of = section.key if section.repeats else ""
                self.repeated[step.key] = row_of
                for f, one in enumerate(step.fields):
                    self._once(one.key, set(self.every_field), here.at("fields").item(f).within(one.key))
                    self.every_field.setdefault(one.key, _Known(one, step, row_of))
            sections.add(section.key)
        if len(self.every_step) > MOST_STEPS:
            whole.at("sections").wrong(N_("A procedure has at most %(most)d steps."), most=MOST_STEPS)
        if len(self.every_field) > MOST_ALL_FIELDS:
            whole.at("sections").wrong(N_("A procedure has at most %(most)d fields."), most=MOST_ALL_FIELDS)

    @staticmethod
    def _once(key: str, taken: set[str], place: Place) -> None:
        if key in taken:
            place.at("key").wrong(N_("The key “%(key)s” is taken."), key=key)

    def _section(self, section: Section, place: Place) -> None:
        if section.repeats and section.repeats.least > section.repeats.most:
            place.at("repeats").wrong(N_("The smallest number is above the largest."))
        # Whether a section is shown is asked once, not once a row
        self._condition(section.condition, place.at("condition"), row_of="")

    def _step(self, section: Section, step: Step, place: Place) -> None:
        row_of = section.key if section.repeats else ""
        self._condition(step.condition, place.at("condition"), row_of)
        if step.responsible:
            self._responsible(step.responsible, place.at("responsible"), row_of)
        if step.due:
            self._due(step.due, place.at("due"), step.key, row_of)
        for index, key in enumerate(step.after):
            self._earlier_or_other(key, step.key, row_of, place.at("after").item(index))
        if step.approval:
            self._approval(step, step.approval, place.at("approval"), row_of)
        for f, one in enumerate(step.fields):
            here = place.at("fields").item(f).within(one.key)
            self._condition(one.condition, here.at("condition"), row_of)
            if one.fail_when:
                own = Comparison(one.key, one.fail_when.operator, one.fail_when.value)
                _comparison(own, one, here.at("fail_when"))
            self.seen[one.key] = _Known(one, step, row_of)

    def _condition(self, condition: Condition | None, place: Place, row_of: str) -> None:
        for comparison, here in _walk(condition, place):
            known = self.seen.get(comparison.field)
            if known is None and comparison.field in self.every_field:
                here.at("field").wrong(
                    N_("This asks for “%(label)s”, which is answered only later."),
                    label=self.every_field[comparison.field].field.label,
                )
            elif known is None:
                here.at("field").wrong(
                    N_("This asks for the field “%(key)s”, which is not there."), key=comparison.field
                )
            elif known.repeated_in not in ("", row_of):
                here.at("field").wrong(
                    N_("“%(label)s” is answered once a row, so only its own section can ask for it."),
                    label=known.field.label,
                )
            else:
                _comparison(comparison, known.field, here)

    def _responsible(self, one: Responsible, place: Place, row_of: str) -> None:
        if one.who in NEED_REFERENCE and not one.reference:
            place.at("reference").wrong(N_("Who is meant is missing."))
        elif one.who in WITHOUT_REFERENCE and one.reference:
            place.at("reference").wrong(N_("This needs nothing more."))
        elif one.who is Who.FIELD:
            self._field_of(one.reference, (FieldKind.PERSON,), place.at("reference"), row_of)

    def _field_of(self, key: str, kinds: tuple[FieldKind, ...], place: Place, row_of: str) -> None:
        known = self.every_field.get(key)
        if known is None:
            place.wrong(N_("This asks for the field “%(key)s”, which is not there."), key=key)
        elif known.field.kind not in kinds:
            place.wrong(
                N_("“%(label)s” is a field of another kind; this needs: %(kinds)s."),
                label=known.field.label,
                kinds=", ".join(kinds),
            )
        elif known.repeated_in not in ("", row_of):
            place.wrong(
                N_("“%(label)s” is answered once a row, so only its own section can ask for it."),
                label=known.field.label,
            )

    def _due(self, due: DueRule, place: Place, own: str, row_of: str) -> None:
        if due.origin is DueOrigin.FIELD:
            self._field_of(due.field, (FieldKind.DATE,), place.at("field"), row_of)
        elif due.field:
            place.at("field").wrong(N_("This needs nothing more."))
        if due.origin is DueOrigin.STEP:
            self._earlier_or_other(due.step, own, row_of, place.at("step"))
        elif due.step:
            place.at("step").wrong(N_("This needs nothing more."))
        if due.origin is DueOrigin.RUN_DUE and self.procedure.rules.due is None:
            place.at("origin").wrong(N_("The run itself has no due date to count from."))

    def _earlier_or_other(self, key: str, own: str, row_of: str, place: Place) -> None:
        if key not in self.every_step:
            place.wrong(N_("This names the step “%(key)s”, which is not there."), key=key)
        elif key == own:
            place.wrong(N_("A step cannot wait for itself."))
        elif row_of == "" and self.repeated[key]:
            return  # waits for all rows
        elif self.repeated[key] not in ("", row_of):
            place.wrong(N_("A step in a row can wait only for steps of its own section and for those done once."))

    def _approval(self, step: Step, approval: ApprovalRule, place: Place, row_of: str) -> None:
        if not approval.approvers:
            place.at("approvers").wrong(N_("An approval needs at least one approver."))
        for index, one in enumerate(approval.approvers):
            here = place.at("approvers").item(index)
            if one.who is Who.GUEST:
                here.at("who").wrong(N_("A guest cannot approve."))
            self._responsible(one, here, row_of)
        if approval.mode is not ApprovalMode.COUNT and approval.count != 1:
            place.at("count").wrong(N_("A number of approvers goes with the mode “count” alone."))
        for index, key in enumerate(approval.send_back_to):
            here = place.at("send_back_to").item(index)
            self._earlier_or_other(key, step.key, row_of, here)
            if self.every_step.get(key, -1) > self.every_step[step.key]:
                here.wrong(N_("A step can be sent back only to one that stands before it."))

    def _circles(self) -> None:
        edges = waits(self.procedure)
        for s, section in enumerate(self.procedure.sections):
            for t, step in enumerate(section.steps):
                circle = _circle_through(step.key, edges)
                if circle:
                    titles = " → ".join(self.procedure.step(key).title for key in circle)
                    Place(self.problems, f"sections[{s}].steps[{t}]", step.key).wrong(
                        N_("These steps wait for each other: %(steps)s."), steps=titles
                    )
                    return


def reference_problems(procedure: Procedure) -> list[Problem]:
    """Everything that does not hold between the parts, in the order of the text; circles where all else is well."""
    return _Checker(procedure).check()


def _walk(condition: Condition | None, place: Place) -> Iterator[tuple[Comparison, Place]]:
    if isinstance(condition, Comparison):
        yield condition, place
    elif isinstance(condition, AllOf | AnyOf):
        name = "all" if isinstance(condition, AllOf) else "any"
        for index, part in enumerate(condition.parts):
            yield from _walk(part, place.at(name).item(index))


def _comparison(comparison: Comparison, of: Field, place: Place) -> None:
    if comparison.operator not in OPERATORS[of.kind]:
        place.at("is").wrong(
            N_("“%(label)s” can be compared by: %(choices)s."), label=of.label, choices=", ".join(OPERATORS[of.kind])
        )
        return
    values = comparison.value if isinstance(comparison.value, tuple) else (comparison.value,)
    for value in values:
        if value is not None and not _is_value(value, of):
            place.at("value").wrong(
                N_("“%(value)s” cannot be an answer of “%(label)s”."), value=value[:60], label=of.label
            )


def _is_value(value: str, of: Field) -> bool:
    try:
        if of.kind in (FieldKind.NUMBER, FieldKind.RATING):
            return as_decimal(value) is not None
        if of.kind is FieldKind.DATE:
            return bool(date.fromisoformat(value))
        if of.kind is FieldKind.TIME:
            return time.fromisoformat(value).tzinfo is None
    except ValueError:
        return False
    if isinstance(of.settings, ChoiceSettings):
        return value in {option.key for option in of.settings.options}
    return True


def waits(procedure: Procedure) -> dict[str, set[str]]:
    """By step key, the keys of the steps that it builds upon.

    They are those it comes after, those whose answers it asks for, the one its due time counts from, and where the order
    is strict the one above it.
    """
    return dict(_waits(procedure))


def _waits(procedure: Procedure) -> Iterator[tuple[str, set[str]]]:
    step_of = {field.key: step.key for _, step, field in procedure.fields()}
    above = ""
    for section, step in procedure.steps():
        asked = [*comparisons(section.condition), *comparisons(step.condition)]
        asked += [one for field in step.fields for one in comparisons(field.condition)]
        needs = {step_of[one.field] for one in asked} | set(step.after)
        for who in (step.responsible, *(step.approval.approvers if step.approval else ())):
            if who is not None and who.who is Who.FIELD:
                needs.add(step_of[who.reference])
        if step.due and step.due.origin is DueOrigin.STEP:
            needs.add(step.due.step)
        if procedure.rules.order is StepOrder.STRICT and above:
            needs.add(above)
        above = step.key
        yield step.key, needs - {step.key}


def _circle_through(start: str, edges: dict[str, set[str]]) -> list[str]:
    """The keys of a shortest circle through `start`, which stands at both ends; empty where there is none."""
    paths, seen = [[start]], {start}
    while paths:
        path = paths.pop(0)
        for following in sorted(edges[path[-1]]):
            if following == start:
                return [*path, start]
            if following not in seen:
                seen.add(following)
                paths.append([*path, following])
    return []
