"""Pages of KPIs: the list, one with its numbers, the rows behind a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from metrics.choices import GrainCode
from metrics.forms.kpis import KpiFilters
from metrics.forms.ranges import RangeForm
from metrics.models import Kpi
from metrics.queries.annotations import may_annotate, note_address
from metrics.queries.entries import entry_plan_of
from metrics.queries.figures import MOST_BARS
from metrics.queries.headlines import answer_of
from metrics.queries.kpi_overview import MOST_JUDGED, KpiRow, kpi_rows, overview, with_status
from metrics.queries.kpi_page import corrections_of, kpi_page, kpis_for_page
from metrics.queries.number_page import NumberPage, number_page
from metrics.queries.periods import is_historic, latest, period_starting, seen_from
from metrics.queries.reader import GRAINS, Reader
from metrics.queries.rows_behind import ORDER, Born, Cut, decoded, decoded_in_chunks
from metrics.queries.target_page import target_history, target_list
from metrics.queries.windows import Term
from metrics.services.kpis import change_kpi
from ops_platform.web.addresses import address
from ops_platform.web.columns import Column, Table
from ops_platform.web.exports import About, csv_lines
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order, keyset_page
from organization.access import Actor, can
from organization.engine.periods import Grain, Period, PeriodRule
from organization.errors import NotVisible
from organization.forms.cells import department_field, owner_field, yes_or_no
from organization.queries.activity import may_see_activity
from organization.queries.links import loop_panel
from organization.queries.notice_channels import watch_of, with_watch
from organization.services.reads import note_download
from organization.tenancy import TenantQuerySet, tenant_transaction
from organization.views.base import PageView, visible_or_404
from organization.views.editing import Editable, Switch
from organization.views.lists import MOST_EXPORTED, ListView

DEFAULT_RANGES = {
    Grain.HOUR: "today",
    Grain.DAY: "last-30-days",
    Grain.WEEK: "last-12-months",
    Grain.MONTH: "last-12-months",
    Grain.QUARTER: "all",
    Grain.YEAR: "all",
}


MOST_TERMS, LONGEST_TERM = 20, 8_000
TERM = re.compile(r"[0-9]{1,9}(\.-?[0-9]{1,9})*(,[0-9]{1,9}(\.-?[0-9]{1,9})*)*")


def detail_url(kpi: Kpi) -> str:
    """The page of a KPI."""
    return address("metrics:kpi-detail", kpi.pk)


class KpiListView(ListView):
    """What each KPI says now."""

    permission = "metrics.kpi.view"
    template = "metrics/kpi_list.html"
    empty_template = "metrics/_empty_kpis.html"
    title = _("KPIs")
    order = Order("name", ("name_key", "pk"))
    filter_form = KpiFilters
    columns: Sequence[Column] = (
        Column(
            "name",
            _("KPI"),
            lambda row: row.kpi.display_name,
            sort=("name_key", "pk"),
            href=lambda row: detail_url(row.kpi),
            is_wide=True,
        ),
        Column("value", _("Value"), lambda row: row.value, kind="number", unit=lambda row: row.unit, folded="end"),
        # "date" for its way of standing in one line
        Column("period", _("Period"), lambda row: row.headline.period_brief, kind="date", folded="last"),
        Column("status", _("Status"), lambda row: row.verdict, kind="status"),
        Column("target", _("Target"), lambda row: row.target_text, is_figure=True),
        Column(
            "change",
            _("Change"),
            lambda row: row.change_text,
            is_figure=True,
            drawn=lambda row: row.change_mark,
            folded="gone",
        ),
        Column("spark", _("Trend"), lambda row: row.spark, folded="gone", in_files=False),
        Column(
            "owner",
            _("Owner"),
            lambda row: row.kpi.owner.name if row.kpi.owner else "",
            kind="date",
            sort=("owner__name_pinyin", "pk"),
            is_nullable=True,
            folded="gone",
        ),
        Column(
            "department",
            _("Department"),
            lambda row: row.kpi.department.display_name if row.kpi.department else "",
            sort=("department__path", "pk"),
            is_nullable=True,
            folded="gone",
            is_minor=True,
        ),
        Column("reference", _("Reference"), "kpi__reference", folded="gone", is_extra=True),
        # Of use in a file; on the screen the period says it
        Column("newest", _("Newest data"), lambda row: row.newest_on, kind="date", folded="gone", is_extra=True),
    )
    editables = (
        Editable("owner", "owner", _("Owner"), "metrics.kpi.edit", owner_field, change_kpi, icon="user"),
        Editable(
            "department",
            "department",
            _("Department"),
            "metrics.kpi.edit",
            department_field,
            change_kpi,
            icon="hierarchy",
        ),
        Editable(
            "in_use",
            "is_active",
            _("In use"),
            "metrics.kpi.edit",
            yes_or_no,
            change_kpi,
            switches=(Switch(False, _("Archive"), "archive"), Switch(True, _("Take into use"), "recycle")),
        ),
    )
    is_active: bool | None = True  # the page is of those in use; None: whether or not

    def rows(self) -> TenantQuerySet:
        wanted = dict(self.filters)
        level = wanted.pop("status", None)
        wanted["is_active"] = {"archived": False, "all": None}.get(wanted.pop("use", ""), self.is_active)
        found = kpi_rows(self.actor, **wanted)
        if level is None:
            return found
        judged = self._overview(list(found.order_by("pk")[:MOST_JUDGED]))
        return found.filter(pk__in=with_status(judged, level))

    @staticmethod
    def one_row(actor: Actor, pk: int) -> Kpi:
        kpi: Kpi = visible_or_404(kpi_rows(actor, is_active=None), pk=pk)
        return kpi

    def dressed(self, rows: list[Any]) -> list[KpiRow]:
        return self._overview(rows)

    def subject_of(self, row: Any) -> Kpi:
        kpi: Kpi = row.kpi
        return kpi

    def all_rows(self, order: Order) -> Iterable[KpiRow]:
        return self._overview(list(self.rows().order_by(*order.expressions())[:MOST_EXPORTED]))

    def context(self) -> dict[str, Any]:
        return {
            "may_create": self.actor.holds("metrics.kpi.edit"),
        }

    def _overview(self, kpis: list[Kpi]) -> list[KpiRow]:
        organization = self.request.organization
        return overview(kpis, as_of=timezone.now(), rule=organization.period_rule, currency=organization.currency)


class KpiDetailView(PageView):
    """The number with its target, its course, its parts, and how it is defined."""

    permission = "metrics.kpi.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        organization = self.request.organization
        kpi = visible_or_404(with_watch(kpis_for_page(self.actor), self.actor), pk=pk)
        grain = GRAINS[GrainCode(kpi.grain)]
        form = RangeForm(
            request.GET or None,
            default_range=DEFAULT_RANGES[grain],
            own_grain_label=gettext("As judged: %(grain)s") % {"grain": GrainCode(kpi.grain).label},
        )
        page = kpi_page(
            self.actor,
            kpi,
            form.asked,
            as_of=timezone.now(),
            rule=organization.period_rule,
            currency=organization.currency,
        )
        context = {
            "page": page,
            "kpi": kpi,
            "range_form": form,
            "targets": target_list(self.actor, page.book, page.unit, organization.period_rule),
            "target_history": target_history(self.actor, kpi, page.unit, before=page.known.at if page.known else None),
            "corrections": corrections_of(kpi, page.unit, organization.period_rule, page.known),
            "watch": watch_of(kpi),
            "may_see_activity": may_see_activity(self.actor, kpi),
            "loop": loop_panel(self.actor, kpi),
            "may_edit": bool(can(self.actor, "metrics.kpi.edit", kpi)),
            "may_set_targets": bool(can(self.actor, "metrics.target.edit", kpi)),
            "may_annotate": page.known is None and may_annotate(self.actor, kpi),
            "note_url": note_address(self.actor, kpi) if page.known is None else "",
            "entry_plan": entry_plan_of(self.actor, kpi) if page.extent.awaited_at else None,
            "today": timezone.localdate(),
            "most_bars": MOST_BARS,
        }
        return render_page(request, "metrics/kpi_detail.html", context, fragment="figures")


class KpiRowsView(PageView):
    """The rows that make a number, with the number computed from them; a formula leads on to its operands."""

    permission = "metrics.kpi.view_rows"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        kpi = self.subject(Kpi.objects.visible_to(self.actor).select_related("department"), pk=pk)
        organization = self.request.organization
        cut = self._born(self._cut(), organization.period_rule)
        reader = Reader([kpi.pk], has_cuts=cut is not None and bool(cut.terms))
        period = self._period(kpi, reader)
        page = number_page(
            self.actor,
            kpi,
            reader,
            period,
            cut,
            rule=organization.period_rule,
            currency=organization.currency,
        )
        if request.GET.get("export") == "csv" and page.rows is not None:
            return self._csv(page)
        context: dict[str, Any] = {"number": page, "kpi": kpi, "kpi_url": detail_url(kpi)}
        if may_annotate(self.actor, kpi):
            context["note_url"] = f"{reverse('metrics:note-new', args=[kpi.pk])}?day={period.first_on.isoformat()}"
        if page.rows is not None:
            found = keyset_page(page.rows.rows, ORDER, cursor=request.GET.get("cursor", ""), is_counted=False)
            rows = decoded(found.rows, page.rows.columns)
            context["page"] = found
            context["table"] = Table(page.columns, rows, gettext("Rows behind the number"), layout="data")
        return render_page(request, "metrics/kpi_rows.html", context, fragment="rows")

    def _period(self, kpi: Kpi, reader: Reader) -> Period:
        """The period of the address; without one, that of the KPI's number as it stands."""
        rule = self.request.organization.period_rule
        grain, start = self.request.GET.get("grain", ""), self.request.GET.get("start", "")
        if start:
            try:
                return period_starting(Grain(grain), start, rule)
            except (ValueError, OverflowError) as error:
                raise NotVisible from error
        extent, now = reader.extent(kpi.pk), timezone.now()
        anchored = is_historic(extent.last_at, now)
        seen_at = seen_from(extent.last_at, is_daily=extent.is_daily, as_of=now, rule=rule) if anchored else now
        there = latest(max(GRAINS[GrainCode(kpi.grain)], extent.finest), 2, seen_at, rule, is_anchored=anchored)
        _answer, place = answer_of(kpi, there, extent, as_of=now)
        return there.periods[-1 if place is None else place]

    def _cut(self) -> Cut | None:
        given = self.request.GET
        names = ("column", "key", "column2", "key2", "tree", "department")
        try:
            numbers = {name: int(given[name]) for name in names if given.get(name)}
        except ValueError as error:
            raise NotVisible from error
        if any(abs(number) >= 2**31 for number in numbers.values()):
            raise NotVisible
        terms = (*_terms(given.getlist("where")), *_terms(given.getlist("not"), is_other=True))
        if "tree" in numbers:
            return Cut(department_column=numbers["tree"], department_id=numbers.get("department", 0))
        keys = [
            (numbers[f"column{tail}"], numbers.get(f"key{tail}", 0)) for tail in ("", "2") if f"column{tail}" in numbers
        ]
        return Cut(tuple(keys), terms=terms) if keys or terms else None

    def _born(self, cut: Cut | None, rule: PeriodRule) -> Cut | None:
        """The cut with the cohort that the address names. Raises NotVisible."""
        given = self.request.GET
        if "cohort" not in given:
            return cut
        try:
            first = period_starting(Grain(given.get("grain", "")), given.get("born", ""), rule)
            column_id = int(given["cohort"])
        except (ValueError, OverflowError) as error:
            raise NotVisible from error
        return replace(cut or Cut(), cohort=Born(column_id, first.start, first.end))

    def _csv(self, page: NumberPage) -> StreamingHttpResponse:
        organization = self.request.organization
        zone = ZoneInfo(organization.timezone)
        filters = [(gettext("Period"), page.period_label), *page.facts, (gettext("Definition"), page.words)]
        about = About(page.kpi.display_name, timezone.now(), zone, filters)
        name = f"{page.kpi.key}-{page.period.first_on.isoformat()}.csv"
        note_download(self.actor, page.kpi, kind="csv", rows=page.recomputed.count if page.recomputed else 0)
        return StreamingHttpResponse(
            _streamed(page, about, organization.pk, zone, translation.get_language() or "en"),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _terms(texts: Sequence[str], *, is_other: bool = False) -> list[Term]:
    """`5.3.7,9.1`: keys 3 and 7 of column 5, which in another dataset is key 1 of column 9. Raises NotVisible."""
    found = []
    for text in texts[:MOST_TERMS]:
        if len(text) > LONGEST_TERM or not TERM.fullmatch(text):
            raise NotVisible
        pairs = [part.split(".") for part in text.split(",")]
        found.append(Term(tuple((int(column), tuple(map(int, codes))) for column, *codes in pairs), is_other))
    return found


def _streamed(page: NumberPage, about: About, organization_id: int, zone: ZoneInfo, language: str) -> Iterator[bytes]:
    """The file piece by piece. The request's scope is closed by then, so it opens its own."""
    assert page.rows is not None
    with tenant_transaction(organization_id), timezone.override(zone), translation.override(language):
        rows = decoded_in_chunks(page.rows.rows, page.rows.columns)
        for line in csv_lines(page.columns, rows, about):
            yield line.encode()
