"""What automation brings to links, the trail and search."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from automation.models import ReportSchedule
from metrics.models import Dashboard
from organization.access import Actor
from organization.models.base import name_key
from organization.queries.kinds import Act, Found, Kind, register_act, register_kind, register_search

REPORT = register_kind(
    Kind(ReportSchedule, _("Scheduled report"), "automation:report-detail", "automation.report.edit")
)


def _new_report(dashboard: Dashboard) -> str:
    return f"{reverse('automation:report-new')}?dashboard={dashboard.pk}"


register_act(Dashboard, Act(_("Send by mail"), "mail-forward", "automation.report.edit", _new_report))


@register_search
def find_reports(actor: Actor, text: str, limit: int) -> list[Found]:
    """Scheduled reports by either name or reference."""
    named = Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(reference__iexact=text)
    rows = ReportSchedule.objects.visible_to(actor).filter(named).order_by(name_key(), "pk")[:limit]
    return [REPORT.found(row, row.reference) for row in rows]
