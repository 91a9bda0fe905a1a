"""A PostgreSQL and a Redis for one test run, in a temporary folder that goes with it.

The migrated database is made once for a state of the migrations and kept as a folder under `var/test`; each run starts
a copy of it. No run shares a server with another one, so several may go on at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from ops_platform import roles
from ops_platform.embedded.postgres import SUPERUSER, EmbeddedPostgres
from ops_platform.embedded.redis import embedded_redis
from ops_platform.supervisor.children import SERVICE, Children, Program

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "var" / "test"
PASSWORD = "test"
MIGRATOR, APP, DISPATCHER = "ops_migrator", "ops_app", "ops_dispatcher"
DATABASE = "ops"
KEPT_STATES = 3


class MigrationsFailed(RuntimeError):
    """`migrate` ended with an error, which it has printed."""


@dataclass(frozen=True)
class Services:
    """The addresses of a running pair, as environment variables."""

    postgres: EmbeddedPostgres
    redis_url: str
    folder: Path

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address of `database` for one of the roles."""
        return self.postgres.url(role, PASSWORD, database)

    @property
    def environment(self) -> dict[str, str]:
        """What the tests' process needs: it connects as the migrator and then takes the role that production has."""
        return {
            "DATABASE_URL": self.url(MIGRATOR),
            "DISPATCHER_DATABASE_URL": self.url(MIGRATOR),
            "DATABASE_ADMIN_URL": self.url(MIGRATOR),
            "DATABASE_APP_ROLE": APP,
            "DATABASE_DISPATCHER_ROLE": DISPATCHER,
            "REDIS_URL": self.redis_url,
            "DATA_DIR": str(self.folder / "data"),
            "SECRET_KEY": "a-key-for-tests-" + "0" * 48,
            "SAMPLE": "0",
            "OPS_TESTING": "1",
        }


def start(children: Children) -> Services:
    """Start both servers as `children`; they and their folder go when the children are stopped."""
    folder = Path(tempfile.mkdtemp(prefix="ops-test-"))
    children.remove_folder_at_end(folder)
    try:
        template = _template(_state())
    except MigrationsFailed:
        print("The migrations fail; only tests without a database can pass.", file=sys.stderr)
        template = _template("empty", migrated=False)
    shutil.copytree(template, folder / "postgres")
    cluster = EmbeddedPostgres.in_folder(folder / "postgres", durable=False)
    if cluster.account.owner:
        _give(cluster.folder, cluster.account.owner)
    _run(children, cluster)
    redis = embedded_redis(folder, cluster.sockets, may_download=False)
    with (folder / "redis.log").open("w") as log:
        children.start(Program("redis", tuple(redis.command()), rank=SERVICE), output=log)
    _wait(redis.is_ready, "Redis")
    (folder / "data" / "static").mkdir(parents=True)
    return Services(cluster, redis.url, folder)


def _run(children: Children, cluster: EmbeddedPostgres) -> None:
    program = Program("postgres", tuple(cluster.command()), rank=SERVICE, stop_signal=signal.SIGINT)
    with (cluster.folder.parent / "postgres.log").open("w") as log:
        children.start(program, output=log)
    _wait(lambda: cluster.is_ready(PASSWORD), "PostgreSQL")


def _template(state: str, *, migrated: bool = True) -> Path:
    """The stopped cluster with a database for this state of the migrations; made when missing."""
    CACHE.mkdir(parents=True, exist_ok=True)
    template = CACHE / f"postgres-{state}"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            _make_template(template, migrated=migrated)
        os.utime(template)
        states = sorted(CACHE.glob("postgres-*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in states[KEPT_STATES:]:
            shutil.rmtree(old, ignore_errors=True)
    return template


def _make_template(template: Path, *, migrated: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="ops-test-") as name, Children() as children:
        cluster = EmbeddedPostgres.in_folder(Path(name) / "postgres", durable=False)
        cluster.initialise(PASSWORD)
        _run(children, cluster)
        make_roles(cluster)
        if migrated:
            _migrate(Services(cluster, "unix:///nowhere", Path(name)))
        children.stop()
        shutil.rmtree(template, ignore_errors=True)
        shutil.copytree(cluster.folder, template)


def _migrate(services: Services) -> None:
    environment = {**os.environ, **services.environment}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    if subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode:
        raise MigrationsFailed


def make_roles(cluster: EmbeddedPostgres) -> None:
    """The three roles of production, and the database that the migrator owns.

    The migrator is no superuser, so that tests meet the same walls. Only here it may become the two others, and may put
    triggers to sleep, which emptying the audit trail between two tests needs.
    """
    connection = psycopg2.connect(cluster.url(SUPERUSER, PASSWORD, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        for role in (MIGRATOR, APP, DISPATCHER):
            roles.create_login(cursor, role, PASSWORD)
        cursor.execute(f"ALTER ROLE {MIGRATOR} CREATEDB BYPASSRLS")
        cursor.execute(f"GRANT {APP}, {DISPATCHER} TO {MIGRATOR}")
        cursor.execute(f"GRANT SET ON PARAMETER session_replication_role TO {MIGRATOR}")
        cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {MIGRATOR}")
    connection.close()


def _state() -> str:
    """A digest of everything that the migrated database depends on."""
    digest = hashlib.sha256()
    files = [
        *sorted(ROOT.glob("*/migrations/*.py")),
        *sorted((ROOT / "ops_platform" / "database").rglob("*.py")),
        ROOT / "ops_platform" / "roles.py",
        ROOT / "ops_platform" / "settings.py",
        ROOT / "requirements.lock",
        Path(__file__),
    ]
    for path in files:
        digest.update(path.as_posix().encode() + b"\0" + path.read_bytes())
    digest.update(os.environ.get("POSTGRES_BIN", "").encode())
    return digest.hexdigest()[:16]


def _give(folder: Path, owner: tuple[int, int]) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, *owner)


def _wait(is_ready: Callable[[], bool], name: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{name} did not start within {seconds:.0f} s.")
        time.sleep(0.02)
