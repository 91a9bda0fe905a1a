"""`manage.py reset_second_factor EMAIL --organization SLUG`: for whoever has lost every second factor, even the last owner."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from organization.access import system_actor
from organization.errors import DomainError
from organization.mails import factor_reset_mail
from organization.models import Member
from organization.queries.organizations import organization_called
from organization.services.sessions import reset_second_factor
from organization.tenancy import tenant_transaction


class Command(BaseCommand):
    help = (
        "Take passkeys, app and recovery codes of a member away and sign them out. They are told by mail, and the "
        "audit trail names the command. Do it only when you are sure who asks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that the person signs in with")
        parser.add_argument("--organization", required=True, help="its short name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organization = organization_called(options["organization"])
            with tenant_transaction(organization.pk):
                found = Member.objects.filter(user__email=options["email"].strip().lower()).select_related("user")
                member = found.first()
                if member is None:
                    raise CommandError(f"Nobody in {organization.slug} signs in with {options['email']}.")
                reset_second_factor(system_actor(organization.pk, "command"), member)
                message = factor_reset_mail(member, organization)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The second factor of {member.user.email} is reset. They sign in by password alone.")
        try:
            message.send()
        except OSError as error:
            raise CommandError(
                f"It is reset, but the mail did not go out: {error}. Tell the person yourself."
            ) from error
