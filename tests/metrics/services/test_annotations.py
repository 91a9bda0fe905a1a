"""Notes on charts: written, changed, removed and brought back, seen where they belong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from metrics.errors import BadAnnotation
from metrics.models import Annotation, Kpi
from metrics.queries.annotations import Note, annotations_for, placed
from metrics.queries.dashboards import dashboard_stamp
from metrics.queries.known_on import KnownOn
from metrics.services.annotations import (
    NoteSpec,
    annotate,
    change_annotation,
    remove_annotation,
    restore_annotation,
)
from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.access import Actor, system_actor
from organization.choices import BuiltInRole
from organization.engine.periods import Grain, periods
from organization.errors import NotAllowed, NotVisible, StateConflict
from organization.models import DomainEvent, Organization
from organization.services.departments import create_department
from tests.factories import make_actor
from tests.factories.metrics import make_dataset, make_kpi

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def spec(text: str = "Campaign begins", day: int = 5, **more: Any) -> NoteSpec:
    """A note of a day in March 2026."""
    return NoteSpec(text, START + (day - 1) * DAY, **more)


def found(actor: Actor, kpis: list[Kpi], **more: Any) -> dict[int, list[str]]:
    """The texts on each KPI's charts of March."""
    wanted = Kpi.objects.select_related("department").filter(pk__in=[kpi.pk for kpi in kpis])
    notes = annotations_for(actor, wanted, start=START, end=END, timezone="UTC", **more)
    return {pk: [note.text for note in ones] for pk, ones in notes.items()}


def test_m13_notes_stand_on_the_charts_of_their_kpi_department_or_all(scope: Organization, owner: Actor) -> None:
    sales = create_department(owner, scope, name="Sales", code="S")
    inside = create_department(owner, scope, name="Inside sales", code="I", parent=sales)
    dataset = make_dataset(owner, scope)
    below, other = (
        make_kpi(owner, scope, dataset=dataset, aggregation="count", department=place) for place in (inside, None)
    )

    annotate(owner, below, note=spec("On one", 7))
    annotate(owner, sales, note=spec("On sales", 6))
    annotate(owner, scope, note=spec("On all", 5))

    assert found(owner, [below, other]) == {below.pk: ["On all", "On sales", "On one"], other.pk: ["On all"]}


def test_m13_notes_of_many_kpis_cost_one_statement(
    scope: Organization, owner: Actor, django_assert_num_queries: Any
) -> None:
    dataset = make_dataset(owner, scope)
    kpis = [make_kpi(owner, scope, dataset=dataset, aggregation="count") for _ in range(10)]
    for kpi in kpis:
        annotate(owner, kpi, note=spec())

    for some in (kpis[:1], kpis):
        wanted = list(Kpi.objects.select_related("department").filter(pk__in=[kpi.pk for kpi in some]))
        with django_assert_num_queries(1):
            assert sum(map(len, annotations_for(owner, wanted, start=START, end=END, timezone="UTC").values())) == len(
                some
            )


def test_m13_a_note_links_to_an_object_for_those_who_may_see_it(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope, name="Web shop")
    kpi = make_kpi(owner, scope, dataset=dataset, aggregation="count")
    annotate(owner, kpi, note=spec(subject=dataset))
    staff = make_actor(BuiltInRole.STAFF)
    wanted = [Kpi.objects.select_related("department").get(pk=kpi.pk)]

    [seen] = annotations_for(owner, wanted, start=START, end=END, timezone="UTC")[kpi.pk]
    [hidden] = annotations_for(staff, wanted, start=START, end=END, timezone="UTC")[kpi.pk]

    assert seen.subject
    assert (seen.subject.label, seen.subject.url) == ("Web shop", f"/metrics/datasets/{dataset.pk}/")
    assert (hidden.text, hidden.subject) == ("Campaign begins", None)


def test_m13_the_system_writes_by_the_same_door_and_once(scope: Organization, owner: Actor) -> None:
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count")
    system = system_actor(scope.pk, "sop_released")

    first = annotate(system, kpi, note=spec(kind="release"), source_key="sop-version:41")
    again = annotate(system, kpi, note=spec(kind="release"), source_key="sop-version:41")
    moved = annotate(system, kpi, note=spec(kind="release", day=9), source_key="sop-version:41")

    assert first.pk == again.pk == moved.pk
    assert (again.version, moved.version) == (1, 2)
    row = Annotation.objects.get()
    assert (row.is_system, row.author_id, row.starts_at.day) == (True, None, 9)
    assert DomainEvent.objects.filter(name="metrics.annotation_added").count() == 2


def test_m13_a_note_is_changed_removed_and_brought_back(scope: Organization, owner: Actor) -> None:
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count")
    row = annotate(owner, kpi, note=spec())

    change_annotation(owner, kpi, annotation=row, note=spec("Campaign begins late", 8), version=1)
    with pytest.raises(StateConflict):
        change_annotation(owner, kpi, annotation=row, note=spec("Lost"), version=1)
    changed = found(owner, [kpi])
    known = KnownOn(timezone.now(), timezone.localdate())
    remove_annotation(owner, kpi, annotation=row)
    removed = found(owner, [kpi])
    then = found(owner, [kpi], known=known)
    restore_annotation(owner, kpi, annotation=row)

    assert changed == then == found(owner, [kpi]) == {kpi.pk: ["Campaign begins late"]}
    assert removed == {kpi.pk: []}


def test_m13_notes_need_the_right_where_they_stand(scope: Organization, owner: Actor) -> None:
    mine = create_department(owner, scope, name="Mine", code="M")
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, aggregation="count", department=mine)
    staff = make_actor(BuiltInRole.STAFF, department=mine)
    row = annotate(owner, kpi, note=spec())

    for attempt in (
        lambda: annotate(staff, kpi, note=spec("Mine")),
        lambda: annotate(staff, scope, note=spec("Everywhere")),
        lambda: remove_annotation(staff, kpi, annotation=row),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    with pytest.raises(NotVisible):
        remove_annotation(owner, mine, annotation=row)
    for bad in (spec(" "), spec(ends_at=START)):
        with pytest.raises(BadAnnotation):
            annotate(owner, kpi, note=bad)

    assert found(owner, [kpi]) == {kpi.pk: ["Campaign begins"]}


def test_m13_the_stamp_of_a_dashboard_changes_with_its_notes_alone(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    shown, other = (make_kpi(owner, scope, dataset=dataset, aggregation="count") for _ in range(2))
    dashboard = create_dashboard(owner, scope, name="Board", panels=[PanelSpec(shown)])
    stamps = [dashboard_stamp(dashboard.pk)]

    for place in (other, shown, scope):
        annotate(owner, place, note=spec())
        stamps.append(dashboard_stamp(dashboard.pk))

    assert stamps[0] == stamps[1]
    assert len(set(stamps)) == 3


def note(day: int, text: str, number: int = 1) -> Note:
    """A note of March 2026 as charts take it."""
    at = START + (day - 1) * DAY
    return Note(number, "note", "Note", text, at, None, at.date(), None, 1, None, False, "", 1)


def marks_of(notes: list[Note], scope: Organization) -> tuple[list[tuple[Any, str]], list[str]]:
    days = periods(Grain.DAY, START, END, scope.period_rule)
    marks, listed = placed(notes, days, [day.first_on for day in days])
    return [(mark.at.day, mark.text) for mark in marks if not isinstance(mark.at, str)], [one.number for one in listed]


def test_m13_a_few_short_notes_stand_in_words_and_crowded_ones_have_numbers(scope: Organization) -> None:
    assert marks_of([note(8, "Campaign"), note(20, "Outage")], scope) == ([(8, "Campaign"), (20, "Outage")], ["", ""])
    assert marks_of([note(8, "Campaign"), note(9, "Outage")], scope) == ([(8, "1"), (9, "2")], ["1", "2"])
    assert marks_of([note(8, "A text that is too long for it")], scope) == ([(8, "1")], ["1"])
    assert marks_of([note(31, "At the edge")], scope) == ([(31, "1")], ["1"])
    assert marks_of([note(3, "a"), note(3, "b"), note(5, "c")], scope) == ([(3, "1–2"), (5, "3")], ["1", "2", "3"])
    assert marks_of([note(40, "Later")], scope) == ([], [])
