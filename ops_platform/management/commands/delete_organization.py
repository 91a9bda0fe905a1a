"""`manage.py delete_organization`: close an organization, so that a worker deletes it when its time to come back is over."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from organization.access import system_actor
from organization.errors import DomainError
from organization.queries.organizations import organization_called
from organization.services.closing import close_organization, reopen_organization
from organization.tenancy import tenant_context


class Command(BaseCommand):
    help = "Close an organization at once; its rows are deleted after DELETE_GRACE_DAYS. --undo opens it again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, help="its short name")
        parser.add_argument("--confirm", default="", help="its short name once more")
        parser.add_argument("--undo", action="store_true", help="open it again")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organization = organization_called(options["organization"])
            actor = system_actor(organization.pk, "command")
            with tenant_context(organization.pk):
                if options["undo"]:
                    reopen_organization(actor, organization, as_of=timezone.now())
                    self.stdout.write(f"{organization.slug} is open again.")
                    return
                closed = close_organization(actor, organization, typed=options["confirm"], as_of=timezone.now())
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{closed.slug} is closed. Its rows are deleted after {closed.delete_after:%Y-%m-%d %H:%M %Z}."
        )
