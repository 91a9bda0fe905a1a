"""A worker killed in mid-work and a broker that forgets everything lose nothing and count nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from redis import Redis

from metrics.choices import GrainCode
from metrics.models import Dataset, KpiVersion, Observation
from metrics.services import rollups
from organization.models import DomainEvent, EventDelivery, Organization
from organization.services.departments import create_department
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization
from tests.factories.metrics import at, load, make_dataset, make_kpi
from tests.workers import address, celery_worker

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])]

ROOT = Path(__file__).resolve().parents[2]
KILLS, FLUSHES = 50, 5
# Where a worker is held while it is killed: a row that it must change, and the statement that finds it
HOLDS = {
    "rollups are dropped": "SELECT 1 FROM metrics_rollup WHERE organization_id = %s AND grain = 2 FOR UPDATE",
    "versions are stamped": "SELECT 1 FROM metrics_kpiversion WHERE organization_id = %s FOR UPDATE",
    "an event is handled": "SELECT 1 FROM metrics_dimensionvalue WHERE organization_id = %s FOR UPDATE",
}
# Celery itself, but it looks for dead children every fifth of a second and not every five seconds
IMPATIENT = """
from celery.__main__ import main
from celery.concurrency.asynpool import AsynPool
AsynPool.timers = property(lambda pool: {pool.maintain_pool: 0.2})
main()
"""
NOTE_DELIVERIES = """
CREATE TABLE test_deliveries (id bigint);
GRANT INSERT ON test_deliveries TO PUBLIC;
CREATE FUNCTION test_note_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO test_deliveries VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER test_note_delivery AFTER UPDATE ON organization_eventdelivery FOR EACH ROW
  WHEN (NEW.done_at IS DISTINCT FROM OLD.done_at) EXECUTE FUNCTION test_note_delivery();
"""
FORGET_DELIVERIES = """
DROP TRIGGER test_note_delivery ON organization_eventdelivery;
DROP FUNCTION test_note_delivery(); DROP TABLE test_deliveries;
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid))"


@pytest.fixture
def owner_of_tables() -> Iterator[Any]:
    """A connection of the tables' owner, which sees everything and holds what it is told to."""
    opened = psycopg2.connect(address(urlsplit(os.environ["DATABASE_URL"]).username or ""))
    opened.autocommit = True
    with opened.cursor() as cursor:
        cursor.execute(NOTE_DELIVERIES)
    yield opened
    opened.rollback()
    opened.autocommit = True
    with opened.cursor() as cursor:
        cursor.execute(FORGET_DELIVERIES)
    opened.close()


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker whose patience is short."""
    with celery_worker("events,rollups", program=("-c", IMPATIENT), OPS_TESTING="") as process:
        yield process


@pytest.fixture
def company() -> Organization:
    return make_organization()


@pytest.fixture
def dataset(company: Organization) -> Dataset:
    """Orders with KPIs of every way of rolling up, and some rows."""
    with tenant_transaction(company.pk):
        actor = make_actor("owner")
        made = make_dataset(actor, company, is_daily=False)
        shared = {"dataset": made, "breakdowns": [("country",), ("unit",)]}
        make_kpi(actor, company, aggregation="sum", expression="revenue", grain=GrainCode.HOUR, **shared)
        make_kpi(actor, company, aggregation="last", expression="quantity", **shared)
        make_kpi(actor, company, aggregation="distinct", subject="customer", **shared)
        load(made, [order(number, random.Random(number)) for number in range(300)])
    return made


def order(number: int, chance: random.Random) -> dict[str, Any]:
    return {
        "id": f"o{number}",
        "at": at("2025-01-01", "00:00+00:00") + timedelta(minutes=chance.randrange(60 * 24 * 90)),
        "quantity": chance.randrange(1, 9),
        "price": f"{chance.randrange(10_000) / 100:.2f}",
        "customer": f"c{chance.randrange(40)}",
        "country": chance.choice(["FR", "CN", None]),
        "unit": f"U{number % KILLS}",
    }


def child_of(worker: subprocess.Popen[bytes]) -> int | None:
    """The pool child, when there is one."""
    assert worker.poll() is None, "The worker itself has ended."
    found = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return int(found[0]) if found else None


def tick() -> None:
    """What beat does every two seconds."""
    for name in ("metrics.sweep_marks", "organization.relay"):
        current_app.send_task(name, retry=False)


def wait_for(condition: Callable[[], Any], what: str, *, seconds: float = 20, nudge: Callable[[], None] = tick) -> Any:
    """The first true answer; meanwhile the clock of beat goes on."""
    deadline, next_nudge = time.monotonic() + seconds, 0.0
    while not (found := condition()):
        assert time.monotonic() < deadline, f"Waited in vain until {what}."
        if time.monotonic() > next_nudge:
            nudge()
            next_nudge = time.monotonic() + 0.3
        time.sleep(0.01)
    return found


@contextmanager
def held(owner: Any, sql: str, organization_id: int) -> Iterator[Callable[[], bool]]:
    """Hold rows that a worker will ask for; gives whether one is waiting for them."""
    owner.autocommit = False
    with owner.cursor() as cursor:
        cursor.execute(sql, [organization_id])
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()

        def is_waited_for() -> bool:
            cursor.execute(WAITING, [pid])
            return bool(cursor.fetchone()[0])

        yield is_waited_for
    owner.rollback()
    owner.autocommit = True


def is_settled(company: Organization, dataset: Dataset) -> bool:
    """Nothing is left to do: no mark, no version to compute, no event to deliver."""
    with tenant_transaction(company.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM metrics_rollupmark")
        return (
            cursor.fetchone()[0] == 0
            and not KpiVersion.objects.filter(computed_at=None).exists()
            and not EventDelivery.objects.filter(done_at=None).exists()
        )


def test_m5_a_worker_killed_fifty_times_and_an_emptied_broker_leave_what_a_rebuild_gives(
    company: Organization, dataset: Dataset, worker: subprocess.Popen[bytes], owner_of_tables: Any
) -> None:
    chance, broker = random.Random(50), Redis.from_url(settings.REDIS_URL)
    wait_for(lambda: is_settled(company, dataset), "the worker has computed the first rows", seconds=60)
    killed: Counter[str] = Counter()
    places = list(HOLDS)
    for turn in range(KILLS):
        place = places[turn % len(places)]
        with held(owner_of_tables, HOLDS[place], company.pk) as is_waited_for:
            with tenant_transaction(company.pk):
                # New rows and corrections of old ones; the department is one that rows have named all along
                load(dataset, [order(chance.randrange(300 + 10 * turn), chance) for _ in range(40)])
                create_department(make_actor("owner"), company, name=f"Unit {turn}", code=f"U{turn}")
            wait_for(is_waited_for, f"the worker is stopped where {place}")
            if turn % (KILLS // FLUSHES) == 0:
                broker.flushdb()
            child = wait_for(lambda: child_of(worker), "the pool has a child")
            os.kill(child, signal.SIGKILL)
            killed[place] += 1
            wait_for(lambda dead=child: child_of(worker) not in (dead, None), "the pool has another child")
    # Leases of what the broker forgot run out
    with owner_of_tables.cursor() as cursor:
        cursor.execute("UPDATE organization_eventdelivery SET lease_until = NULL WHERE done_at IS NULL")

    wait_for(lambda: is_settled(company, dataset), "everything is worked off", seconds=30)

    assert sum(killed.values()) == KILLS
    assert set(killed) == set(HOLDS)
    assert rollups.check_dataset(company.pk, dataset.pk) == []
    with tenant_transaction(company.pk):
        events = DomainEvent.objects.filter(name="organization.department_created")
        deliveries = list(EventDelivery.objects.filter(event__in=events).values_list("pk", flat=True))
        handlers = set(EventDelivery.objects.filter(event__in=events).values_list("handler", flat=True))
        assert events.count() == KILLS
        assert handlers == {"metrics.handlers.follow_department_codes", "metrics.handlers.feed_own_events"}
        assert len(deliveries) == KILLS * len(handlers)
        every = list(EventDelivery.objects.values_list("pk", flat=True))
        assert not EventDelivery.objects.filter(parked_at__isnull=False).exists()
        dataset.refresh_from_db()
        assert Observation.objects.count() == dataset.row_count
    with owner_of_tables.cursor() as cursor:
        cursor.execute("SELECT id, count(*) FROM test_deliveries GROUP BY id")
        assert dict(cursor.fetchall()) == dict.fromkeys(every, 1)
