"""`manage.py backup`: the whole installation into one file, while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from ops_platform.backup.archive import backup
from ops_platform.backup.programs import ProgramFailed
from ops_platform.embedded.postgres import PostgresUnavailable


class Command(BaseCommand):
    help = "Write database and files into one file. Needs DATABASE_ADMIN_URL, or a running `manage.py run`."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"].resolve()
        if not settings.DATABASE_ADMIN_URL:
            raise CommandError(
                "Set DATABASE_ADMIN_URL (owner of the tables): the role that serves cannot read them all."
            )
        if target.exists():
            raise CommandError(f"{target} exists already.")
        try:
            size = backup(target, admin=settings.DATABASE_ADMIN_URL, files=Path(settings.MEDIA_ROOT))
        except (ProgramFailed, PostgresUnavailable) as error:
            raise CommandError(f"{error} Nothing was written.") from error
        self.stdout.write(
            f"{target}: {size / 2**20:,.1f} MB. Keep secrets.json (or SECRET_KEY) elsewhere: what is sealed in here opens "
            "with it alone."
        )
