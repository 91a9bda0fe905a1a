"""What people enter by hand: the plans that concern somebody, and the grid of one with every cell's state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from metrics.choices import ColumnRole, EntryMark, GrainCode, Unit
from metrics.engine.entry_dues import CellState, due_at, state_of
from metrics.engine.entry_figures import written_figure
from metrics.models import Dataset, DatasetColumn, EntryChange, EntryPlan, EntryWaiver, Kpi, Observation
from metrics.queries.buckets import GRAINS
from organization.access import Actor
from organization.engine.local_time import day_start
from organization.engine.periods import Period, PeriodRule, period_of, periods, shift
from organization.engine.working_time import WorkingCalendar
from organization.models import Department, RoleAssignment
from organization.queries.calendars import working_calendar
from organization.tenancy import TenantQuerySet

# As far back as anybody is reminded; what is older can still be entered
MOST_OWED = 400
SHOWN = {GrainCode.DAY: 7, GrainCode.WEEK: 6, GrainCode.MONTH: 6, GrainCode.QUARTER: 6, GrainCode.YEAR: 5}
Place = int | None
CellKey = tuple[int, Place, date]


@dataclass(frozen=True)
class Step:
    """One step in the life of a cell."""

    id: int
    mark: str
    before: Decimal | None
    after: Decimal | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CellView:
    """A cell. version: of its newest step, 0 where it has none; text: as it is edited; last: who entered it when."""

    column_id: int
    department_id: Place
    starts_on: date
    state: CellState
    value: Decimal | None
    text: str
    due_at: datetime
    version: int
    waived_why: str = ""
    last: Step | None = None

    @property
    def key(self) -> str:
        """What names the cell in forms: column, department (0: the whole), first day."""
        return cell_key(self.column_id, self.department_id, self.starts_on)


@dataclass(frozen=True)
class Line:
    """A row of the grid: one figure, of one department or of the whole."""

    column: DatasetColumn
    department: Department | None
    cells: list[CellView]


@dataclass(frozen=True)
class EntryGrid:
    """Some periods of a plan. earlier, later: the first day of the neighbouring stretch, None where there is none."""

    plan: EntryPlan
    periods: list[Period]
    lines: list[Line]
    earlier: date | None
    later: date | None

    def count(self, state: CellState) -> int:
        """How many cells stand so."""
        return sum(cell.state is state for line in self.lines for cell in line.cells)

    @property
    def overdue(self) -> int:
        return self.count(CellState.OVERDUE)

    @property
    def missing(self) -> int:
        return self.count(CellState.MISSING)


@dataclass
class PlanFacts:
    """What the cells of a plan rest on, read once."""

    plan: EntryPlan
    columns: list[DatasetColumn]
    places: list[Department | None]
    rule: PeriodRule
    calendar: WorkingCalendar
    values: dict[CellKey, Decimal] = field(default_factory=dict)
    waived: dict[tuple[Place, date], EntryWaiver] = field(default_factory=dict)

    def is_filled(self, place: Place, starts_on: date) -> bool:
        """Whether every figure of a department's period is there."""
        return all((column.pk, place, starts_on) in self.values for column in self.columns)

    def is_owed(self, starts_on: date) -> bool:
        """Whether any figure of the period is neither there nor waived."""
        ids = [place.pk if place else None for place in self.places]
        return any(not self.is_filled(pk, starts_on) and (pk, starts_on) not in self.waived for pk in ids)


def entry_plans(actor: Actor) -> TenantQuerySet:
    """The plans that concern the actor: their own to enter, by name or by role, and those on datasets they may edit."""
    borne = RoleAssignment.objects.filter(member_id=actor.member_id).values("role")
    own = Q(member_id=actor.member_id) | Q(role__in=borne)
    editable = Q(dataset__in=Dataset.objects.visible_to(actor, "metrics.dataset.edit").values("pk"))
    visible = EntryPlan.objects.visible_to(actor).select_related("dataset__department", "member", "role", "department")
    return visible if actor.is_system else visible.filter(own | editable)


def entry_plan_of(actor: Actor, kpi: Kpi) -> EntryPlan | None:
    """The plan by which the figures of a KPI are entered, where it concerns the actor."""
    return entry_plans(actor).filter(is_active=True, dataset__kpi_versions__kpi=kpi).first()


def row_key(starts_on: date, place: Place) -> str:
    """The key of the row that holds the figures of a period (of a department)."""
    return f"{starts_on.isoformat()}:{place}" if place else starts_on.isoformat()


def cell_key(column_id: int, place: Place, starts_on: date) -> str:
    """What names a cell in forms."""
    return f"{column_id}.{place or 0}.{starts_on.isoformat()}"


def periods_of(plan: EntryPlan, rule: PeriodRule, as_of: datetime) -> list[Period]:
    """Every period from the plan's first one to the running one."""
    grain = GRAINS[GrainCode(plan.grain)]
    running = period_of(grain, as_of, rule)
    return periods(grain, day_start(plan.starts_on, rule.timezone), running.end, rule)


def plan_facts(plan: EntryPlan, found: Sequence[Period], rule: PeriodRule) -> PlanFacts:
    """Columns, places, values and waivers of a plan in these periods, in a fixed number of statements."""
    columns = [
        column
        for column in DatasetColumn.objects.filter(dataset_id=plan.dataset_id)
        if column.role == ColumnRole.MEASURE and column.slot
    ]
    places: list[Department | None] = [
        row.department for row in plan.places.select_related("department").order_by("department__path")
    ]
    facts = PlanFacts(plan, columns, places or [None], rule, working_calendar(plan.dataset.department))
    if not found:
        return facts
    slots = [column.slot for column in columns]
    rows = Observation.objects.filter(
        dataset_id=plan.dataset_id, observed_at__gte=found[0].start, observed_at__lt=found[-1].end
    ).values_list("row_key", *slots)
    named = {
        row_key(period.first_on, place.pk if place else None): (place.pk if place else None, period.first_on)
        for period in found
        for place in facts.places
    }
    for key, *values in rows:
        if key in named:
            place, starts_on = named[key]
            facts.values |= {
                (column.pk, place, starts_on): value
                for column, value in zip(columns, values, strict=True)
                if value is not None
            }
    waivers = EntryWaiver.objects.filter(plan=plan, starts_on__gte=found[0].first_on)
    facts.waived = {(row.department_id, row.starts_on): row for row in waivers}
    return facts


def entry_grid(plan: EntryPlan, *, as_of: datetime, rule: PeriodRule, until: date | None = None) -> EntryGrid:
    """The newest periods, or those that end with the one that holds `until`. plan: of `entry_plans`."""
    size = SHOWN[GrainCode(plan.grain)]
    everything = periods_of(plan, rule, as_of)
    upto = [period for period in everything if until is None or period.first_on <= until]
    found = (upto or everything[:1])[-size:]
    facts = plan_facts(plan, found, rule)
    steps = newest_steps(plan, found)
    lines = [
        Line(column, place, [_cell(facts, steps, column, place, period, as_of) for period in found])
        for place in facts.places
        for column in facts.columns
    ]
    first, last = found[0], found[-1]
    earlier = shift(first, -1, rule).first_on if first.first_on > everything[0].first_on else None
    later = min(shift(last, size, rule).first_on, everything[-1].first_on) if last != everything[-1] else None
    return EntryGrid(plan, found, lines, earlier, later)


def newest_steps(plan: EntryPlan, found: Sequence[Period]) -> dict[CellKey, Step]:
    """The newest step of each cell; of a waiver, it is that of all cells of the department's period."""
    if not found:
        return {}
    rows = (
        EntryChange.objects.filter(plan=plan, starts_on__gte=found[0].first_on, starts_on__lte=found[-1].first_on)
        .exclude(column=None)
        .order_by("column_id", "department_id", "starts_on", "-id")
        .distinct("column_id", "department_id", "starts_on")
        .select_related("made_by")
    )
    return {(row.column_id, row.department_id, row.starts_on): step_of(row) for row in rows}


def cell_history(plan: EntryPlan, column_id: int, place: Place, starts_on: date) -> list[Step]:
    """Every step of a cell, the newest first, waivers of its period among them."""
    rows = EntryChange.objects.filter(plan=plan, department_id=place, starts_on=starts_on)
    mine = rows.filter(Q(column_id=column_id) | Q(column=None))
    return [step_of(row) for row in mine.select_related("made_by").order_by("-id")]


def step_of(row: EntryChange) -> Step:
    """A step with the name of who took it."""
    by = row.made_by.name if row.made_by else ""
    return Step(row.pk, str(EntryMark(row.mark).label), row.before, row.after, row.reason, by, row.made_at)


def owed(plans: Iterable[EntryPlan], *, as_of: datetime, rule: PeriodRule) -> dict[int, list[tuple[Period, datetime]]]:
    """By plan the periods that lack a figure, the oldest first, with when each is due; the running one among them."""
    found: dict[int, list[tuple[Period, datetime]]] = defaultdict(list)
    for plan in plans:
        stretch = periods_of(plan, rule, as_of)[-MOST_OWED:]
        facts = plan_facts(plan, stretch, rule)
        for period in stretch:
            if facts.is_owed(period.first_on):
                found[plan.pk].append((period, due_at(period, plan.due_days, facts.calendar)))
    return dict(found)


def plan_rows(actor: Actor, *, q: str = "", with_ended: bool = False) -> TenantQuerySet:
    """The actor's plans for the list; what is owed soonest comes first. with_ended: those by which nothing is due too."""
    found = entry_plans(actor) if with_ended else entry_plans(actor).filter(is_active=True)
    if text := q.strip().replace("\0", ""):
        found = found.filter(Q(dataset__name__icontains=text) | Q(dataset__name_zh__icontains=text))
    return found.annotate(awaited_at=F("dataset__awaited_at"))


def is_percent(column: DatasetColumn) -> bool:
    """Whether its figures are typed as percentages."""
    return column.unit == Unit.PERCENT


def _cell(
    facts: PlanFacts,
    steps: dict[CellKey, Step],
    column: DatasetColumn,
    place: Department | None,
    period: Period,
    as_of: datetime,
) -> CellView:
    pk = place.pk if place else None
    key: Any = (column.pk, pk, period.first_on)
    value, step, waiver = facts.values.get(key), steps.get(key), facts.waived.get((pk, period.first_on))
    due = due_at(period, facts.plan.due_days, facts.calendar)
    return CellView(
        column_id=column.pk,
        department_id=pk,
        starts_on=period.first_on,
        state=state_of(period, due=due, is_filled=value is not None, is_waived=waiver is not None, as_of=as_of),
        value=value,
        text=written_figure(value, is_percent=is_percent(column)),
        due_at=due,
        version=step.id if step else 0,
        waived_why=waiver.reason if waiver else "",
        last=step,
    )
