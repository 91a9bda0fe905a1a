"""What a start does once before serving: static files, tables, the sample company. Each is skipped when it is done."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg2
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from ops_platform import roles
from ops_platform.database_url import without_login
from ops_platform.supervisor.children import ROOT, Children, Program
from ops_platform.supervisor.console import Console
from ops_platform.supervisor.data_dir import CannotStart, Secrets
from ops_platform.supervisor.databases import Databases

SAMPLE_COMMAND = ROOT / "ops_platform" / "management" / "commands" / "sample_company.py"
ACCOUNTS_FILE = "sample-accounts.txt"


class Preparation:
    """One start's preparation, in the data folder that `serving` names."""

    def __init__(self, serving: Mapping[str, str], databases: Databases, children: Children, console: Console) -> None:
        self._serving, self._databases = dict(serving), databases
        self._children, self._console = children, console
        self._data_dir = Path(serving["DATA_DIR"])

    def files_and_tables(self) -> None:
        """Collect static files and bring the tables up to date, side by side. Raises CannotStart."""
        running = []
        static, tables = self._data_dir / "static.state", self._data_dir / "tables.state"
        static_state, tables_state = _static_state(), self._tables_state()
        if _read(static) != static_state or not (self._data_dir / "static").exists():
            self._console.say("Collecting the static files.")
            running.append(self._begin("static", "collectstatic", "--noinput", "--verbosity=0"))
        if _read(tables) != tables_state or self._tables_are_behind():
            if not self._databases.admin:
                raise CannotStart(
                    "The tables are not up to date, and the role of DATABASE_URL may not change them. "
                    "Set DATABASE_ADMIN_URL to the role that owns them."
                )
            self._console.say("Bringing the tables up to date.")
            running.append(self._begin("tables", "prepare_database", DATABASE_ADMIN_URL=self._databases.admin))
        for process in running:
            self._finish(process)
        static.write_text(static_state)
        tables.write_text(tables_state)

    def sample_company(self, secrets: Secrets) -> str:
        """Make the sample company in an empty installation, or what a killed start left out. Returns its accounts.

        The command writes the accounts when all is done.
        """
        accounts = self._data_dir / ACCOUNTS_FILE
        if SAMPLE_COMMAND.exists() and (self.is_empty() or (not accounts.exists() and self._has_sample())):
            self._console.say("Making the sample company; this takes a while, once. SAMPLE=0 leaves it out.")
            extra = {"SAMPLE_PASSWORD": secrets.get("sample password")[:12], "SAMPLE_ACCOUNTS_FILE": str(accounts)}
            self._finish(self._begin("sample", "sample_company", **extra))
        return _read(accounts)

    def is_empty(self) -> bool:
        """Whether nobody could sign in. Organizations themselves are hidden from who is in none of them."""
        return self._holds("NOT EXISTS (SELECT 1 FROM organization_user)")

    def _begin(self, name: str, *command: str, **extra: str) -> subprocess.Popen[str]:
        program = Program(
            name, (sys.executable, str(ROOT / "manage.py"), *command), environment={**self._serving, **extra}
        )
        process = self._children.start(program, output=subprocess.PIPE)
        if process.stdout:
            self._console.follow(process.stdout, name)
        return process

    def _finish(self, process: subprocess.Popen[str]) -> None:
        while process.poll() is None:
            time.sleep(0.03)
        self._children.forget(process)
        if process.returncode:
            raise CannotStart("The step above failed, so nothing was started.")

    def _tables_are_behind(self) -> bool:
        try:
            for url in (self._databases.dispatcher, self._databases.app):
                connection = psycopg2.connect(url, connect_timeout=5)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT to_regclass('django_migrations') IS NULL")
                    if cursor.fetchone() == (True,):
                        return True
            with connection.cursor() as cursor:
                cursor.execute("SELECT app, name FROM django_migrations")
                return not set(MigrationLoader(None).disk_migrations) <= set(cursor.fetchall())
        except (psycopg2.OperationalError, psycopg2.errors.InsufficientPrivilege):
            return True  # the roles are not made yet, or have another password

    def _has_sample(self) -> bool:
        return self._holds("EXISTS (SELECT 1 FROM organization_organization WHERE slug = 'sample' AND is_sample)")

    def _holds(self, condition: str) -> bool:
        connection = psycopg2.connect(self._databases.admin or self._databases.app, connect_timeout=5)
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {condition}")
                return bool(cursor.fetchone()[0])
        finally:
            connection.close()

    def _tables_state(self) -> str:
        """What the privileges depend on beside the migrations."""
        digest = hashlib.sha256(Path(roles.__file__).read_bytes())
        digest.update(repr((settings.APP_TABLES, settings.DISPATCHER_TABLES, settings.APP_FUNCTIONS)).encode())
        digest.update(without_login(self._databases.app).encode())
        return digest.hexdigest()


def _static_state() -> str:
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        status = path.stat()
        digest.update(f"{path.relative_to(ROOT)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
