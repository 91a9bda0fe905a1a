"""Taking imports back while others are at the same dataset: whatever comes first, the counts are those of a recount."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Max, Min

from metrics.choices import BatchStatus
from metrics.errors import BatchState
from metrics.models import Dataset, ImportBatch, Observation, ReplacedObservation
from metrics.services import imports
from metrics.services.import_run import run_import
from metrics.services.import_undo import take_out
from organization.access import Actor
from organization.models import AuditEntry, Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_actor
from tests.metrics.importing import imported, undone
from tests.metrics.services.test_imports_processes import ready_to_load, state

DAYS = [f"2024-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 28)]


def keyed(numbers: Sequence[int], amount: int) -> str:
    """Rows by key, each on a day of its own, all with this amount."""
    return "Row ID,Date,Sales\n" + "".join(f"{number},{DAYS[number]},{amount}.5\n" for number in numbers)


def recount(dataset: Dataset) -> tuple[Any, ...]:
    rows = Observation.objects.filter(dataset_id=dataset.pk)
    ends = rows.aggregate(first=Min("observed_at"), last=Max("observed_at"))
    return rows.count(), ends["first"], ends["last"]


def extent(dataset: Dataset) -> tuple[Any, ...]:
    dataset.refresh_from_db()
    return dataset.row_count, dataset.first_at, dataset.last_at


def at_once(*works: Callable[[], object]) -> list[BaseException]:
    """What the works raised, each in a thread of its own."""
    together, failures = threading.Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], object]) -> None:
        try:
            together.wait()
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_m5_after_loads_removals_and_undos_in_any_order_the_extent_is_that_of_a_recount(
    scope: Organization, owner: Actor, seed: int
) -> None:
    chance = random.Random(seed)
    first = imported(owner, scope, keyed(range(40), 1))
    dataset = first.dataset
    done = [first]
    for step in range(9):
        match chance.choice(["load", "load", "undo", "undo", "remove"]):
            case "load":
                some = sorted(chance.sample(range(len(DAYS)), 25))
                done.append(imported(owner, scope, keyed(some, step + 2), dataset=dataset))
            case "remove":
                keys = [str(number) for number in chance.sample(range(len(DAYS)), 10)]
                done.append(take_out(dataset, actor=owner, row_keys=keys))
            case "undo" if done:
                batch = done.pop(chance.randrange(len(done)))
                if undone(owner, batch).status == BatchStatus.DONE:  # a later one was built upon it
                    done.append(batch)
        assert extent(dataset) == recount(dataset)
    for batch in sorted(done, key=lambda batch: -batch.pk):
        assert undone(owner, batch).status == BatchStatus.UNDONE
    assert extent(dataset) == recount(dataset) == (0, None, None)
    assert not ReplacedObservation.objects.filter(restored_at=None).exclude(batch_id=F("replaced_by_id")).exists()


@pytest.mark.processes
@pytest.mark.django_db(databases=["default", "dispatcher"], transaction=True)
def test_m5_an_undo_beside_a_load_waits_its_turn(organization: Organization) -> None:
    first = ready_to_load(organization, keyed(range(40), 1), "first.csv")
    assert run_import(organization.pk, first.pk)
    second = ready_to_load(organization, keyed(range(30, 70), 1), "second.csv")
    with tenant_transaction(organization.pk):
        imports.undo_import(make_actor("owner"), first)

    failures = at_once(*(lambda pk=batch.pk: run_import(organization.pk, pk) for batch in (first, second)))  # type: ignore[misc]

    assert failures == []
    assert [state(batch).status for batch in (first, second)] == [BatchStatus.UNDONE, BatchStatus.DONE]
    with tenant_transaction(organization.pk):
        dataset = Dataset.objects.get()
        assert extent(dataset) == recount(dataset)
        assert dataset.row_count in (30, 40)  # rows that were the first one's go with it, where it came second


@pytest.mark.processes
@pytest.mark.django_db(databases=["default", "dispatcher"], transaction=True)
def test_m5_two_undos_at_once_take_back_once(organization: Organization) -> None:
    batch = ready_to_load(organization, keyed(range(40), 1), "first.csv")
    assert run_import(organization.pk, batch.pk)
    with tenant_transaction(organization.pk):
        actors = [make_actor("owner"), make_actor("owner")]

    def ask(actor: Actor) -> None:
        with tenant_transaction(organization.pk):
            imports.undo_import(actor, ImportBatch.objects.get(pk=batch.pk))

    refused = at_once(*(lambda actor=actor: ask(actor) for actor in actors))  # type: ignore[misc]
    failures = at_once(*(lambda: run_import(organization.pk, batch.pk) for _ in range(2)))

    assert [type(error) for error in refused] == [BatchState]
    assert failures == []
    assert state(batch).status == BatchStatus.UNDONE
    with tenant_transaction(organization.pk):
        dataset = Dataset.objects.get()
        assert extent(dataset) == recount(dataset) == (0, None, None)
        assert AuditEntry.objects.filter(verb="metrics.import.undone").count() == 1
