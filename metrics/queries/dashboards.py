"""Dashboards: the list, and one with every panel's number and chart.

A page costs a fixed number of statements for any number of panels. What a panel shows is kept in the cache by all that
it depends on, so that a page whose data stands still builds no figure and reads no rollup.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Count, Q
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, GrainCode, PanelKind
from metrics.models import Dashboard, DashboardPanel, DimensionValue, Kpi
from metrics.queries import figures
from metrics.queries.breakdowns import Names, adds_up, names_of, part_facts, title_of
from metrics.queries.figures import bars_of, parts_figure, rows_url, summary_of, trend
from metrics.queries.headlines import Answer, Headline, answer_of, day_words, headline, tile_of
from metrics.queries.kpi_page import rows_base_of
from metrics.queries.periods import Asked, Shown, compared_with, shown, with_lead
from metrics.queries.reader import GRAINS, Reader
from metrics.queries.targets import book_of, target_rows
from metrics.queries.units import unit_of
from metrics.queries.windows import Ask, BreakdownColumn, Extent, Slice, Window
from ops_platform.web import formats
from ops_platform.web.charts import Chart, Payload
from ops_platform.web.stat import Tile
from organization.access import Actor
from organization.engine.periods import PeriodRule
from organization.tenancy import TenantQuerySet

KEPT_SECONDS = 3600
MOST_VALUES = 200
NO_SUCH_VALUE = -1


@dataclass(frozen=True)
class Filter:
    """Only the rows whose property `key` has `value`. codes: the dictionary code of the value in each column."""

    key: str
    value: str
    codes: dict[int, int]


@dataclass(frozen=True)
class PanelFigure:
    """What a panel shows, apart from where it links to: this part is kept in the cache."""

    tile: Tile
    payload: Payload | None = None
    summary: str = ""
    note: str = ""
    notice: str = ""
    has_number: bool = False


@dataclass(frozen=True)
class PanelView:
    """A panel of the page."""

    id: int
    kpi_url: str
    rows_url: str
    figure: PanelFigure
    shown: Shown

    @property
    def chart(self) -> Chart | None:
        if self.figure.payload is None:
            return None
        return Chart(f"panel-{self.id}", self.figure.summary, self.figure.payload, note=self.figure.note)


@dataclass(frozen=True)
class DashboardView:
    """A dashboard over a range. properties: (key, name) by which it may be filtered; is_stale: every value is overdue."""

    dashboard: Dashboard
    panels: list[PanelView]
    shown: Shown | None
    properties: list[tuple[str, str]]
    newest_words: str
    is_stale: bool


@dataclass(frozen=True)
class _Plan:
    """A panel before anything of its rollups is read."""

    panel: DashboardPanel
    extent: Extent
    shown: Shown
    ask: Ask
    split: Ask | None
    column: BreakdownColumn | None
    answer: Answer
    place: int | None
    rows_base: str
    rows_facts: dict[str, object]
    comparison: str
    sees: tuple[object, ...]

    @property
    def kpi(self) -> Kpi:
        return self.panel.kpi

    def cache_key(self, rule: PeriodRule, currency: str) -> str:
        """Everything that what the panel shows depends on; the organization first."""
        panel, there = self.panel, self.shown
        ends = (there.periods[0].start, there.periods[-1].end) if there.periods else ()
        parts = (
            panel.pk, panel.kind, panel.column_id, panel.kpi.version, panel.kpi.target_rows, self.extent, ends,
            there.grain, there.running is None, self.ask.only, self.split, self.comparison, self.sees,
            self.answer, self.place, rule, currency, self.rows_base, get_language(),
        )  # fmt: skip
        digest = hashlib.sha256(repr(parts).encode()).hexdigest()
        return f"{panel.organization_id}:panel:{digest}"


def dashboard_rows(actor: Actor, *, q: str = "") -> TenantQuerySet:
    """The dashboards that the actor may see and that match, with their number of panels on KPIs they may see."""
    visible = Kpi.objects.visible_to(actor).values("pk")
    found = (
        Dashboard.objects.visible_to(actor)
        .select_related("owner", "department")
        .annotate(panel_count=Count("panels", filter=Q(panels__kpi__in=visible)))
    )
    if text := q.strip().replace("\0", ""):
        found = found.filter(Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(reference__iexact=text))
    return found


def first_dashboard(actor: Actor) -> Dashboard | None:
    """The one to open with: the member's own, else their department's, else the oldest."""
    found = list(Dashboard.objects.visible_to(actor).order_by("pk")[:MOST_VALUES])
    return min(
        found,
        key=lambda row: (
            row.owner_id is None or row.owner_id != actor.member_id,
            row.department_id is None or row.department_id != actor.department_id,
            row.pk,
        ),
        default=None,
    )


def dashboard_with_filter(actor: Actor, key: str, value: str) -> TenantQuerySet:
    """Visible dashboards, each with where `value` of the property `key` stands in the dictionaries (`matches`)."""
    matches = DimensionValue.objects.filter(column__key=key, value=value).order_by("column_id")
    json = JSONObject(column="column_id", code="code")
    found = Dashboard.objects.visible_to(actor).select_related("department")
    return found.annotate(matches=ArraySubquery(matches.values(json=json)))


def filter_of(dashboard: Dashboard, key: str, value: str) -> Filter | None:
    """The filter of the address; None where none is asked."""
    if not (key and value):
        return None
    return Filter(key, value, {row["column"]: row["code"] for row in dashboard.matches})  # type: ignore[attr-defined]


def visible_panels(actor: Actor, dashboard: Dashboard) -> TenantQuerySet:
    """The panels on KPIs that the actor may see, in order, with their KPIs and targets."""
    return (
        DashboardPanel.objects.filter(dashboard=dashboard, kpi__in=Kpi.objects.visible_to(actor))
        .select_related("kpi__department", "column")
        .annotate(target_rows=target_rows("kpi_id"))
    )


def dashboard_view(
    actor: Actor,
    dashboard: Dashboard,
    asked: Asked,
    *,
    only: Filter | None,
    as_of: datetime,
    rule: PeriodRule,
    currency: str,
) -> DashboardView:
    """The page of a dashboard. A range that is not asked is the dashboard's own."""
    panels = list(visible_panels(actor, dashboard))
    for panel in panels:
        panel.kpi.target_rows = panel.target_rows  # type: ignore[attr-defined]  # annotated
    reader = Reader(panel.kpi_id for panel in panels)
    extents = {panel.kpi_id: reader.extent(panel.kpi_id) for panel in panels}
    plans = [_plan(actor, panel, reader, extents, asked, only, as_of=as_of, rule=rule) for panel in panels]
    keys = [plan.cache_key(rule, currency) for plan in plans]
    kept = cache.get_many(keys) if keys else {}
    missing = [(key, plan) for key, plan in zip(keys, plans, strict=True) if key not in kept]
    if missing:
        made = _build(actor, reader, missing, only, as_of=as_of, currency=currency)
        cache.set_many(made, KEPT_SECONDS)
        kept |= made
    lasts = [extent.last_at for extent in extents.values() if extent.last_at]
    return DashboardView(
        dashboard=dashboard,
        panels=[_view(plan, kept[key]) for key, plan in zip(keys, plans, strict=True)],
        shown=plans[0].shown if plans else None,
        properties=_properties(reader, extents),
        newest_words=day_words(max(lasts, default=None), rule),
        is_stale=bool(plans) and all(plan.answer in (Answer.STALE, Answer.NO_DATA) for plan in plans) and bool(lasts),
    )


def property_values(actor: Actor, dashboard: Dashboard, key: str, text: str) -> list[str]:
    """Values of a property that begin with or contain `text`, as far as panels that the actor sees have it."""
    panels = list(visible_panels(actor, dashboard))
    reader = Reader(panel.kpi_id for panel in panels)
    ids = {
        column.column_id
        for panel in panels
        for column in reader.columns(panel.kpi_id)
        if column.key == key and not column.second_id
    }
    found = DimensionValue.objects.filter(column__in=ids)
    if text:
        found = found.filter(value__icontains=text.replace("\0", ""))
    return list(found.order_by("value").values_list("value", flat=True).distinct()[:MOST_VALUES])


def _plan(
    actor: Actor,
    panel: DashboardPanel,
    reader: Reader,
    extents: dict[int, Extent],
    asked: Asked,
    only: Filter | None,
    *,
    as_of: datetime,
    rule: PeriodRule,
) -> _Plan:
    kpi, extent = panel.kpi, extents[panel.kpi_id]
    lasts = [one.last_at for one in extents.values() if one.last_at]
    there = shown(
        asked,
        as_of=as_of,
        rule=rule,
        grain=GRAINS[GrainCode(kpi.grain)],
        first_at=min((one.first_at for one in extents.values() if one.first_at), default=None),
        # One stretch for the whole page: the newest data of all its KPIs decides.
        last_at=max(lasts, default=None),
        is_daily=all(one.is_daily for one in extents.values()),
        finest=extent.finest,
    )
    columns = reader.columns(kpi.pk)
    part = _slice(columns, only)
    window = Window(with_lead(there.periods, rule), compared_with(there, asked.comparison))
    answer, place = answer_of(kpi, there, extent, as_of=as_of)
    column = _split_column(panel, columns, is_sliced=part is not None) if panel.kind == PanelKind.BREAKDOWN else None
    split = None
    if column is not None and place is not None:
        split = Ask(kpi.pk, Window((there.periods[place],)), part, column.split)
    facts: dict[str, object] = {} if part is None else {"column": part.column_id, "key": part.key}
    return _Plan(
        panel,
        extent,
        there,
        Ask(kpi.pk, window, part),
        split,
        column,
        answer,
        place,
        rows_base_of(actor, kpi),
        facts,
        asked.comparison,
        # Names of departments show only to those who may see them, so what one saw is not kept for another.
        actor.grants.get("organization.department.view", ()) if column is not None and column.by_department else (),
    )


def _slice(columns: Iterable[BreakdownColumn], only: Filter | None) -> Slice | None:
    """The slice that the filter means for a KPI; of no column (0) where it is not kept by the property."""
    if only is None:
        return None
    for column in columns:
        if column.key == only.key and not column.second_id and not column.by_department:
            return Slice(column.column_id, only.codes.get(column.column_id, NO_SUCH_VALUE))
    return Slice(0, NO_SUCH_VALUE)


def _split_column(
    panel: DashboardPanel, columns: Sequence[BreakdownColumn], *, is_sliced: bool
) -> BreakdownColumn | None:
    """The column that a breakdown panel splits by: its own, or the first there is; departments as a tree."""
    own = [column for column in columns if column.column_id == panel.column_id] or list(columns)
    single = [column for column in own if not column.second_id]
    is_tree = panel.column is not None and panel.column.role == ColumnRole.DEPARTMENT and not is_sliced
    fitting = [column for column in single if column.by_department == is_tree]
    return next(iter(fitting or single), None)


def _build(
    actor: Actor,
    reader: Reader,
    missing: Sequence[tuple[str, _Plan]],
    only: Filter | None,
    *,
    as_of: datetime,
    currency: str,
) -> dict[str, PanelFigure]:
    plans = [plan for _key, plan in missing]
    reader.load([*(plan.ask for plan in plans), *(plan.split for plan in plans if plan.split)])
    found = [(plan.column, reader.parts(plan.split) or []) for plan in plans if plan.split is not None and plan.column]
    names = names_of(actor, found)
    return {key: _figure(reader, plan, names, only, as_of=as_of, currency=currency) for key, plan in missing}


def _figure(
    reader: Reader, plan: _Plan, names: Names, only: Filter | None, *, as_of: datetime, currency: str
) -> PanelFigure:
    kpi = plan.kpi
    unit = unit_of(kpi, currency)
    book = book_of(kpi, kpi.target_rows)  # type: ignore[attr-defined]  # set by the caller
    series = reader.series(plan.ask)
    made = headline(
        kpi, plan.shown, plan.extent, series, book, plan.ask.window, as_of=as_of, is_sliced=plan.ask.only is not None
    )
    figure = PanelFigure(tile_of(kpi, unit, made), has_number=made.value is not None)
    if series.lacks_breakdown and only is not None:
        return replace(figure, notice=_("Not kept by this property, so the filter does not reach it."))
    if plan.split is not None and plan.column is not None:
        return _with_parts(figure, reader, plan, names, made, unit)
    if not figures.any_known(series.values[1:]):
        return figure
    drawn = trend(
        kpi,
        unit,
        plan.shown,
        series,
        None if plan.ask.only else book,
        kind=plan.panel.kind,
        comparison=plan.comparison,
        rows_base=plan.rows_base,
        rows_facts=plan.rows_facts,
    )
    return replace(figure, payload=Payload.of(drawn), summary=summary_of(kpi, plan.shown, series, unit))


def _with_parts(
    figure: PanelFigure, reader: Reader, plan: _Plan, names: Names, made: Headline, unit: formats.Unit
) -> PanelFigure:
    assert plan.split is not None
    assert plan.column is not None
    column, period = plan.column, plan.split.window.periods[0]
    parts = reader.parts(plan.split)
    if parts is None:
        return replace(figure, notice=_("Not kept by both properties together, so the parts are not shown."))
    if column.by_department:
        parts = [part for part in parts if part.key1 in names.departments]
    bars = bars_of(
        parts[: figures.MOST_BARS],
        lambda part: names.of(column, part),
        made.value,
        adds_up=adds_up(reader.in_force_on(plan.kpi.pk, period)),
        url=lambda part: rows_url(plan.rows_base, period, **_both(plan, part_facts(column, part))),
    )
    if not bars:
        return figure
    title = title_of(column)
    note = title
    if len(parts) > len(bars):
        note = _("%(title)s, the first %(shown)d of %(all)d") % {
            "title": title,
            "shown": len(bars),
            "all": len(parts),
        }
    summary = f"{plan.kpi.display_name}, {title}: {bars[0].name} {formats.compact(bars[0].value, unit)}"
    payload = Payload.of(parts_figure(bars, plan.kpi.display_name, unit))
    return replace(figure, payload=payload, summary=summary, note=note)


def _both(plan: _Plan, facts: dict[str, object]) -> dict[str, object]:
    """The address of a part within a slice names both."""
    part = plan.ask.only
    if part is None or facts.get("column") == part.column_id:
        return facts
    return facts | {"column2": part.column_id, "key2": part.key}


def _view(plan: _Plan, figure: PanelFigure) -> PanelView:
    link = ""
    if plan.place is not None and figure.has_number:
        link = rows_url(plan.rows_base, plan.shown.periods[plan.place], **plan.rows_facts)
    url = reverse("metrics:kpi-detail", args=[plan.panel.kpi_id])
    return PanelView(plan.panel.pk, url, link, figure, plan.shown)


def _properties(reader: Reader, kpi_ids: Iterable[int]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for kpi_id in kpi_ids:
        for column in reader.columns(kpi_id):
            if not column.second_id and not column.by_department:
                found.setdefault(column.key, column.name)
    return sorted(found.items(), key=lambda pair: pair[1])


def panel_lines(dashboard: Dashboard) -> list[dict[str, Any]]:
    """The panels as the form edits them, whoever looks: hidden ones must not be lost by saving."""
    return list(
        DashboardPanel.objects.filter(dashboard=dashboard)
        .values("kpi", "kind", "column", "position")
        .order_by("position", "pk")
    )
