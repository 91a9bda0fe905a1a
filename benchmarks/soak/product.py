"""The product as `manage.py run` starts it, in a folder of its own, with the sample company and something to write into."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from benchmarks.soak.people import Place

ROOT = Path(__file__).resolve().parents[2]
# In the running product: a dataset with row keys, a KPI that counts its rows, and a token that writes.
SETUP = """
import json
from datetime import timedelta
from django.utils import timezone
from metrics.models import Dashboard, Kpi
from metrics.services import datasets, kpis
from metrics.services.datasets import ColumnSpec
from metrics.services.kpis import DefinitionSpec
from organization.models import Member, Organization, User
from organization.queries.actors import actor_for, member_of
from organization.services.idempotency import organization_ids
from organization.services.tokens import create_token
from organization.tenancy import tenant_transaction
from ops_platform.sample.accounts import sample_accounts
(pk,) = organization_ids()
accounts = sample_accounts()
with tenant_transaction(pk):
    organization = Organization.objects.get()
    email = next(email for role, email, _ in accounts if role == "owner")
    found = member_of(Member.objects.get(user__email=email).user_id)
    actor = actor_for(found)
    columns = [ColumnSpec("at", "instant"), ColumnSpec("id", "key"), ColumnSpec("amount", "measure")]
    dataset = datasets.create_dataset(actor, organization, name="Soak", key="soak", columns=columns, row_key="columns")
    definition = DefinitionSpec(dataset=dataset, aggregation="count")
    kpis.create_kpi(actor, organization, name="Rows of the soak", key="soak-rows", definition=definition)
    rights = ["metrics.observation.write", "metrics.kpi.view", "metrics.dataset.view"]
    _token, text = create_token(actor, organization, name="Soak", member=found, codenames=rights,
                                expires_at=timezone.now() + timedelta(days=1))
    for person in User.objects.filter(email__in=[email for _role, email, _ in accounts]):
        person.set_password("people-who-soak-1")
        person.save()
    print(json.dumps({
        "token": text, "password": "people-who-soak-1",
        "emails": [email for role, email, _ in accounts if role != "staff"],
        "dashboards": [f"/metrics/dashboards/{row.pk}/" for row in Dashboard.objects.order_by("pk")[:6]],
        "kpis": [f"/metrics/kpis/{row.pk}/" for row in Kpi.objects.order_by("pk")[:20]],
    }))
"""
STORED = """
import json
from django.db import connection
from metrics.choices import GrainCode
from metrics.models import Dataset, KpiVersion, Rollup, RollupMark
from organization.services.idempotency import organization_ids
from organization.tenancy import tenant_transaction
(pk,) = organization_ids()
with tenant_transaction(pk), connection.cursor() as cursor:
    dataset = Dataset.objects.get(key="soak")
    cursor.execute("SELECT row_key FROM metrics_observation WHERE dataset_id = %s", [dataset.pk])
    keys = [row[0] for row in cursor.fetchall()]
    versions = KpiVersion.objects.filter(kpi__key="soak-rows").values("pk")
    years = Rollup.objects.filter(version_id__in=versions, grain=GrainCode.YEAR, breakdown_id=0)
    marks = RollupMark.objects.filter(dataset_id=dataset.pk).count()
    print(json.dumps({"keys": keys, "counted": sum(years.values_list("n", flat=True)), "marks": marks}))
"""


class Product:
    """The running process tree."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        own = {
            "DATABASE_URL",
            "DISPATCHER_DATABASE_URL",
            "DATABASE_ADMIN_URL",
            "REDIS_URL",
            "SECRET_KEY",
            "OPS_TESTING",
        }
        inherited = {key: value for key, value in os.environ.items() if key not in own}
        self.base = f"http://127.0.0.1:{port}"
        self._environment = inherited | {
            "DATA_DIR": str(folder), "PORT": str(port), "SAMPLE": "1",
            "API_RATE": "100000/min", "LOG_LEVEL": "WARNING", "TRUSTED_PROXIES": "1",
        }  # fmt: skip
        self._log = (folder / "soak.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "run"], cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log
        )

    def __enter__(self) -> Product:
        deadline = time.monotonic() + 600
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The product did not start; see {self._log.name}.")
            time.sleep(0.5)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)
        self._log.close()

    def is_ready(self, path: str = "/readyz") -> bool:
        """Whether it answers, with database, Redis, a ticking beat and an outbox that is not behind."""
        try:
            with urllib.request.urlopen(self.base + path, timeout=5) as answer:  # noqa: S310  # our own server
                return bool(answer.status == 200)
        except OSError:
            return False

    def place(self) -> Place:
        """Make what the people visit."""
        facts = self._ask(SETUP)
        return Place(
            base=self.base,
            emails=tuple(facts["emails"]),
            password=facts["password"],
            dashboards=tuple(facts["dashboards"]),
            kpis=tuple(facts["kpis"]),
            dataset="soak",
            token=facts["token"],
        )

    def stored(self) -> tuple[set[str], int, int]:
        """(keys of the rows that are there, rows that the KPI counts, marks that wait)."""
        facts = self._ask(STORED)
        return set(facts["keys"]), facts["counted"], facts["marks"]

    def memory(self) -> dict[str, float]:
        """MiB of each program with its children, shared pages counted once (PSS)."""
        found: dict[str, float] = {}
        for child in psutil.Process(self._process.pid).children(recursive=True):
            try:
                name, size = _name(child), child.memory_full_info().pss / 2**20
            except psutil.Error:
                continue  # it ended while we looked
            found[name] = found.get(name, 0.0) + size
        return found

    def kill(self, name: str) -> None:
        """End a service as a crash does: at once. The product starts it again."""
        for child in psutil.Process(self._process.pid).children(recursive=True):
            line = " ".join(child.cmdline())
            if name in line and ("-D" in line if name == "postgres" else True):
                child.send_signal(signal.SIGQUIT if name == "postgres" else signal.SIGKILL)
                return
        raise LookupError(name)

    def _ask(self, code: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
            cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if not lines:
            raise SystemExit(f"The running product did not answer:\n{done.stderr[-3000:]}")
        return json.loads(lines[-1])


def _name(process: psutil.Process) -> str:
    line = " ".join(process.cmdline()) or process.name()
    for name, pattern in (("web", "gunicorn"), ("beat", "celery.* beat"), ("worker", "celery"), ("redis", "redis")):
        if re.search(pattern, line):
            return name
    return "postgres" if "postgres" in line else "other"
