"""`manage.py export_organization`: everything that one organization has, in one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from ops_platform.portability.export import write_archive
from organization.access import system_actor
from organization.errors import UnknownOrganization
from organization.queries.organizations import organization_called
from organization.services.data_exports import note_export
from organization.tenancy import tenant_transaction


class Command(BaseCommand):
    help = "Write everything that one organization has into an archive, as it stands at this instant."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the archive to write")
        parser.add_argument("--organization", required=True, help="its short name")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if target.exists():
            raise CommandError(f"{target} exists already.")
        try:
            organization = organization_called(options["organization"])
        except UnknownOrganization as error:
            raise CommandError(str(error)) from error
        partial = target.with_name(f"{target.name}.part")
        try:
            with partial.open("wb") as file:
                manifest = write_archive(organization.pk, file, now=timezone.now(), note=self._note)
            partial.rename(target)
        finally:
            partial.unlink(missing_ok=True)
        assert manifest is not None
        rows = sum(part.size for part in manifest.tables)
        with tenant_transaction(organization.pk):
            note_export(system_actor(organization.pk, "command"), organization, rows=rows)
        self.stdout.write(
            f"{target}: {rows:,} rows in {len(manifest.tables)} tables, {len(manifest.files)} files, "
            f"{target.stat().st_size / 2**20:,.1f} MB."
        )

    def _note(self, rows: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{rows:,} rows", ending="")
