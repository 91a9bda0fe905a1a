"""Expected failures of automation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization.errors import DomainError


class NoReaders(DomainError):
    """A report that nobody would get."""

    message = _("Choose at least one reader: a person or a role.")
    field = "members"


class SendingAlready(DomainError):
    """The report is on its way."""

    message = _("This report is being sent right now. Look again in a minute.")
