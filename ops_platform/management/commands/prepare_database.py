"""`manage.py prepare_database`: roles, migrations and privileges; the one step that needs the admin's address."""

from __future__ import annotations

import time
from argparse import SUPPRESS
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
import psycopg2
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import CommandParser
from django.db import connection
from django.db.utils import OperationalError
from psycopg2 import errors

from ops_platform import roles
from ops_platform.backup import mark
from ops_platform.database_url import login

LOCK = 7_264_101
WAIT_SECONDS = 30
# A waiting ALTER TABLE blocks every reader behind it: give way quickly, and try again.
LOCK_TIMEOUT, TRIES = "2s", 10


class Command(BaseCommand):
    help = "Make the database roles, run the migrations and grant privileges. Needs DATABASE_ADMIN_URL."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", type=float, default=WAIT_SECONDS, help="seconds to wait for PostgreSQL")
        parser.add_argument("--restoring", action="store_true", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DATABASE_ADMIN_URL or not settings.DATABASE_URL:
            raise CommandError("Set DATABASE_ADMIN_URL (owner of the tables) and DATABASE_URL (the role that serves).")
        if login(settings.DATABASE_URL)[0] == login(settings.DISPATCHER_DATABASE_URL)[0]:
            raise CommandError(
                "Set DISPATCHER_DATABASE_URL to a role of its own: it sees the queues of all organizations, the role "
                "that serves must not."
            )
        with self._admin_cursor(options["wait"]) as cursor:
            refusal = (
                mark.SENTENCE if mark.is_marked(cursor) and not options["restoring"] else roles.migrator_refusal(cursor)
            )
            if refusal:
                raise CommandError(refusal)
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            for url in (settings.DATABASE_URL, settings.DISPATCHER_DATABASE_URL):
                self._ensure_role(cursor, url)
            become_migrator()
            self._migrate(options["verbosity"])

    @contextmanager
    def _admin_cursor(self, wait: float) -> Iterator[Any]:
        deadline = time.monotonic() + wait
        while True:
            try:
                admin = psycopg2.connect(settings.DATABASE_ADMIN_URL, connect_timeout=5)
                break
            except psycopg2.OperationalError as error:
                if time.monotonic() > deadline:
                    raise CommandError(f"PostgreSQL cannot be reached: {error}") from error
                time.sleep(0.5)
        admin.autocommit = True
        try:
            with admin.cursor() as cursor:
                yield cursor
        finally:
            admin.close()

    def _ensure_role(self, cursor: Any, url: str) -> None:
        name, password = login(url)
        cursor.execute("SELECT current_user")
        if name == cursor.fetchone()[0]:
            raise CommandError(f"The role {name} owns the tables; serving needs another one, that it does not bypass.")
        try:
            roles.create_login(cursor, name, password)
        except errors.InsufficientPrivilege as error:
            if not roles.exist(cursor, name):
                raise CommandError(f"The role {name} is missing and cannot be made: {error}") from error

    def _migrate(self, verbosity: int) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                call_command("migrate", interactive=False, verbosity=verbosity)
                return
            except OperationalError as error:
                if not isinstance(error.__cause__, errors.LockNotAvailable) or attempt == TRIES:
                    raise
                self.stderr.write(f"A table is in use; trying again ({attempt} of {TRIES}).")
                time.sleep(attempt)


def become_migrator() -> None:
    """Point Django's default connection to the admin's address, past any pool and without the time limits of a page."""
    config = connection.settings_dict
    address = environ.Env.db_url_config(settings.DATABASE_ADMIN_URL)
    own = {key: address[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    options = f"-c lock_timeout={LOCK_TIMEOUT} -c statement_timeout=0"
    merged = {**config["OPTIONS"], **address.get("OPTIONS", {}), "options": options}
    config.update(**own, OPTIONS=merged, TRANSACTION_SETTINGS={})
    connection.close()
