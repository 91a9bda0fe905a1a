"""Figures entered by hand: kept, corrected with a reason, waived, owed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from metrics.choices import GrainCode, RowKey
from metrics.engine.entry_dues import CellState
from metrics.errors import BadEntry
from metrics.models import Dataset, DatasetColumn, EntryChange, EntryPlan, EntryWaiver, Observation, ReplacedObservation
from metrics.queries.entries import cell_history, entry_grid, entry_plans
from metrics.queries.known_on import KnownOn
from metrics.queries.series import Ask, Reader, Window, reader_of
from metrics.services import entry_work
from metrics.services.entries import enter_figures, expect_again, waive_period
from metrics.services.entry_plans import PlanSpec, change_plan, plan_entry
from metrics.services.entry_work import follow_plan
from organization.access import Actor
from organization.choices import BuiltInRole, Outcome
from organization.engine.periods import Grain, period_of, periods
from organization.errors import NotAllowed, NotVisible, StateConflict
from organization.models import AuditEntry, Organization, Role, WorkItem
from organization.queries.work import my_work
from organization.services.departments import create_department
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_actor, make_member
from tests.factories.metrics import make_dataset
from tests.metrics.entering import cell, enter, make_entered
from tests.metrics.helpers import recompute

JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def values_of(kpi: Any, organization: Organization, grain: Grain = Grain.MONTH, known: Any = None) -> list[Any]:
    """The KPI's values in the first quarter of 2026."""
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    ask = Ask(kpi.pk, Window(tuple(periods(grain, start, end, organization.period_rule))))
    reader = reader_of([kpi.pk], known)
    reader.load([ask])
    return reader.series(ask).values


def test_m4_a_first_figure_needs_no_reason_and_is_an_observation(scope: Organization, owner: Actor) -> None:
    kpi, plan = make_entered(owner, scope)

    outcome = enter(owner, plan, FEB, "12.5")
    recompute(plan.dataset)

    assert (outcome.status, outcome.before) == ("saved", None)
    row = Observation.objects.get()
    assert (row.row_key, row.m1, row.observed_at) == ("2026-02-01", Decimal("12.5"), datetime(2026, 2, 1, tzinfo=UTC))
    step = EntryChange.objects.get()
    assert (step.pk, step.after, step.made_by_id) == (outcome.version, Decimal("12.5"), owner.member_id)
    assert values_of(kpi, scope) == [None, Decimal("12.5"), None]


def test_m4_a_correction_needs_a_reason_and_keeps_the_old_figure(scope: Organization, owner: Actor) -> None:
    _kpi, plan = make_entered(owner, scope)
    first = enter(owner, plan, FEB, 12)

    asked = enter(owner, plan, FEB, 14, version=first.version)
    after_asking = Observation.objects.get().m1
    saved = enter(owner, plan, FEB, 14, "Two were counted late", version=first.version)

    assert (asked.status, asked.before, asked.message) == ("needs_reason", Decimal(12), "Say why the figure changes.")
    assert after_asking == Decimal(12)
    assert (saved.status, saved.before) == ("saved", Decimal(12))
    assert ReplacedObservation.objects.get().m1 == Decimal(12)
    history = cell_history(plan, cell(plan, FEB, 0).column_id, None, FEB)
    assert [(step.before, step.after, step.reason) for step in history] == [
        (Decimal(12), Decimal(14), "Two were counted late"),
        (None, Decimal(12), ""),
    ]


def test_m4_a_page_as_known_before_shows_the_figure_before_its_correction(scope: Organization, owner: Actor) -> None:
    kpi, plan = make_entered(owner, scope)
    first = enter(owner, plan, JAN, 12)
    known = KnownOn(timezone.now(), timezone.localdate())
    enter(owner, plan, JAN, 14, "Counted again", version=first.version)
    enter(owner, plan, FEB, 3)
    recompute(plan.dataset)

    assert values_of(kpi, scope, known=known) == [Decimal(12), None, None]
    assert values_of(kpi, scope) == [Decimal(14), Decimal(3), None]


def test_m4_two_who_enter_at_once_lose_nothing(scope: Organization, owner: Actor) -> None:
    _kpi, plan = make_entered(owner, scope)
    other = make_actor(BuiltInRole.MANAGER)
    enter(owner, plan, FEB, 12)

    refused = enter(other, plan, FEB, 13, "Mine")
    same = enter(other, plan, FEB, 12)

    assert (refused.status, refused.before) == ("conflict", Decimal(12))
    assert refused.message == f"{owner.name} has entered another figure meanwhile."
    assert same.status == "unchanged"
    assert Observation.objects.get().m1 == Decimal(12)
    assert enter(other, plan, FEB, 13, "Mine", version=refused.version).status == "saved"


def test_m4_a_wrong_cell_does_not_take_its_neighbours_with_it(scope: Organization, owner: Actor) -> None:
    _kpi, plan = make_entered(owner, scope, lowest=Decimal(0), highest=Decimal(100))

    outcomes = enter_figures(
        owner,
        plan,
        cells=[cell(plan, JAN, 5), cell(plan, FEB, 101), cell(plan, MAR, -1), cell(plan, date(2026, 1, 5), 1)],
    )

    assert [(outcome.status, outcome.message) for outcome in outcomes] == [
        ("saved", ""),
        ("refused", "Complaints is at most 100."),
        ("refused", "Complaints is at least 0."),
        ("refused", "There is no such cell."),
    ]
    assert list(Observation.objects.values_list("row_key", "m1")) == [("2026-01-01", Decimal(5))]


def test_m4_an_emptied_cell_is_missing_again(scope: Organization, owner: Actor) -> None:
    kpi, plan = make_entered(owner, scope)
    first = enter(owner, plan, JAN, 0)
    recompute(plan.dataset)
    zero = values_of(kpi, scope)

    enter(owner, plan, JAN, None, "Wrong month", version=first.version)
    recompute(plan.dataset)

    assert zero == [Decimal(0), None, None]
    assert values_of(kpi, scope) == [None, None, None]
    assert plan_state(plan, scope, JAN) is CellState.OVERDUE


def test_m4_figures_of_departments_add_up_and_stand_apart(scope: Organization, owner: Actor) -> None:
    places = [create_department(owner, scope, name=code, code=code) for code in ("N", "S")]
    kpi, plan = make_entered(owner, scope, places=places)

    enter_figures(owner, plan, cells=[cell(plan, JAN, 3, place=places[0].pk), cell(plan, JAN, 4, place=places[1].pk)])
    recompute(plan.dataset)

    assert values_of(kpi, scope) == [Decimal(7), None, None]
    reader = Reader([kpi.pk])
    tree = next(column for column in reader.columns(kpi.pk) if column.by_department)
    january = periods(
        Grain.MONTH, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), scope.period_rule
    )
    ask = Ask(kpi.pk, Window(tuple(january)), split=tree.split)
    reader.load([ask])
    assert {part.key1: part.value for part in reader.parts(ask) or []} == {
        places[0].pk: Decimal(3),
        places[1].pk: Decimal(4),
    }


def test_m4_overdue_figures_stand_in_the_list_of_the_one_who_owes_them(scope: Organization, owner: Actor) -> None:
    member = make_member(BuiltInRole.STAFF)
    _kpi, plan = make_entered(owner, scope, member=member, due_days=3)
    follow_plan(owner, plan, as_of=datetime(2026, 3, 10, tzinfo=UTC))

    items = list(my_work(actor_of(member)).filter(occasion__lt="2026-03").order_by("occasion"))

    assert [(item.occasion, item.kind) for item in items] == [
        ("2026-01-01", "metrics.entry"),
        ("2026-02-01", "metrics.entry"),
    ]
    # The third working day after the end of January, 2026-01-31 being a Saturday
    assert items[0].due_at
    assert items[0].due_at.date() == date(2026, 2, 4)
    assert not my_work(actor_of(make_member(BuiltInRole.STAFF))).exists()
    plan.dataset.refresh_from_db()
    assert plan.dataset.awaited_at == items[0].due_at

    enter(actor_of(member), plan, JAN, 1)

    assert WorkItem.objects.get(occasion="2026-01-01").outcome == Outcome.DONE
    assert WorkItem.objects.get(occasion="2026-02-01").closed_at is None


def test_m4_what_is_owed_is_worked_out_anew_however_often(scope: Organization, owner: Actor) -> None:
    _kpi, plan = make_entered(owner, scope, starts_on=date(2026, 9, 1))
    now = timezone.now()
    follow_plan(owner, plan, as_of=now)
    items = list(WorkItem.objects.order_by("pk").values())
    entries = AuditEntry.objects.count()

    follow_plan(owner, plan, as_of=now)

    assert list(WorkItem.objects.order_by("pk").values()) == items
    assert AuditEntry.objects.count() == entries


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_m4_a_period_is_owed_once_it_has_ended(organization: Organization) -> None:
    with tenant_transaction(organization.pk):
        owner = make_actor("owner")
        make_entered(owner, organization, starts_on=timezone.localdate())
        before = WorkItem.objects.count()

    this_month = period_of(Grain.MONTH, timezone.now(), organization.period_rule)
    entry_work.follow_plans(as_of=this_month.end + timedelta(days=1))

    with tenant_transaction(organization.pk):
        assert before == 0
        assert WorkItem.objects.get().owner is None
        assert WorkItem.objects.get().role.key == BuiltInRole.MANAGER


def test_m4_a_period_without_a_figure_can_be_waived_and_expected_again(scope: Organization, owner: Actor) -> None:
    _kpi, plan = make_entered(owner, scope)

    waive_period(owner, plan, starts_on=JAN, reason="Not open yet")
    waived = plan_state(plan, scope, JAN)
    refused = enter(owner, plan, JAN, 5)
    with pytest.raises(BadEntry, match="Say why"):
        waive_period(owner, plan, starts_on=FEB, reason=" ")
    expect_again(owner, plan, starts_on=JAN)

    assert waived is CellState.WAIVED
    assert (refused.status, refused.message) == ("refused", "This period is marked as not applicable.")
    assert plan_state(plan, scope, JAN) is CellState.OVERDUE
    assert not EntryWaiver.objects.exists()
    marks = [step.mark for step in cell_history(plan, cell(plan, JAN, 0).column_id, None, JAN)]
    assert marks == ["Expected again", "Not applicable"]


def test_m4_only_who_owes_the_figures_or_edits_the_dataset_may_enter_them(scope: Organization, owner: Actor) -> None:
    _kpi, plan = make_entered(owner, scope, role=Role.objects.get(key=BuiltInRole.MANAGER))
    staff, manager = make_actor(BuiltInRole.STAFF), make_actor(BuiltInRole.MANAGER)
    auditor = make_actor(BuiltInRole.AUDITOR)

    with pytest.raises(NotAllowed):
        enter(staff, plan, JAN, 5)
    with pytest.raises((NotAllowed, NotVisible)):
        enter(auditor, plan, JAN, 5)

    assert Observation.objects.count() == 0
    assert enter(manager, plan, JAN, 5).status == "saved"
    assert (list(entry_plans(staff)), list(entry_plans(manager))) == ([], [plan])


def test_m4_a_plan_changes_hands_and_its_work_goes_with_it(scope: Organization, owner: Actor) -> None:
    member = make_member(BuiltInRole.STAFF)
    _kpi, plan = make_entered(owner, scope)
    follow_plan(owner, plan, as_of=timezone.now())
    facts: dict[str, Any] = {"due_days": 5, "member": member, "role": None, "department": None, "is_active": True}

    change_plan(owner, plan.dataset, version=1, **facts)
    with pytest.raises(StateConflict):
        change_plan(owner, plan.dataset, version=1, **facts)

    assert my_work(actor_of(member)).exists()
    assert not WorkItem.objects.filter(owner=None, closed_at=None).exists()


def test_m4_an_hourly_or_wordy_dataset_is_not_entered_by_hand(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    role = Role.objects.get(key=BuiltInRole.MANAGER)

    with pytest.raises(BadEntry, match="without properties"):
        plan_entry(owner, dataset, spec=PlanSpec(GrainCode.MONTH, JAN, role=role))
    with pytest.raises(BadEntry, match="person or the role"):
        make_entered(owner, scope, member=None)

    assert not EntryPlan.objects.exists()
    assert not Dataset.objects.filter(is_entered=True).exists()
    assert DatasetColumn.objects.filter(dataset__row_key=RowKey.COLUMNS, key="value").count() == 0


def test_m4_the_grid_costs_the_same_for_one_and_for_ten_figures(
    scope: Organization, owner: Actor, django_assert_num_queries: Any
) -> None:
    places = [create_department(owner, scope, name=f"D{number}", code=f"D{number}") for number in range(10)]
    _kpi, one = make_entered(owner, scope, places=places[:1])
    _kpi, ten = make_entered(owner, scope, places=places, key="others")
    for plan in (one, ten):
        first = plan.places.first()
        enter_figures(owner, plan, cells=[cell(plan, JAN, 5, place=first.department_id)])

    for plan in (one, ten):
        with django_assert_num_queries(8):
            entry_grid(plan, as_of=timezone.now(), rule=scope.period_rule)


def plan_state(plan: EntryPlan, organization: Organization, starts_on: date) -> CellState:
    """Where the cell of the period stands, seen from June 2026."""
    as_of = datetime(2026, 6, 10, tzinfo=UTC)
    grid = entry_grid(plan, as_of=as_of, rule=organization.period_rule, until=starts_on)
    return grid.lines[0].cells[-1].state
