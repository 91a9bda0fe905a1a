"""A dashboard as a PDF file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from metrics.errors import NoPdf
from metrics.forms.dashboard_filter import asked_filter
from metrics.forms.ranges import RangeForm
from metrics.queries.dashboard_filter import dashboard_with_filter, filter_of
from metrics.queries.dashboard_report import dashboard_report
from ops_platform.web.pdf import NoTypesetter, report_pdf
from organization.services import reads
from organization.views.base import PageView, visible_or_404


class DashboardPdfView(PageView):
    """What the dashboard shows under the same address, on paper."""

    permission = "metrics.dashboard.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = asked_filter(request.GET)
        dashboard = visible_or_404(dashboard_with_filter(self.actor, asked), pk=pk)
        form = RangeForm(request.GET or None, default_range=dashboard.default_period)
        now = timezone.now()
        report = dashboard_report(
            self.actor,
            dashboard,
            form.asked,
            only=filter_of(dashboard, asked),
            as_of=now,
            organization=self.request.organization,
        )
        try:
            body = report_pdf(report.document)
        except NoTypesetter:
            return HttpResponse(str(NoPdf.message), status=503, content_type="text/plain; charset=utf-8")
        reads.note_download(self.actor, dashboard, kind="pdf", filters=sorted(request.GET))
        answer = HttpResponse(body, content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{dashboard.reference}-{now:%Y-%m-%d}.pdf"'
        return answer
