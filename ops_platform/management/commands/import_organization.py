"""`manage.py import_organization`: an organization from its archive, under new numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from ops_platform.portability.archive import ArchiveRefused
from ops_platform.portability.arrival import import_archive


class Command(BaseCommand):
    help = "Make an organization from an archive that export_organization or its owner made: all of it, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument("--slug", default="", help="its short name here (default: the one it had)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organization = import_archive(options["file"], slug=options["slug"], now=timezone.now(), say=self._say)
        except ArchiveRefused as error:
            raise CommandError(f"{error} Nothing was imported.") from error
        self.stdout.write(
            f"{organization.name} is here as {organization.slug}. People sign in with the e-mail address they had; who is "
            "new here sets a password through “Forgot your password?”. Make new API tokens and enter the secrets of "
            "data sources again: these do not travel."
        )

    def _say(self, text: str) -> None:
        self.stderr.write(text)
