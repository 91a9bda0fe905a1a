"""`manage.py messages`: refresh the Chinese catalogue; `--check` tells whether it is complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Collect the texts of code and templates into locale/ and compile them; --check only looks."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when something is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        # polib, a package for those who change the product, is not installed where it only serves
        from ops_platform.catalogue import check, refresh

        root, locale = settings.BASE_DIR, Path(settings.LOCALE_PATHS[0])
        found = check(root, locale) if options["check"] else refresh(root, locale)
        if found and options["check"]:
            raise CommandError(_report(found))
        self.stdout.write(_report(found) if found else "Every text has its Chinese.")


def _report(found: list[str]) -> str:
    return "\n".join([f"{len(found)} faults in the Chinese catalogue:", *(f"  {fault}" for fault in found)])
