"""One panel of a dashboard: fetched when it comes into view, shown alone, as a table, as a file."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.forms.dashboard_filter import (
    BY_DEPARTMENT,
    address_with,
    asked_filter,
    chips,
    filter_fields,
    hidden_fields,
    unknown_values,
)
from metrics.forms.ranges import RangeForm
from metrics.models import Dashboard
from metrics.queries.dashboard_filter import AskedFilter, Filter, dashboard_with_filter, filter_of
from metrics.queries.dashboard_list import with_marks
from metrics.queries.dashboards import (
    DashboardView,
    PanelSheet,
    dashboard_stamp,
    dashboard_view,
    panel_sheet,
)
from metrics.queries.known_on import asked_known
from ops_platform.web import formats
from ops_platform.web.columns import Table
from ops_platform.web.exports import About, csv_lines, write_xlsx
from ops_platform.web.htmx import render_page
from ops_platform.web.kept_pages import kept_page
from organization.queries.actors import seen_as
from organization.queries.notice_channels import with_watch
from organization.services.reads import note_download
from organization.views.base import PageView, visible_or_404
from organization.views.lists import CONTENT_TYPES


@dataclass(frozen=True)
class SeenDashboard:
    """A dashboard as the address asks for it: over a range, compared or not, of some properties and departments or all."""

    page: PageView
    dashboard: Dashboard
    form: RangeForm
    asked: AskedFilter
    only: Filter | None

    def view(self, *, stamp: str, panel_id: int | None = None) -> DashboardView:
        """What it shows, or one panel of it."""
        return dashboard_view(
            self.page.actor, self.dashboard, self.form.asked, stamp=stamp, panel_id=panel_id, **self.frame
        )

    @property
    def frame(self) -> dict[str, Any]:
        """What all figures are made within."""
        organization = self.page.request.organization
        return {
            "only": self.only,
            "as_of": timezone.now(),
            "rule": organization.period_rule,
            "currency": organization.currency,
        }

    @property
    def context(self) -> dict[str, Any]:
        """What templates say about the address."""
        return {
            "dashboard": self.dashboard,
            "range_form": self.form,
            "filter_fields": filter_fields(self.asked),
            "query": filters_in(self.page.request),
        }

    def filter_context(self, view: DashboardView) -> dict[str, Any]:
        """What the controls of the filter show."""
        given = self.page.request.GET
        return {
            "chips": chips(given, self.only, dict(view.properties), _("Department")),
            "kept_fields": hidden_fields(given, self.asked),
            "unfiltered": address_with(given, AskedFilter()),
            "unknown": unknown_values(self.only, dict(view.properties)),
            "by_department": BY_DEPARTMENT,
        }


def seen_dashboard(page: PageView, pk: int) -> SeenDashboard:
    """The dashboard with what the address asks of it. Raises Http404."""
    given = page.request.GET
    asked = asked_filter(given)
    found = with_marks(dashboard_with_filter(page.actor, asked), page.actor)
    dashboard = visible_or_404(with_watch(found, page.actor), pk=pk)
    form = RangeForm(given or None, default_range=dashboard.default_period, own_grain_label=_("As judged"))
    return SeenDashboard(page, dashboard, form, asked, filter_of(dashboard, asked))


def filters_in(request: HttpRequest) -> str:
    """The filters of the address, for the addresses of its panels."""
    return address_with(request.GET, asked_filter(request.GET))


class PanelDetailView(PageView):
    """One panel, as a swap of its place on the dashboard or on a page of its own. Unchanged it costs a 304."""

    permission = "metrics.dashboard.view"

    def get(self, request: HttpRequest, pk: int, panel: int) -> HttpResponse:
        stamp = dashboard_stamp(pk, self.request.member.pk)
        if request.GET.get("known"):  # another day's numbers are not kept beside today's
            return self.page(request, pk, panel, stamp)
        rests_on = (seen_as(self.request.member), stamp)
        return kept_page(request, self.actor.organization_id, rests_on, lambda: self.page(request, pk, panel, stamp))

    def page(self, request: HttpRequest, pk: int, panel: int, stamp: str) -> HttpResponse:
        """The panel as it stands now."""
        seen = seen_dashboard(self, pk)
        view = seen.view(stamp=stamp, panel_id=panel)
        if not view.panels:
            raise Http404
        context = seen.context | {"panel": view.panels[0], "view": view}
        return render_page(request, "metrics/panel_detail.html", context, fragment="panel")


class PanelDataView(PageView):
    """The numbers of a panel as a table beside it, as CSV or XLSX."""

    permission = "metrics.dashboard.view"

    def get(self, request: HttpRequest, pk: int, panel: int) -> HttpResponseBase:
        seen = seen_dashboard(self, pk)
        found = panel_sheet(self.actor, seen.dashboard, panel, seen.form.asked, **seen.frame)
        if found is None:
            raise Http404
        kind = request.GET.get("export")
        if kind in ("csv", "xlsx"):
            return self.export(seen, found, kind)
        table = Table(found.sheet.columns, found.sheet.rows, found.panel.display_title)
        context = seen.context | {"table": table, "unfit": found.unfit, "title": found.panel.display_title}
        return render_page(request, "metrics/panel_data.html", context, fragment="rows")

    def export(self, seen: SeenDashboard, found: PanelSheet, kind: str) -> HttpResponseBase:
        """The numbers as a file that says what it is of."""
        panel, shown, sheet = found.panel, found.shown, found.sheet
        zone = ZoneInfo(self.request.organization.timezone)
        facts = [(_("Dashboard"), seen.dashboard.display_name)]
        if panel.kpi is not None and shown is not None:
            facts += [(_("KPI"), panel.kpi.display_name), (_("Period"), shown.words())]
        facts += [(_("Only where"), formats.named(*fact)) for fact in found.facts]
        facts += [(_("Note"), found.unfit)] if found.unfit else []
        organization = self.request.organization
        if known := asked_known(seen.form.asked.known_on, as_of=timezone.now(), timezone=organization.timezone):
            facts.append((_("As known on"), formats.day(known.day)))
        about = About(panel.display_title, timezone.now(), zone, facts)
        file = tempfile.TemporaryFile()  # noqa: SIM115  # FileResponse closes it
        if kind == "csv":
            file.writelines(line.encode() for line in csv_lines(sheet.columns, sheet.rows, about))
        else:
            write_xlsx(file, sheet.columns, sheet.rows, about)
        file.seek(0)
        note_download(self.actor, seen.dashboard, kind=kind, rows=len(sheet.rows), panel=panel.pk)
        name = f"{panel.kpi.key if panel.kpi else 'text'}-{panel.kind}.{kind}"
        return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])
