"""A worker on another host: a network namespace with nothing but a cable to this one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from metrics.models import Rollup
from ops_platform.embedded.redis import embedded_redis
from organization.models import Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_actor
from tests.factories.metrics import load, make_dataset, make_kpi
from tests.ops_platform.pooling import free_port, pgbouncer

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"]), pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[2]
HERE, THERE = "10.231.77.1", "10.231.77.2"
PATIENCE = 90


class Cable:
    """A namespace and a pair of interfaces that joins it to this host."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> Cable:
        end = self.name[-8:]
        for command in (
            f"netns add {self.name}",
            f"link add {end}h type veth peer name {end}t netns {self.name}",
            f"addr add {HERE}/30 dev {end}h",
            f"link set {end}h up",
            f"-n {self.name} addr add {THERE}/30 dev {end}t",
            f"-n {self.name} link set {end}t up",
        ):
            _ip(command)
        return self

    def __exit__(self, *_: object) -> None:
        _ip(f"netns del {self.name}")

    def command(self, *command: str) -> list[str]:
        """The command as it runs on the other side."""
        return [_binary(), "netns", "exec", self.name, *command]


def _binary() -> str:
    found = shutil.which("ip") or shutil.which("ip", path="/usr/sbin:/sbin")
    return found or pytest.skip("iproute2 is not installed (Debian: apt install iproute2).")


def _ip(command: str) -> None:
    done = subprocess.run([_binary(), *command.split()], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"This machine makes no network namespaces: ip {command}: {done.stderr.strip()}")


@pytest.fixture
def cable() -> Iterator[Cable]:
    with Cable(f"ops-{os.getpid()}") as joined:
        yield joined


@pytest.fixture
def services(cable: Cable, tmp_path: Path) -> Iterator[dict[str, str]]:
    """PostgreSQL behind PgBouncer, and a Redis, both listening on this end of the cable."""
    (tmp_path / "pool").mkdir()
    port = free_port(HERE)
    served = list(embedded_redis(tmp_path, tmp_path, may_download=False).command())
    binary = next((part for part in served if part.endswith(("redis-server", "valkey-server"))), None)
    if binary is None:
        pytest.skip("No Redis server that listens on a network is installed.")
    redis = subprocess.Popen(
        [binary, "--bind", HERE, "--port", str(port), "--save", "", "--protected-mode", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        with pgbouncer(tmp_path / "pool", size=5, host=HERE) as environment:
            yield {**os.environ, **environment, "REDIS_URL": f"redis://{HERE}:{port}/0", "SITE_URL": f"http://{HERE}"}
    finally:
        redis.terminate()
        redis.wait(10)


def test_a_worker_on_another_host_takes_work(
    organization: Organization, cable: Cable, services: dict[str, str]
) -> None:
    with tenant_transaction(organization.pk):
        owner = make_actor("owner")
        dataset = make_dataset(owner, organization)
        make_kpi(owner, organization, dataset=dataset, aggregation="sum", expression="quantity")
        load(dataset, [{"id": "1", "at": datetime(2026, 3, 1, 12, tzinfo=UTC), "quantity": 7, "price": 1}])
    celery = (sys.executable, "-m", "celery", "--quiet", "--app", "ops_platform")
    options = (
        "--queues",
        "rollups",
        "--concurrency",
        "1",
        "--without-gossip",
        "--without-mingle",
        "--loglevel",
        "ERROR",
    )
    worker = subprocess.Popen(cable.command(*celery, "worker", *options), cwd=ROOT, env=services)
    try:
        facts = {"organization_id": organization.pk, "dataset_id": dataset.pk}
        nudge = f"from ops_platform.celery import app; app.send_task('metrics.recompute_dataset', kwargs={facts!r})"
        subprocess.run([sys.executable, "-c", nudge], cwd=ROOT, env=services, check=True)
        until = time.monotonic() + PATIENCE
        while (found := _sums(organization)) == set() and time.monotonic() < until:
            time.sleep(0.3)
    finally:
        worker.terminate()
        worker.wait(20)

    assert found == {Decimal(7)}


def _sums(organization: Organization) -> set[Decimal]:
    with tenant_transaction(organization.pk):
        return set(Rollup.objects.values_list("sum", flat=True))
