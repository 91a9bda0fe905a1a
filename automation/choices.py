"""The fixed vocabularies of automation."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Rhythm(TextChoices):
    """When a report goes out."""

    DAILY = "daily", _("Every day")
    WORKDAYS = "workdays", _("Every working day")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month, on a day")
    FIRST_WORKDAY = "first_workday", _("Every month, on the first working day")


class MailStatus(TextChoices):
    """What became of one reader's copy."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    REFUSED = "refused", _("No right to see it")
    FAILED = "failed", _("Not delivered")
