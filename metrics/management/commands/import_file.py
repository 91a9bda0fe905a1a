"""import_file: a table into a dataset, by the same services as the pages."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from metrics.choices import BatchStatus
from metrics.engine.import_plan import plan_from
from metrics.engine.tabular import MappingError
from metrics.errors import BadFile, BadMapping
from metrics.models import Dataset, ImportBatch
from metrics.queries.imports import report_of
from metrics.queries.wording import tabular_sentence
from metrics.services import imports
from metrics.services.import_run import run_import
from organization.access import Actor, system_actor
from organization.errors import DomainError
from organization.models import Member, Organization
from organization.queries.actors import actor_for, member_of
from organization.queries.organizations import organization_called
from organization.tenancy import tenant_transaction

BAD_INPUT = 2


class Command(BaseCommand):
    """Reads, checks and loads one file; JSON to standard output, progress and reasons to standard error."""

    help = "Import a CSV, XLSX or XLS file into a dataset; what came of it goes to standard output as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the file, or - for standard input")
        parser.add_argument("--organization", required=True, metavar="SLUG", help="short name of the organization")
        parser.add_argument("--as", required=True, dest="kind", metavar="KIND", help="short name of the dataset")
        parser.add_argument("--mapping", metavar="FILE", help="JSON of a mapping or plan, in place of the guess")
        parser.add_argument("--dry-run", action="store_true", help="only check, load nothing")
        parser.add_argument("--member", metavar="EMAIL", help="who imports; the system where it is not given")

    def handle(self, **options: Any) -> None:
        try:
            organization = organization_called(options["organization"])
            batch = self._import(organization.pk, options)
        except BadMapping as error:
            for place, sentence in error.problems:
                self._say(f"{place}: {sentence}" if place else sentence)
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        except DomainError as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        with tenant_transaction(organization.pk):
            report = report_of(ImportBatch.objects.select_related("dataset").get(pk=batch.pk))
        self.stdout.write(json.dumps(report | {"dry_run": options["dry_run"]}, ensure_ascii=False, indent=1))
        for refused in report["refused"][:20]:
            self._say(_("Row %(row)s, column %(column)s: %(reason)s") % refused)
        if report["rows_read"] and not report["accepted"]:
            raise CommandError(_("Every row was refused; nothing was stored."), returncode=BAD_INPUT)

    def _import(self, organization_id: int, options: dict[str, Any]) -> ImportBatch:
        batch, actor = self._received(organization_id, options)
        self._say(_("Checking %(name)s") % {"name": batch.file_name})
        run_import(organization_id, batch.pk, is_held=True)
        with tenant_transaction(organization_id):
            batch.refresh_from_db()
            if batch.status == BatchStatus.FAILED:
                raise BadFile(batch.error)
            self._say(_("%(read)d rows read, %(refused)d refused") % _numbers(batch))
            if options["dry_run"] or batch.rows_read == batch.rows_refused:
                return imports.discard_import(actor, batch)
            batch = imports.load_checked(actor, batch, is_held=True)
        run_import(organization_id, batch.pk, is_held=True)
        with tenant_transaction(organization_id):
            batch.refresh_from_db()
            if batch.status != BatchStatus.DONE:
                raise BadFile(batch.error)
        self._say(_("%(created)d rows new, %(updated)d corrected, %(unchanged)d unchanged") % _numbers(batch))
        return batch

    def _received(self, organization_id: int, options: dict[str, Any]) -> tuple[ImportBatch, Actor]:
        """The file received and its mapping settled, held for this process."""
        with tenant_transaction(organization_id), _opened(options["file"]) as upload:
            actor = _actor(organization_id, options["member"])
            organization = Organization.objects.get(pk=organization_id)
            dataset = Dataset.objects.filter(key=options["kind"]).first()
            name = "input.csv" if options["file"] == "-" else Path(options["file"]).name
            batch = imports.receive_file(
                actor, organization, upload=upload, name=name, dataset=dataset, key=options["kind"]
            )
            plan = _plan(options["mapping"]) if options["mapping"] else batch.plan
            target = {"key": options["kind"]} if dataset is None else batch.plan["dataset"]
            plan["dataset"] = plan["dataset"] | target
            plan["dataset"]["name"] = plan["dataset"]["name"] or options["kind"]
            return imports.set_mapping(actor, batch, plan=plan, is_held=True), actor

    def _say(self, text: str) -> None:
        self.stderr.write(text)


def _numbers(batch: ImportBatch) -> dict[str, int]:
    return {name: getattr(batch, f"rows_{name}") for name in ("read", "refused", "created", "updated", "unchanged")}


def _actor(organization_id: int, email: str | None) -> Actor:
    if not email:
        return system_actor(organization_id, "import_file")
    member = Member.objects.filter(user__email=email.lower(), user__is_active=True).first()
    found = member_of(member.user_id) if member else None
    if found is None:
        raise BadFile(_("Nobody with this address is a member of the organization."))
    return actor_for(found)


def _opened(name: str) -> IO[bytes]:
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise BadFile(_("%(name)s cannot be opened: %(reason)s") % {"name": name, "reason": error.strerror}) from error


def _plan(name: str) -> dict[str, Any]:
    """The mapping or plan in the file of this name, checked."""
    with _opened(name) as file:
        try:
            return plan_from(json.load(file)).to_dict()
        except ValueError as error:
            raise BadMapping([("", tabular_sentence("mapping_invalid", {"problem": "json"}))]) from error
        except MappingError as error:
            sentence = tabular_sentence(error.code, error.params)
            raise BadMapping([(str(error.params["place"]), sentence)]) from error
