"""What of this floor is forgotten, and by which rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.models import DataExport, Notice, RequestOrigin, WorkItem
from organization.retention import Rule, declare
from organization.services import data_exports


def rows_older(model: Any, field: str, **conditions: Any) -> tuple[Any, Any]:
    """`count` and `forget` of a rule over the rows of `model` whose `field` lies before an instant."""

    def count(before: datetime) -> int:
        return model.objects.filter(**{f"{field}__lt": before}, **conditions).count()

    def forget(before: datetime, most: int) -> int:
        old = model.objects.filter(**{f"{field}__lt": before}, **conditions).order_by("pk")
        gone = list(old.values_list("pk", flat=True)[:most])
        model.objects.filter(pk__in=gone).delete()
        return len(gone)

    return count, forget


def _forget_exports(before: datetime, most: int) -> int:
    old = list(DataExport.objects.filter(created_at__lt=before).order_by("pk")[:most])
    for export in old:
        data_exports.forget_export(export, str(export.file.name or ""))
    return len(old)


def _count_exports(before: datetime) -> int:
    return DataExport.objects.filter(created_at__lt=before).count()


declare(
    Rule("addresses", _("Network addresses in the audit trail"), "AUDIT_ADDRESS_DAYS", *rows_older(RequestOrigin, "at"))
)
declare(Rule("notices", _("Notices that were read"), "NOTICE_DAYS", *rows_older(Notice, "read_at")))
declare(Rule("work", _("Finished work items"), "WORK_ITEM_DAYS", *rows_older(WorkItem, "closed_at"), least=30))
declare(Rule("exports", _("Archives of the organization"), "EXPORT_FILE_DAYS", _count_exports, _forget_exports))
