"""Row 2: the dashboard against Apache Superset's eight chart calls, on the same rows of the same PostgreSQL, in turn.

Superset is somebody else's program: install it in an environment of its own and name that environment's folder in
SUPERSET. Without it the row is left out.

    python3 -m venv DIR
    DIR/bin/pip install apache-superset==6.1.0 rich cachetools psycopg2-binary Flask-Caching==2.3.1
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from benchmarks.measuring import Result, in_turn
from benchmarks.rows.pages import AGGREGATIONS, ASKED, MEASURES, make_dashboards, member_of
from benchmarks.world import World

ROUNDS = 12
ADMIN, PASSWORD = "bench", "a-password-for-a-bench"  # of a server that lives for one run
CONFIGURATION = """
SECRET_KEY = "a-key-for-a-bench-" + "0" * 40
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
WTF_CSRF_ENABLED = TALISMAN_ENABLED = False
_CACHE = {{"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": "{folder}/cache", "CACHE_DEFAULT_TIMEOUT": 86400}}
CACHE_CONFIG = DATA_CACHE_CONFIG = FILTER_STATE_CACHE_CONFIG = EXPLORE_FORM_DATA_CACHE_CONFIG = _CACHE
"""
OPTIONS = ("--workers", "1", "--timeout", "120")
FUNCTIONS = {"sum": "SUM", "average": "AVG", "maximum": "MAX", "minimum": "MIN"}
TABLE = """
DROP TABLE IF EXISTS bench_superset;
CREATE TABLE bench_superset AS SELECT observed_at AS at, m1 AS quantity, m2 AS price FROM metrics_observation
 WHERE dataset_id = (SELECT id FROM metrics_dataset WHERE key = 'charts');
CREATE INDEX ON bench_superset (at);
ANALYZE bench_superset;
"""


def against_superset(world: World) -> list[Result]:
    """How many times faster the page is than the eight calls that fill Superset's charts."""
    environment = os.environ.get("SUPERSET", "")
    if not environment:
        sys.stderr.write("  left out: SUPERSET does not name an environment with Apache Superset\n")
        return []
    address, product = make_dashboards(world)[8], member_of(world)
    with world.cursor() as cursor:
        cursor.execute(TABLE)
    with _superset(Path(environment)) as ask:
        calls = [ask.chart(AGGREGATIONS[number % 4], MEASURES[number // 4]) for number in range(8)]
        days = {len(ask(call, force=True)) for call in calls}
        if days != {365}:
            raise RuntimeError(f"Superset's charts have {days} points.")
        page, cached, uncached = in_turn(
            lambda: product(address, ASKED),
            lambda: [ask(call, force=False) for call in calls],
            lambda: [ask(call, force=True) for call in calls],
            rounds=ROUNDS,
        )
    what = "dashboard of 8 charts against Superset's eight calls"
    return [
        Result(2, f"{what}, cached", cached.median, page.median, ratio=cached.median / page.median, limit=">= 20"),
        Result(
            2, f"{what}, uncached", uncached.median, page.median, ratio=uncached.median / page.median, limit=">= 40"
        ),
    ]


class Asking:
    """A signed-in client of Superset's API."""

    def __init__(self, base: str) -> None:
        self._base, self._session = base, requests.Session()
        facts = {"username": ADMIN, "password": PASSWORD, "provider": "db"}
        token = self._post("/api/v1/security/login", facts)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"
        address = settings.DATABASE_ADMIN_URL.replace("postgresql://", "postgresql+psycopg2://", 1)
        database = self._post("/api/v1/database/", {"database_name": "bench", "sqlalchemy_uri": address})["id"]
        self._dataset = self._post(
            "/api/v1/dataset/", {"database": database, "schema": "public", "table_name": "bench_superset"}
        )["id"]

    def chart(self, aggregation: str, expression: str) -> dict[str, Any]:
        """A line chart over a year of days, as Superset's own page asks for it."""
        metric = {"expressionType": "SQL", "sqlExpression": f"{FUNCTIONS[aggregation]}({expression})", "label": "value"}
        day = {
            "expressionType": "SQL",
            "sqlExpression": "at",
            "label": "at",
            "columnType": "BASE_AXIS",
            "timeGrain": "P1D",
        }
        query = {
            "columns": [day],
            "metrics": [metric],
            "filters": [{"col": "at", "op": "TEMPORAL_RANGE", "val": "2025-01-01 : 2026-01-01"}],
            "row_limit": 10_000,
        }
        return {
            "datasource": {"id": self._dataset, "type": "table"},
            "queries": [query],
            "result_format": "json",
            "result_type": "full",
        }

    def __call__(self, chart: dict[str, Any], *, force: bool) -> list[dict[str, Any]]:
        """The rows of a chart; force: computed anew."""
        found = self._post("/api/v1/chart/data", chart | {"force": force})
        return list(found["result"][0]["data"])

    def _post(self, path: str, facts: dict[str, Any]) -> dict[str, Any]:
        answer = self._session.post(self._base + path, json=facts, timeout=120)
        if not answer.ok:
            raise RuntimeError(f"Superset answered {answer.status_code} to {path}: {answer.text[:500]}")
        return dict(answer.json())


@contextmanager
def _superset(environment: Path) -> Iterator[Asking]:
    """A Superset of its own, with one worker as the page has one process."""
    with tempfile.TemporaryDirectory(prefix="ops-superset-") as name:
        folder, port = Path(name), _free_port()
        (folder / "superset_config.py").write_text(CONFIGURATION.format(folder=folder))
        variables = os.environ | {"SUPERSET_CONFIG_PATH": str(folder / "superset_config.py"), "FLASK_APP": "superset"}
        variables.pop("DJANGO_SETTINGS_MODULE", None)
        program = str(environment / "bin" / "superset")
        account = (
            "--username",
            ADMIN,
            "--password",
            PASSWORD,
            "--firstname",
            "B",
            "--lastname",
            "B",
            "--email",
            "b@example.org",
        )
        with (folder / "log").open("w") as log:
            for command in (("db", "upgrade"), ("fab", "create-admin", *account), ("init",)):
                subprocess.run([program, *command], env=variables, stdout=log, stderr=log, check=True)
            server = subprocess.Popen(
                [str(environment / "bin" / "gunicorn"), *OPTIONS, "--bind", f"127.0.0.1:{port}", "superset.app:create_app()"],
                env=variables, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                _wait(f"http://127.0.0.1:{port}/health")
                yield Asking(f"http://127.0.0.1:{port}")
            finally:
                server.terminate()
                server.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            if requests.get(address, timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.5)
    raise RuntimeError("Superset did not start.")
