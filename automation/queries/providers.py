"""What automation brings to links, the trail and search."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from automation.models import ReportSchedule
from organization.access import Actor
from organization.models.base import name_key
from organization.queries.kinds import Found, Kind, register_kind, register_search

REPORT = register_kind(
    Kind(ReportSchedule, _("Scheduled report"), "automation:report-detail", "automation.report.edit")
)


@register_search
def find_reports(actor: Actor, text: str, limit: int) -> list[Found]:
    """Scheduled reports by either name or reference."""
    named = Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(reference__iexact=text)
    rows = ReportSchedule.objects.visible_to(actor).filter(named).order_by(name_key(), "pk")[:limit]
    return [REPORT.found(row, row.reference) for row in rows]
