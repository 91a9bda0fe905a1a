"""`python3 manage.py verify_audit FILE`: whether an exported audit trail is as it was written. Asks no database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from organization.engine.audit_export import begins_the_trail, check_export


class Command(BaseCommand):
    help = "Check every seal of an audit trail that was exported as JSON lines."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8") as file:
                found = check_export(file)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The file cannot be read: {error}") from error
        if found.problem:
            raise CommandError(f"Line {found.line}: {found.problem}. {found.count} entries before it are whole.")
        start = "from the very first on" if begins_the_trail(found) else f"after the seal {found.first_seal or '-'}"
        self.stdout.write(
            f"Whole: {found.count} entries, {start}, each tied to the one before it. Last seal: {found.last_seal or '-'}\n"
            "Compare the last seal with one that was noted elsewhere, or with the page “Check” of the audit trail."
        )
