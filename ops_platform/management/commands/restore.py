"""`manage.py restore`: an installation from its backup, into an empty server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import CommandParser

from ops_platform.backup.archive import CannotRestore, finish, restore
from ops_platform.backup.programs import ProgramFailed
from ops_platform.embedded.postgres import PostgresUnavailable


class Command(BaseCommand):
    help = "Bring a backup back into an empty database and an empty folder of files. Needs DATABASE_ADMIN_URL."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DATABASE_ADMIN_URL or not settings.DATABASE_URL:
            raise CommandError("Set DATABASE_ADMIN_URL (owner of the tables) and DATABASE_URL (the role that serves).")
        try:
            restore(options["file"].resolve(), admin=settings.DATABASE_ADMIN_URL, files=Path(settings.MEDIA_ROOT))
            # Roles and privileges of this server, and what a newer version has changed since
            call_command("prepare_database", restoring=True, verbosity=0)
            finish(admin=settings.DATABASE_ADMIN_URL)
        except (CannotRestore, PostgresUnavailable, ProgramFailed) as error:
            raise CommandError(f"{error}") from error
        self.stdout.write("Everything is back. Start serving with the SECRET_KEY that the backup was made under.")
