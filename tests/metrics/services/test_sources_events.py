"""Own events as rows of a dataset: each once, those of the past too, in batches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from metrics.choices import SourceKind
from metrics.engine.source_plan import SourcePlan
from metrics.errors import BadSource, SourceState
from metrics.handlers import feed_own_events
from metrics.models import DataSource, ImportBatch, SourceDelivery, WaitingEvent
from metrics.queries.series import series, window
from metrics.services import source_events
from metrics.services.rollups import recompute_dataset
from metrics.services.source_run import run_source
from metrics.services.sources import change_source, create_source, run_now, settle_plan, switch_source
from organization.access import Actor
from organization.engine.periods import Grain, period_of, periods
from organization.models import Department, DomainEvent, EventDelivery, Member, Organization
from organization.services.events import Event, emit
from organization.services.outbox import _run
from tests.factories.metrics import make_kpi
from tests.metrics.importing import all_rows, column_of, imported

pytestmark = pytest.mark.django_db
LOADED, ADDED, MOVED = "metrics.batch_loaded", "organization.member_added", "organization.department_moved"
CSV = "Order Date,Country,Quantity\n" + "".join(f"2024-03-{day:02},France,{day}\n" for day in range(1, 13))


def make_events(actor: Actor, organization: Organization, *names: str) -> DataSource:
    return create_source(
        actor, organization, kind=SourceKind.EVENTS, name="What happens", settings={"events": list(names)}
    )


def happened(actor: Actor, organization: Organization, name: str, **values: Any) -> DomainEvent:
    """An event, delivered to the handler as a worker does."""
    event = emit(actor, name, organization)
    DomainEvent.objects.filter(pk=event.pk).update(**values)
    told(event)
    return event


def told(event: DomainEvent) -> None:
    feed_own_events(Event(event.pk, event.name, event.organization_id, "", None, {}))


def run(source: DataSource) -> bool:
    DataSource.objects.filter(pk=source.pk, next_run_at__isnull=False).update(next_run_at=timezone.now())
    return run_source(source.organization_id, source.pk)


def test_m5_each_event_of_a_chosen_kind_is_a_row_with_who_and_where(owner: Actor, scope: Organization) -> None:
    department = Department.objects.create(name="Sales", code="SAL", path="/1/")
    Member.objects.filter(pk=owner.member_id).update(department=department, name="Anna")
    source = make_events(owner, scope, LOADED, ADDED)
    moment = timezone.now() - timedelta(days=3)

    first = happened(owner, scope, LOADED, created_at=moment)
    second = happened(owner, scope, ADDED)
    happened(owner, scope, MOVED)
    assert run(source)

    assert [row[5] for row in all_rows(source.dataset)] == [str(first.pk), str(second.pk)]
    assert all_rows(source.dataset)[0][1] == moment
    assert column_of(source.dataset, "kind") == [LOADED, ADDED]
    assert column_of(source.dataset, "actor") == ["Anna", "Anna"]
    assert column_of(source.dataset, "department") == ["SAL", "SAL"]
    assert source.dataset.columns.get(key="department").values.get().department_id == department.pk
    delivery = SourceDelivery.objects.get()
    assert (delivery.rows_read, delivery.rows_created, delivery.status) == (2, 2, "done")


def test_m5_an_event_delivered_again_changes_nothing_and_rows_of_events_are_no_events(
    owner: Actor, scope: Organization
) -> None:
    source = make_events(owner, scope, LOADED)
    event = happened(owner, scope, LOADED)
    run(source)
    before = (all_rows(source.dataset), DomainEvent.objects.count(), ImportBatch.objects.count())

    told(event)
    told(event)
    assert WaitingEvent.objects.count() == 1
    run(source)

    assert (all_rows(source.dataset), DomainEvent.objects.count(), ImportBatch.objects.count()) == before
    assert WaitingEvent.objects.count() == 0
    source.refresh_from_db()
    assert source.next_run_at is None


def test_m5_the_outbox_brings_events_to_the_handler(owner: Actor, scope: Organization) -> None:
    source = make_events(owner, scope, ADDED)
    event = emit(owner, ADDED, scope)
    delivery = EventDelivery.objects.get(event=event, handler="metrics.handlers.feed_own_events")
    token = uuid4()
    EventDelivery.objects.filter(pk=delivery.pk).update(token=token)

    _run(delivery.pk, token)
    run(source)

    assert [row[5] for row in all_rows(source.dataset)] == [str(event.pk)]


def test_m5_events_of_the_past_come_along_once(owner: Actor, scope: Organization) -> None:
    past = emit(owner, ADDED, scope)

    source = make_events(owner, scope, ADDED)
    run(source)
    told(past)
    run(source)
    run_now(owner, source)
    run(source)

    assert [row[5] for row in all_rows(source.dataset)] == [str(past.pk)]


def test_m5_many_events_come_in_batches(owner: Actor, scope: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_events, "BATCH", 3)
    made = [emit(owner, ADDED, scope) for _number in range(7)]
    source = make_events(owner, scope, ADDED)

    assert [run(source), run(source), run(source), run(source)] == [True, True, True, False]

    assert len(all_rows(source.dataset)) == len(made)
    assert sorted(SourceDelivery.objects.values_list("rows_read", flat=True)) == [1, 3, 3]


def test_m5_what_happens_while_it_is_off_comes_when_it_is_on_again(owner: Actor, scope: Organization) -> None:
    source = make_events(owner, scope, ADDED)
    switch_source(owner, source, is_enabled=False)
    event = happened(owner, scope, ADDED)
    assert not run(source)
    assert all_rows(source.dataset) == []

    switch_source(owner, source, is_enabled=True)
    run(source)

    assert [row[5] for row in all_rows(source.dataset)] == [str(event.pk)]


def test_m5_another_kind_that_is_chosen_later_brings_its_past(owner: Actor, scope: Organization) -> None:
    source = make_events(owner, scope, ADDED)
    event = happened(owner, scope, MOVED)

    change_source(owner, source, name="What happens", settings={"events": [ADDED, MOVED]})
    run(source)

    assert [row[5] for row in all_rows(source.dataset)] == [str(event.pk)]
    with pytest.raises(BadSource):
        change_source(owner, source, name="What happens", settings={"events": ["metrics.nothing"]})
    with pytest.raises(SourceState):
        settle_plan(owner, source, plan=SourcePlan())


def test_m5_imports_a_week_is_a_kpi(owner: Actor, scope: Organization) -> None:
    source = make_events(owner, scope, LOADED)
    kpi = make_kpi(owner, scope, dataset=source.dataset, aggregation="count", filter=f'kind = "{LOADED}"')
    for number in range(3):
        imported(owner, scope, CSV.replace("France", f"Land {number}"))
    for event in DomainEvent.objects.filter(name=LOADED):
        told(event)
    run(source)
    recompute_dataset(scope.pk, source.dataset_id)

    rule = scope.period_rule
    week = period_of(Grain.WEEK, timezone.now(), rule)
    found = series([kpi.pk], window(periods(Grain.WEEK, week.start, week.end, rule), "", rule))

    assert found[kpi.pk].values == [3]
