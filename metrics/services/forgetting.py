"""What of this floor is forgotten, and by which rule."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from metrics.models import SourceDelivery
from metrics.services import import_purge
from organization.retention import Rule, declare
from organization.services.forgetting import rows_older

declare(
    Rule(import_purge.RULE, _("Files of imports"), "IMPORT_FILE_DAYS", import_purge.count_old, import_purge.forget_some)
)
declare(Rule("deliveries", _("Deliveries of data sources"), "SOURCE_LOG_DAYS", *rows_older(SourceDelivery, "begun_at")))
