"""Figures entered by hand: first values, corrections with their reason, and periods in which there is nothing to enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.choices import BatchStatus, ColumnRole, EntryMark, Source
from metrics.engine.entry_figures import out_of_bounds
from metrics.errors import BadEntry
from metrics.events import FIGURES_ENTERED
from metrics.models import EntryChange, EntryPlan, EntryWaiver, ImportBatch
from metrics.queries.entries import CellKey, Place, PlanFacts, newest_steps, periods_of, plan_facts, row_key
from metrics.queries.entry_words import refusal_sentence
from metrics.services.entry_work import follow_plan
from metrics.services.loading import Loader
from organization.access import Actor, can
from organization.choices import ActorKind
from organization.engine.periods import Period
from organization.errors import NotAllowed
from organization.models import Department, Organization, RoleAssignment
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import use_case

MOST_CELLS = 2_000
LONGEST_REASON = 500
SAVED, UNCHANGED, NEEDS_REASON, CONFLICT, REFUSED = "saved", "unchanged", "needs_reason", "conflict", "refused"


@dataclass(frozen=True)
class Cell:
    """A figure to enter; None empties the cell. version: the newest step that the editor saw, 0 for none."""

    column_id: int
    department_id: Place
    starts_on: date
    value: Decimal | None
    version: int = 0

    @property
    def key(self) -> CellKey:
        return self.column_id, self.department_id, self.starts_on


@dataclass(frozen=True)
class Outcome:
    """What became of a cell: saved, unchanged, needs_reason, conflict or refused, with the sentence for the screen.

    before: the figure that stands where it was not saved, that was replaced where it was. version: to send next time.
    """

    cell: Cell
    status: str
    message: str = ""
    before: Decimal | None = None
    version: int = 0


@use_case("metrics.entry.write")
def enter_figures(actor: Actor, plan: EntryPlan, *, cells: Sequence[Cell], reason: str = "") -> list[Outcome]:
    """Store what can be stored, and say of each other cell why it cannot; nothing is lost by its neighbour's fault.

    A first figure needs no reason; to change one, or to empty it, does: without it the outcome is `needs_reason`. A cell
    that somebody changed meanwhile is a `conflict`, unless both say the same. Raises NotAllowed for somebody who neither
    owes the figures nor may edit the dataset, BadEntry for too many cells.
    """
    _check_enterer(actor, plan)
    if len(cells) > MOST_CELLS:
        raise BadEntry(_("Enter at most %(most)d figures at once.") % {"most": MOST_CELLS})
    return _Entering(actor, plan, reason.strip()[:LONGEST_REASON]).run(cells)


@use_case("metrics.entry.write")
def waive_period(
    actor: Actor, plan: EntryPlan, *, starts_on: date, department: Department | None = None, reason: str
) -> EntryWaiver:
    """Note that there is nothing to enter in a period, and why. Raises BadEntry where a figure stands already."""
    _check_enterer(actor, plan)
    plan = EntryPlan.objects.select_for_update(of=("self",)).select_related("dataset__department").get(pk=plan.pk)
    if not reason.strip():
        raise BadEntry(_("Say why there is nothing to enter."), field="reason")
    place = department.pk if department else None
    facts, _period = _facts_of(plan, starts_on, place)
    if any((column.pk, place, starts_on) in facts.values for column in facts.columns):
        raise BadEntry(_("There is a figure already. Empty it first."), field="reason")
    waiver, is_new = EntryWaiver.objects.get_or_create(
        plan=plan,
        department=department,
        starts_on=starts_on,
        defaults={"reason": reason.strip()[:LONGEST_REASON], "made_by_id": actor.member_id},
    )
    if is_new:
        _note(actor, plan, starts_on, place, EntryMark.WAIVED, waiver.reason)
        follow_plan(actor, plan, as_of=timezone.now())
    return waiver


@use_case("metrics.entry.write")
def expect_again(actor: Actor, plan: EntryPlan, *, starts_on: date, department: Department | None = None) -> EntryPlan:
    """Take back that there is nothing to enter in a period; where nothing was waived, nothing changes."""
    _check_enterer(actor, plan)
    plan = EntryPlan.objects.select_for_update(of=("self",)).select_related("dataset__department").get(pk=plan.pk)
    gone, _kinds = EntryWaiver.objects.filter(plan=plan, department=department, starts_on=starts_on).delete()
    if gone:
        _note(actor, plan, starts_on, department.pk if department else None, EntryMark.EXPECTED, "")
        follow_plan(actor, plan, as_of=timezone.now())
    return plan


class _Entering:
    """One saving of cells, in one batch of the one loader."""

    def __init__(self, actor: Actor, plan: EntryPlan, reason: str) -> None:
        self.actor, self.reason = actor, reason
        self.as_of = timezone.now()
        found = EntryPlan.objects.select_for_update(of=("self",)).select_related("dataset__department")
        self.plan = found.get(pk=plan.pk)
        self.rule = Organization.objects.get(pk=actor.organization_id).period_rule

    def run(self, cells: Sequence[Cell]) -> list[Outcome]:
        known = {period.first_on: period for period in periods_of(self.plan, self.rule, self.as_of)}
        touched = [known[day] for day in sorted({cell.starts_on for cell in cells}) if day in known]
        self.facts = plan_facts(self.plan, touched, self.rule)
        self.steps = newest_steps(self.plan, touched)
        self.columns = {column.pk: column for column in self.facts.columns}
        self.places = {place.pk if place else None for place in self.facts.places}
        outcomes = [self._judged(cell, known) for cell in cells]
        saved = [outcome for outcome in outcomes if outcome.status == SAVED]
        if not saved:
            return outcomes
        made = {step.pk: step for step in self._store(saved, known)}
        versions = {(step.column_id, step.department_id, step.starts_on): pk for pk, step in made.items()}
        follow_plan(self.actor, self.plan, as_of=self.as_of)
        return [
            Outcome(item.cell, SAVED, item.message, item.before, versions[item.cell.key])
            if item.status == SAVED
            else item
            for item in outcomes
        ]

    def _judged(self, cell: Cell, known: dict[date, Period]) -> Outcome:
        column = self.columns.get(cell.column_id)
        if column is None or cell.department_id not in self.places or cell.starts_on not in known:
            return Outcome(cell, REFUSED, _("There is no such cell."))
        before = self.facts.values.get(cell.key)
        step = self.steps.get(cell.key)
        version = step.id if step else 0
        if before == cell.value:
            return Outcome(cell, UNCHANGED, "", before, version)
        if (cell.department_id, cell.starts_on) in self.facts.waived:
            return Outcome(cell, REFUSED, _("This period is marked as not applicable."), before, version)
        fault = None if cell.value is None else out_of_bounds(cell.value, column.lowest, column.highest)
        if fault is not None:
            return Outcome(cell, REFUSED, refusal_sentence(fault, column), before, version)
        if version != cell.version:
            by = step.by if step else ""
            sentence = _("%(name)s has entered another figure meanwhile.") % {"name": by or _("Somebody")}
            return Outcome(cell, CONFLICT, sentence, before, version)
        if before is not None and not self.reason:
            return Outcome(cell, NEEDS_REASON, _("Say why the figure changes."), before, version)
        return Outcome(cell, SAVED, "", before, version)

    def _store(self, saved: Sequence[Outcome], known: dict[date, Period]) -> list[EntryChange]:
        dataset = self.plan.dataset
        batch = ImportBatch.objects.create(
            dataset=dataset,
            reference=next_reference("ENT"),
            source=Source.ENTRY,
            status=BatchStatus.DONE,
            started_by_id=self.actor.member_id,
            rows_read=len(saved),
            loaded_at=self.as_of,
        )
        columns = list(dataset.columns.all())
        loader = Loader(dataset, columns, batch, is_patient=False)
        dataset.refresh_from_db()  # another load may have ended while this one waited for its turn
        values = self.facts.values | {outcome.cell.key: outcome.cell.value for outcome in saved}
        rows = sorted({(item.cell.starts_on, item.cell.department_id) for item in saved}, key=str)
        codes = {place.pk: place.code for place in self.facts.places if place}
        loader.add(
            [known[starts_on].start for starts_on, _place in rows],
            [row_key(starts_on, place) for starts_on, place in rows],
            {
                column.key: [_digits(values.get((column.pk, place, starts_on))) for starts_on, place in rows]
                for column in self.facts.columns
            },
            {
                column.key: [codes.get(place or 0) for _starts_on, place in rows]
                for column in columns
                if column.role == ColumnRole.DEPARTMENT
            },
        )
        counts = loader.merge()
        batch.rows_created, batch.rows_updated = counts.created, counts.updated
        batch.save(update_fields=["rows_created", "rows_updated"])
        made = EntryChange.objects.bulk_create(self._step(outcome, batch) for outcome in saved)
        facts = [[str(step.starts_on), step.department_id, step.column_id, step.before, step.after] for step in made]
        events.emit(self.actor, FIGURES_ENTERED, self.plan, dataset=dataset.pk, figures=len(made))
        audit.record(self.actor, "metrics.figures.entered", self.plan, batch=batch.pk, figures=facts)
        return made

    def _step(self, outcome: Outcome, batch: ImportBatch) -> EntryChange:
        is_correction = outcome.before is not None
        return EntryChange(
            plan=self.plan,
            column_id=outcome.cell.column_id,
            department_id=outcome.cell.department_id,
            starts_on=outcome.cell.starts_on,
            mark=EntryMark.CORRECTED if is_correction else EntryMark.ENTERED,
            before=outcome.before,
            after=outcome.cell.value,
            reason=self.reason if is_correction else "",
            batch=batch,
            made_by_id=self.actor.member_id,
            made_at=self.as_of,
        )


def _check_enterer(actor: Actor, plan: EntryPlan) -> None:
    """Those who owe the figures, by name or by role, and those who may edit the dataset."""
    if actor.kind == ActorKind.SYSTEM or plan.member_id == actor.member_id:
        return
    if plan.role_id and RoleAssignment.objects.filter(member_id=actor.member_id, role_id=plan.role_id).exists():
        return
    if not can(actor, "metrics.dataset.edit", plan.dataset):
        raise NotAllowed(_("These figures are entered by somebody else."))


def _facts_of(plan: EntryPlan, starts_on: date, place: Place) -> tuple[PlanFacts, Period]:
    """The facts of one period. Raises BadEntry where the plan has no such period or place."""
    rule = Organization.objects.get(pk=plan.organization_id).period_rule
    found = [period for period in periods_of(plan, rule, timezone.now()) if period.first_on == starts_on]
    facts = plan_facts(plan, found, rule)
    if not found or place not in {row.pk if row else None for row in facts.places}:
        raise BadEntry(_("There is no such cell."))
    return facts, found[0]


def _note(actor: Actor, plan: EntryPlan, starts_on: date, place: Place, mark: EntryMark, reason: str) -> None:
    EntryChange.objects.create(
        plan=plan,
        department_id=place,
        starts_on=starts_on,
        mark=mark,
        reason=reason,
        made_by_id=actor.member_id,
    )
    audit.record(actor, f"metrics.period.{mark}", plan, starts_on=starts_on, department=place)


def _digits(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
