"""What of this floor is forgotten, and by which rule."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization.retention import Rule, declare
from organization.services.forgetting import rows_older
from processes.models import Operation

declare(Rule("operations", _("Acts of devices on runs"), "OPERATION_DAYS", *rows_older(Operation, "made_at"), least=7))
