"""Asking a database again and again: all rows once, late ones too, and nothing of it when it fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from metrics.errors import BadMapping, BadSource
from metrics.models import Dataset, DataSource, ImportBatch, Rollup, RollupMark, SourceDelivery
from metrics.queries.sweeps import due_sources
from metrics.services import source_run
from metrics.services.rollups import recompute_dataset
from metrics.services.sources import change_source, create_source, look_again, settle_plan, switch_source
from organization.access import Actor
from organization.models import AuditEntry, DomainEvent, Organization
from organization.services.organizations import change_settings
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization
from tests.factories.metrics import make_dataset, make_kpi
from tests.metrics.importing import all_rows, column_of
from tests.metrics.sourcing import (
    JANUARY,
    QUERY,
    QUERY_PLAN,
    Elsewhere,
    counts,
    keys,
    last,
    order,
    run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked")]


def test_m5_a_query_brings_every_row_exactly(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    database.add(order(1, "0.1"), order(2, "12345678901234567890.123456789012"), order(3, None))

    source = run(database.source(owner, scope, dataset))

    assert source.problem == ""
    assert keys(dataset) == ["1", "2", "3"]
    assert column_of(dataset, "price") == [Decimal("0.1"), Decimal("12345678901234567890.123456789012"), None]
    assert column_of(dataset, "quantity") == [Decimal(2)] * 3
    assert source.cursor == "2026-01-20T12:00:00.000000+00:00"
    assert counts(last(source)) == (3, 3, 0, 0, 0)
    assert AuditEntry.objects.filter(verb="metrics.source.loaded", reason="source_sql").count() == 1
    assert DomainEvent.objects.filter(name="metrics.batch_loaded").count() == 1


def test_m5_the_next_run_continues_and_takes_rows_again_that_were_committed_late(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    source = database.source(owner, scope, dataset, overlap=60)
    database.add(order(1, changed_at=JANUARY - timedelta(days=1)), order(2))
    run(source)
    late = order(3, changed_at=JANUARY - timedelta(minutes=59))  # begun before the newest row, committed after it
    database.add(late, order(4, changed_at=JANUARY + timedelta(minutes=1)))
    database.run("UPDATE orders SET price = 1 WHERE number = 2")

    run(source)

    assert counts(last(source)) == (3, 2, 1, 0, 0)  # 2 corrected, 3 and 4 new; 1 was not asked for again
    assert keys(dataset) == ["1", "2", "3", "4"]
    assert source.cursor == "2026-01-20T12:01:00.000000+00:00"


def test_m5_a_run_that_finds_nothing_new_changes_nothing_and_leaves_no_batch(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    source = database.source(owner, scope, dataset)
    database.add(order(1))
    run(source)
    before = (ImportBatch.objects.count(), AuditEntry.objects.count(), DomainEvent.objects.count(), all_rows(dataset))

    run(source)
    run(source)

    after = (ImportBatch.objects.count(), AuditEntry.objects.count(), DomainEvent.objects.count(), all_rows(dataset))
    assert after == before
    assert counts(last(source)) == (1, 0, 0, 1, 0)
    assert SourceDelivery.objects.count() == 3


def test_m5_a_late_row_marks_and_computes_only_the_periods_it_touches(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    make_kpi(owner, scope, dataset=dataset, aggregation="sum", expression="price")
    source = database.source(owner, scope, dataset)
    database.add(order(1, 5, placed_at=datetime(2026, 1, 5, tzinfo=UTC)), order(2, 7))
    run(source)
    recompute_dataset(scope.pk, dataset.pk)
    database.add(order(3, 9, changed_at=JANUARY + timedelta(days=40)))

    run(source)

    assert list(RollupMark.objects.values_list("hour_start", flat=True)) == [JANUARY]
    recompute_dataset(scope.pk, dataset.pk)
    months = Rollup.objects.filter(grain=4, breakdown_id=0).order_by("bucket_start")
    assert [row.sum for row in months] == [Decimal(21)]


def test_m5_refused_rows_are_kept_with_their_reasons_beside_the_good_ones(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    source = database.source(owner, scope, dataset)
    database.add(*(order(number) for number in range(1, 8)))
    database.add(order(8, "NaN"), (None, JANUARY, 1, 1, "France", JANUARY), (10, "infinity", 1, 1, "France", JANUARY))

    run(source)

    delivery = last(source)
    assert counts(delivery) == (10, 7, 0, 0, 3)
    assert [(item["row"], item["errors"]) for item in delivery.refusals] == [
        (8, [["price", "NaN", "not_a_number"]]),
        (9, [["key", "", "key_missing"]]),
        (10, [["at", "9999-12-31T23:59:59.999999+00:00", "out_of_time"]]),
    ]


def test_m5_many_parts_are_one_batch(owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset) -> None:
    database.run(
        "INSERT INTO orders SELECT n, %s::timestamptz + n * interval '1 second', 1, n, 'c' || n %% 3, %s "
        "FROM generate_series(1, 4500) n",
        [JANUARY, JANUARY],
    )

    source = run(database.source(owner, scope, dataset))

    assert counts(last(source)) == (4500, 4500, 0, 0, 0)
    assert sum(column_of(dataset, "price")) == Decimal(4500 * 4501 // 2)
    assert ImportBatch.objects.get(dataset=dataset).rows_read == 4500


def test_m5_a_row_dated_in_the_future_does_not_become_the_last_that_ever_came(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    source = database.source(owner, scope, dataset)
    database.add(order(1, changed_at=datetime(2099, 1, 1, tzinfo=UTC)))

    before = timezone.now()
    run(source)

    assert before <= datetime.fromisoformat(source.cursor) <= timezone.now()


def test_m5_local_times_are_read_in_the_organizations_zone(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    change_settings(owner, scope, timezone="Asia/Shanghai")
    query = """
        SELECT number, placed_at::timestamp AS placed_at, quantity, price, country, changed_at::timestamp AS changed_at
          FROM orders WHERE changed_at::timestamp >= :since
    """
    source = database.source(owner, scope, dataset, query=query)
    database.add(order(1))

    run(source)
    run(source)

    assert all_rows(dataset)[0][1] == JANUARY
    assert source.cursor == "2026-01-20T20:00:00.000000"
    assert counts(last(source)) == (1, 0, 0, 1, 0)


def test_m5_a_new_source_is_looked_at_before_anything_is_loaded(
    owner: Actor, scope: Organization, database: Elsewhere
) -> None:
    database.add(*(order(number) for number in range(30)))
    source = create_source(
        owner, scope, kind="sql", name="Warehouse", settings=database.settings(), secret=database.password
    )
    assert source_run.run_source(scope.pk, source.pk)
    source.refresh_from_db()

    assert source.sample["names"] == ["number", "placed_at", "quantity", "price", "country", "changed_at"]
    assert len(source.sample["rows"]) == 20
    assert source.sample["rows"][0][:2] == ["0", "2026-01-20 12:00:00+00:00"]
    assert (source.next_run_at, source.is_enabled, source.dataset) == (None, False, None)
    assert not source_run.run_source(scope.pk, source.pk)

    settle_plan(owner, source, plan=QUERY_PLAN)
    source.refresh_from_db()
    assert (source.dataset.name, source.dataset.row_key) == ("Warehouse", "columns")
    assert source_run.run_source(scope.pk, source.pk)
    assert len(keys(source.dataset)) == 30


def test_m5_a_query_that_cannot_be_looked_at_says_why_and_may_be_looked_at_again(
    owner: Actor, scope: Organization, database: Elsewhere
) -> None:
    facts = {"kind": "sql", "name": "Warehouse", "secret": "wrong"}
    source = create_source(owner, scope, settings=database.settings(), **facts)
    source_run.run_source(scope.pk, source.pk)
    source.refresh_from_db()
    assert "password authentication failed" in source.sample["problem"]

    change_source(owner, source, name="Warehouse", settings=database.settings(), secret=database.password)
    source_run.run_source(scope.pk, source.pk)
    source.refresh_from_db()
    assert source.sample["state"] == "seen"
    assert look_again(owner, source).sample == {"state": "waiting"}


def test_m5_another_query_begins_from_the_start_and_an_empty_password_keeps_the_old_one(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    database.add(order(1))
    source = run(database.source(owner, scope, dataset))
    sealed = source.sealed

    change_source(owner, source, name="Warehouse", settings=database.settings(overlap=5))
    source.refresh_from_db()
    assert source.cursor != ""
    change_source(owner, source, name="Warehouse", settings=database.settings(query=f"{QUERY}\n-- again"))
    source.refresh_from_db()

    assert (source.cursor, source.sealed, source.sample) == ("", sealed, {"state": "waiting"})
    assert run(source).sample["state"] == "seen"
    assert run(source).problem == ""
    assert source.cursor != ""


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_m5_the_sweep_finds_what_is_due_in_any_organization_and_only_that(database: Elsewhere) -> None:
    companies = [make_organization(), make_organization()]
    due = []
    for company in companies:
        with tenant_transaction(company.pk):
            owner = make_actor("owner")
            source = database.source(owner, company, make_dataset(owner, company))
            later = database.source(owner, company, make_dataset(owner, company))
            held = database.source(owner, company, make_dataset(owner, company))
            off = switch_source(owner, database.source(owner, company, make_dataset(owner, company)), is_enabled=False)
            now = timezone.now()
            DataSource.objects.filter(pk=later.pk).update(next_run_at=now + timedelta(minutes=1))
            DataSource.objects.filter(pk=held.pk).update(lease_until=now + timedelta(minutes=1))
            assert off.next_run_at is None
            due.append((company.pk, source.pk))

    assert due_sources() == due


def test_m5_a_dataset_without_keys_and_a_query_without_its_cursor_are_refused(
    owner: Actor, scope: Organization, database: Elsewhere
) -> None:
    keyless = make_dataset(owner, scope, row_key="content")
    facts = {"kind": "sql", "name": "Warehouse", "secret": "x"}

    with pytest.raises(BadSource, match="no key"):
        create_source(owner, scope, dataset=keyless, settings=database.settings(), **facts)
    with pytest.raises(BadSource, match=":since"):
        create_source(owner, scope, settings=database.settings(cursor=""), **facts)
    with pytest.raises(BadSource, match="semicolon"):
        create_source(owner, scope, settings=database.settings(query=f"{QUERY.partition(' --')[0]}; SELECT 1"), **facts)
    source = create_source(owner, scope, settings=database.settings(), **facts)
    with pytest.raises(BadMapping) as refused:
        settle_plan(owner, source, plan=type(QUERY_PLAN)(QUERY_PLAN.columns[:1]))
    assert "row key" in refused.value.problems[0][1]
    assert DataSource.objects.get().dataset is None
