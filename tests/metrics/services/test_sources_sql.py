"""Asking a database again and again: all rows once, late ones too, and nothing of it when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import structlog
from celery import current_app
from django.db import connections, transaction
from django.utils import timezone

from metrics.engine.pull_times import MOST_FAILURES
from metrics.errors import BadMapping, BadSource, PullFailed, SourceState
from metrics.models import Dataset, DataSource, ImportBatch, Rollup, RollupMark, SourceDelivery
from metrics.queries.sweeps import due_sources
from metrics.services import pull, source_run
from metrics.services.pull_hosts import addresses_of
from metrics.services.rollups import recompute_dataset
from metrics.services.sources import change_source, create_source, look_again, run_now, settle_plan, switch_source
from metrics.tasks import run_source as run_source_task
from organization.access import Actor
from organization.models import AuditEntry, DomainEvent, Organization
from organization.services.organizations import change_settings
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization
from tests.factories.metrics import make_dataset, make_kpi
from tests.metrics.importing import all_rows, column_of
from tests.metrics.sourcing import QUERY, QUERY_PLAN, Elsewhere, elsewhere

pytestmark = pytest.mark.django_db
JANUARY = datetime(2026, 1, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(django_db_setup: None) -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


@pytest.fixture(autouse=True)
def asked(database: Elsewhere, settings: Any) -> Iterator[None]:
    """The tests' server may be asked; its orders are gone afterwards."""
    settings.PULL_PRIVATE_HOSTS = [database.host]
    yield
    database.run("TRUNCATE orders")


@pytest.fixture
def dataset(owner: Actor, scope: Organization) -> Dataset:
    return make_dataset(owner, scope)


def order(number: int, price: Any = "9.90", changed_at: datetime = JANUARY, **more: Any) -> tuple[Any, ...]:
    return (number, more.get("placed_at", JANUARY), 2, price, "France", changed_at)


def run(source: DataSource, **changed: Any) -> DataSource:
    """The source after a worker has asked, now."""
    DataSource.objects.filter(pk=source.pk).update(next_run_at=timezone.now(), **changed)
    assert source_run.run_source(source.organization_id, source.pk)
    source.refresh_from_db()
    return source


def keys(dataset: Dataset) -> list[str]:
    return sorted(row[5] for row in all_rows(dataset))


def last(source: DataSource) -> SourceDelivery:
    return SourceDelivery.objects.filter(source=source).latest("pk")


def counts(delivery: SourceDelivery) -> tuple[int, ...]:
    return (
        delivery.rows_read,
        delivery.rows_created,
        delivery.rows_updated,
        delivery.rows_unchanged,
        delivery.rows_refused,
    )


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


def test_m5_more_rows_than_an_import_may_have_are_refused_with_a_sentence(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset, settings: Any
) -> None:
    settings.IMPORT_MAX_ROWS = 2
    database.add(order(1), order(2), order(3))

    source = run(database.source(owner, scope, dataset))

    assert "more than 2 rows" in source.problem
    assert keys(dataset) == []


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


def test_m5_a_task_run_twice_asks_once(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    source = database.source(owner, scope, dataset)
    database.add(order(1))

    run_source_task(organization_id=scope.pk, source_id=source.pk)
    run_source_task(organization_id=scope.pk, source_id=source.pk)

    assert SourceDelivery.objects.count() == 1
    source.refresh_from_db()
    assert source.next_run_at > timezone.now()
    assert source.lease_until is None


def test_m5_what_a_lost_worker_was_at_is_asked_again_in_the_same_slot(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    source = database.source(owner, scope, dataset)
    database.add(order(1))
    lost, delivery = source_run._claim(scope.pk, source.pk)
    assert not source_run.run_source(scope.pk, source.pk)  # somebody holds it

    DataSource.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert source_run.run_source(scope.pk, source.pk)
    source_run._run(lost, delivery)  # the lost one comes back when all is done

    assert keys(dataset) == ["1"]
    found = SourceDelivery.objects.get()
    assert (found.status, counts(found)) == ("done", (1, 1, 0, 0, 0))
    assert ImportBatch.objects.count() == 1


def test_m5_an_unexpected_failure_gives_the_source_back_for_the_retry(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = database.source(owner, scope, dataset)
    database.add(order(1))

    class Broken(RuntimeError):
        pass

    def broken(*_args: Any) -> None:
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(source_run, "_load", broken)
        with pytest.raises(Broken):
            source_run.run_source(scope.pk, source.pk)

    assert keys(dataset) == []
    assert source_run.run_source(scope.pk, source.pk)
    assert keys(dataset) == ["1"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"database": "nowhere"}, "cannot be reached"),
        ({"query": "SELECT nothing FROM orders WHERE changed_at >= :since"}, "refuses the query: column"),
        ({"query": "SELECT * FROM nowhere WHERE a >= :since"}, "refuses the query: relation"),
        ({"query": "SELECT 1 AS number, changed_at FROM orders WHERE changed_at >= :since"}, "no column “placed_at”"),
        (
            {"query": QUERY.replace("changed_at FROM", "changed_at::text FROM")},
            "holds no date or time",
        ),
        ({"query": QUERY.replace("price", "1/0 AS price", 1)}, "division by zero"),
        ({"query": QUERY.replace("placed_at,", "'0044-03-15 BC'::date AS placed_at,")}, "beyond what can be read"),
        ({"query": QUERY.replace("price", "setval('counter', 1) AS price", 1)}, "would change something"),
        ({"query": QUERY.replace("price", "pg_sleep(3)::text AS price", 1)}, "longer than 1 seconds"),
    ],
)
def test_m5_every_failure_is_a_sentence_and_changes_nothing(
    owner: Actor,
    scope: Organization,
    database: Elsewhere,
    dataset: Dataset,
    settings: Any,
    changed: dict[str, Any],
    sentence: str,
) -> None:
    settings.PULL_STATEMENT_SECONDS = 1
    database.run("CREATE SEQUENCE IF NOT EXISTS counter")
    database.add(order(1))

    source = run(database.source(owner, scope, dataset, **changed))

    assert sentence in source.problem
    assert source.problem == last(source).problem
    assert (source.failures, source.is_enabled, source.cursor, keys(dataset)) == (1, True, "", [])
    assert last(source).status == "failed"


def test_m5_a_failing_source_waits_longer_each_time_and_is_switched_off_at_last(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    source = database.source(owner, scope, dataset, database="nowhere")
    waits = []

    for _number in range(MOST_FAILURES):
        before = timezone.now()
        run(source)
        waits.append(source.next_run_at and round((source.next_run_at - before).total_seconds() / 60))

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, None]
    assert not source.is_enabled
    assert source.stopped_at is not None
    assert DomainEvent.objects.filter(name="metrics.source_stopped", subject_id=source.pk).count() == 1
    assert AuditEntry.objects.filter(verb="metrics.source.switched_off", reason="source_sql").count() == 1
    assert not source_run.run_source(scope.pk, source.pk)
    with pytest.raises(SourceState):
        run_now(owner, source)

    switch_source(owner, source, is_enabled=True)
    source.refresh_from_db()
    assert (source.failures, source.problem, source.stopped_at) == (0, "", None)


def test_m5_a_success_ends_the_count_of_failures(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    source = run(database.source(owner, scope, dataset), failures=5, problem="Once")

    assert (source.failures, source.problem) == (0, "")


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


@pytest.mark.parametrize(
    "changed", [{"host": "127.0.0.1"}, {"port": 5433}, {"user": "other"}, {"tls": "require"}], ids=str
)
def test_m5_the_kept_password_goes_to_no_other_server_or_user(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset, changed: dict[str, Any]
) -> None:
    source = database.source(owner, scope, dataset)

    with pytest.raises(BadSource, match="again"):
        change_source(owner, source, name="Warehouse", settings=database.settings(**changed))

    source.refresh_from_db()
    assert source.settings == database.settings()
    change_source(owner, source, name="Warehouse", settings=database.settings(**changed), secret="known")


def test_m5_a_source_without_a_password_is_asked_without_one(
    owner: Actor, scope: Organization, database: Elsewhere
) -> None:
    source = create_source(owner, scope, kind="sql", name="Warehouse", settings=database.settings())

    assert "no password" in run(source).sample["problem"]


def test_m5_settings_changed_while_a_worker_asks_win(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    database.add(order(1))
    source = database.source(owner, scope, dataset)
    claimed, delivery = source_run._claim(scope.pk, source.pk)

    change_source(owner, source, name="Warehouse", settings=database.settings(overlap=5))
    source_run._run(claimed, delivery)

    assert keys(dataset) == []
    assert SourceDelivery.objects.count() == 0
    assert source_run.run_source(scope.pk, source.pk)
    assert keys(dataset) == ["1"]


def test_m5_the_password_is_kept_closed_and_stands_in_no_log_and_no_trail(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset
) -> None:
    secret = "Tr0ub4dor-and-3"
    with structlog.testing.capture_logs() as logged:
        source = create_source(
            owner, scope, kind="sql", name="Warehouse", dataset=dataset, settings=database.settings(), secret=secret
        )
        source_run.run_source(scope.pk, source.pk)
    source.refresh_from_db()

    row = str(DataSource.objects.filter(pk=source.pk).values().get())
    trail = str(
        list(AuditEntry.objects.values_list("facts", flat=True)) + list(DomainEvent.objects.values_list("facts"))
    )
    assert secret not in row + trail + str(logged)


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


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "fd00::1",
     "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1", "100.64.0.1", "/var/run/postgresql",
     "@abstract", "a,b", "-x", "a b", "", "x" * 300, "127.1", "2130706433"],
)  # fmt: skip
def test_m5_private_places_are_not_asked(host: str) -> None:
    with pytest.raises(PullFailed):
        addresses_of(host, 5432, allowed=[])


def test_m5_private_places_are_asked_where_the_operator_has_named_them() -> None:
    assert addresses_of("10.1.2.3", 5432, allowed=["10.0.0.0/8"]) == ["10.1.2.3"]
    assert addresses_of("127.0.0.1", 5432, allowed=["other", "127.0.0.1"]) == ["127.0.0.1"]
    assert "127.0.0.1" in addresses_of("LocalHost", 5432, allowed=["localhost"])
    assert addresses_of("/run/pg", 5432, allowed=["/run/pg"]) == []
    assert addresses_of("9.9.9.9", 5432, allowed=[]) == ["9.9.9.9"]
    with pytest.raises(PullFailed, match="OPS_PULL_PRIVATE_HOSTS"):
        addresses_of("10.1.2.3", 5432, allowed=["11.0.0.0/8", "/run/pg"])


def test_m5_a_source_in_a_private_network_says_who_can_allow_it(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset, settings: Any
) -> None:
    settings.PULL_PRIVATE_HOSTS = []

    source = run(database.source(owner, scope, dataset, host="127.0.0.1"))

    assert "OPS_PULL_PRIVATE_HOSTS" in source.problem


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_m5_the_remote_database_is_asked_outside_of_every_transaction(
    database: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = make_organization()
    with tenant_transaction(organization.pk):
        owner = make_actor("owner")
        dataset = make_dataset(owner, organization)
        source = database.source(owner, organization, dataset)
    database.add(order(1))
    open_ones: list[bool] = []
    ask = pull._answers

    def watched(*args: Any) -> Any:
        open_ones.append(transaction.get_connection().in_atomic_block)
        return ask(*args)

    monkeypatch.setattr(pull, "_answers", watched)
    monkeypatch.setattr(current_app, "send_task", lambda *_args, **_facts: None)
    assert source_run.run_source(organization.pk, source.pk)

    assert open_ones == [False]
    with tenant_transaction(organization.pk):
        assert keys(dataset) == ["1"]
    assert connections["default"].in_atomic_block is False
