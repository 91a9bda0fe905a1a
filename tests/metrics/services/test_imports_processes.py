"""Imports under real processes: one that is killed in mid-load, and two into one dataset at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from metrics.choices import BatchStatus
from metrics.models import Dataset, DimensionValue, ImportBatch, RollupMark
from metrics.queries.sweeps import open_batches
from metrics.services import imports
from metrics.services.import_run import run_import
from metrics.tasks import run_import as task
from organization.models import Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_actor
from tests.metrics.importing import all_rows, column_of, send

ROOT = Path(__file__).resolve().parents[3]
TEXT = "Date,Shop,N\n" + "".join(f"2024-01-{n % 28 + 1:02},shop {n % 50},{n}\n" for n in range(5000))
# The worker stops where all rows are written and nothing is committed yet; there it is killed.
WORKER = """
import sys, time, django
django.setup()
from metrics.services import import_run
class Slow(import_run.Loader):
    def merge(self):
        counts = super().merge()
        print("merged", counts.created, flush=True)
        time.sleep(60)
import_run.Loader = Slow
import_run.run_import(int(sys.argv[1]), int(sys.argv[2]))
"""

pytestmark = [pytest.mark.processes, pytest.mark.django_db(databases=["default", "dispatcher"], transaction=True)]


def ready_to_load(organization: Organization, text: str, name: str) -> ImportBatch:
    """A checked file that a worker is to load now."""
    with tenant_transaction(organization.pk):
        actor = make_actor("owner")
        batch = send(actor, organization, text, name=name)
        imports.set_mapping(actor, batch, plan=batch.plan)
    assert run_import(organization.pk, batch.pk)
    with tenant_transaction(organization.pk):
        return imports.load_checked(actor, batch)


def state(batch: ImportBatch) -> ImportBatch:
    with tenant_transaction(batch.organization_id):
        return ImportBatch.objects.select_related("dataset").get(pk=batch.pk)


def worker_environment() -> dict[str, str]:
    """A worker of production on the test's database: the app role, and nothing more."""
    url = urlsplit(os.environ["DATABASE_URL"])
    login = url.netloc.replace(url.username or "", settings.DATABASE_APP_ROLE, 1)
    changed = url._replace(netloc=login, path=f"/{connection.settings_dict['NAME']}").geturl()
    return {**os.environ, "DATABASE_URL": changed, "DJANGO_SETTINGS_MODULE": "ops_platform.settings"}


def test_m5_worker_killed_in_mid_load_leaves_nothing_and_another_one_takes_over(organization: Organization) -> None:
    batch = ready_to_load(organization, TEXT, "orders.csv")
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(organization.pk), str(batch.pk)],
        cwd=ROOT,
        env=worker_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "merged 5000\n"
    finally:
        child.kill()
        child.wait()
        child.stdout.close()

    left = state(batch)
    with tenant_transaction(organization.pk):
        assert all_rows(left.dataset) == []
        assert DimensionValue.objects.count() == RollupMark.objects.count() == 0
    assert (left.status, left.dataset.row_count) == (BatchStatus.LOADING, 0)
    assert left.lease_until is not None
    assert left.lease_until > timezone.now()
    assert open_batches() == []
    assert run_import(organization.pk, batch.pk) is False
    with tenant_transaction(organization.pk):
        ImportBatch.objects.filter(pk=batch.pk).update(lease_until=timezone.now())
    assert open_batches() == [(organization.pk, batch.pk)]
    for _ in range(2):
        task(organization_id=organization.pk, batch_id=batch.pk)
    done = state(batch)
    assert (done.status, done.rows_created, done.dataset.row_count) == (BatchStatus.DONE, 5000, 5000)
    with tenant_transaction(organization.pk):
        assert len(all_rows(done.dataset)) == 5000
        assert sum(column_of(done.dataset, "n")) == sum(range(5000))


def test_m5_month_that_another_import_is_just_making_is_waited_for(organization: Organization) -> None:
    batch = ready_to_load(organization, "Date,N\n2031-05-01,1\n2031-05-02,2\n", "future.csv")
    made, failures = threading.Event(), []

    def run() -> None:
        try:
            made.wait()
            run_import(organization.pk, batch.pk)
        except BaseException as error:  # shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT metrics_ensure_partition('2031-05-15T00:00:00Z')")
        made.set()
        wait_until_somebody_waits(cursor)
    thread.join()

    assert failures == []
    assert (state(batch).status, state(batch).rows_created) == (BatchStatus.DONE, 2)


def wait_until_somebody_waits(cursor: Any) -> None:
    """Until another session stands before an advisory lock."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        if cursor.fetchone()[0]:
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_m5_two_imports_into_one_dataset_at_once_store_every_row_once(organization: Organization) -> None:
    first = ready_to_load(organization, TEXT, "orders.csv")
    assert run_import(organization.pk, first.pk)
    more = TEXT + "".join(f"2024-02-{n % 28 + 1:02},new {n % 9},{n}\n" for n in range(3000))
    batches = [ready_to_load(organization, more, f"more-{number}.csv") for number in range(2)]
    together = threading.Barrier(2)
    failures: list[BaseException] = []

    def run(batch: ImportBatch) -> None:
        try:
            together.wait()
            run_import(organization.pk, batch.pk)
        except BaseException as error:  # shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[batch]) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    done = [state(batch) for batch in batches]
    assert [batch.status for batch in done] == [BatchStatus.DONE] * 2
    assert sorted(batch.rows_created for batch in done) == [0, 3000]
    assert sorted(batch.rows_unchanged for batch in done) == [5000, 8000]
    with tenant_transaction(organization.pk):
        dataset = Dataset.objects.get()
        assert len(all_rows(dataset)) == dataset.row_count == 8000
        assert DimensionValue.objects.count() == 59
