"""What can go wrong with asking a database: said in a sentence, tried again, and never half done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import structlog
from celery import current_app
from django.db import connections, transaction
from django.utils import timezone

from metrics.engine.pull_times import MOST_FAILURES
from metrics.errors import BadSource, PullFailed, SourceState
from metrics.models import Dataset, DataSource, ImportBatch, SourceDelivery
from metrics.services import pull, source_run
from metrics.services.pull_hosts import addresses_of
from metrics.services.sources import change_source, create_source, run_now, switch_source
from metrics.tasks import run_source as run_source_task
from organization.access import Actor
from organization.models import AuditEntry, DomainEvent, Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization
from tests.factories.metrics import make_dataset
from tests.metrics.sourcing import (
    QUERY,
    Elsewhere,
    counts,
    keys,
    last,
    order,
    run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked")]


def test_m5_more_rows_than_an_import_may_have_are_refused_with_a_sentence(
    owner: Actor, scope: Organization, database: Elsewhere, dataset: Dataset, settings: Any
) -> None:
    settings.IMPORT_MAX_ROWS = 2
    database.add(order(1), order(2), order(3))

    source = run(database.source(owner, scope, dataset))

    assert "more than 2 rows" in source.problem
    assert keys(dataset) == []


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
