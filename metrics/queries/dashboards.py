"""Dashboards: the list, and one with every panel's number and chart.

A page costs a fixed number of statements for any number of panels. What a panel shows is kept in the cache by all that
it depends on, so that a page whose data stands still builds no figure and reads no rollup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db import connection
from django.db.models import BooleanField, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from metrics.choices import PanelKind
from metrics.engine.panel_settings import WIDTHS
from metrics.models import Dashboard, DashboardPanel, DimensionValue, Kpi
from metrics.queries.annotations import note_address
from metrics.queries.dashboard_filter import Filter, has_trees, properties_of
from metrics.queries.figures import rows_url
from metrics.queries.headlines import Answer, day_words
from metrics.queries.known_facts import restore_known
from metrics.queries.known_on import KnownOn, asked_known
from metrics.queries.known_reader import reader_of
from metrics.queries.panel_base import PanelFigure, Plan, Sheet
from metrics.queries.panel_plans import plan_of
from metrics.queries.panel_text import draw_text
from metrics.queries.panel_trends import TIMED
from metrics.queries.panels import build_figures
from metrics.queries.periods import Asked, Shown
from metrics.queries.reader import Reader
from metrics.queries.targets import target_rows
from metrics.queries.version_rows import columns_of
from ops_platform.web import formats
from ops_platform.web.addresses import address
from ops_platform.web.charts import Chart
from organization.access import Actor
from organization.engine.periods import PeriodRule
from organization.models import Department
from organization.tenancy import TenantQuerySet

KEPT_SECONDS = 3600
# What a large screen shows without scrolling, and some more
ROWS_AT_ONCE, MOST_AT_ONCE = 8, 12
STEP_FIELDS = (
    "key", "name", "name_zh", "unit", "decimals", "direction", "grain", "version", "owner_id", "department_id",
    "organization_id",
)  # fmt: skip
MOST_VALUES = 200
WITHOUT_HEADLINE = (PanelKind.TABLE, PanelKind.CALENDAR, PanelKind.COHORT, PanelKind.FUNNEL, PanelKind.TEXT)


@dataclass(frozen=True)
class PanelView:
    """A panel of the page. figure: None for one that is fetched when it comes into view.

    note_url: where a note is written on a day (`{x}`) of a chart over time, empty for who may write none.
    """

    panel: DashboardPanel
    kpi_url: str = ""
    rows_url: str = ""
    figure: PanelFigure | None = None
    shown: Shown | None = None
    note_url: str = ""

    @property
    def id(self) -> int:
        return self.panel.pk

    @property
    def title(self) -> str:
        return self.panel.display_title

    @property
    def chart(self) -> Chart | None:
        if self.figure is None or self.figure.payload is None:
            return None
        return Chart(f"panel-{self.id}", self.figure.summary, self.figure.payload, note=self.figure.note)

    @property
    def has_headline(self) -> bool:
        """Whether the number of the newest period stands above the drawing."""
        return self.figure is not None and self.figure.tile is not None and self.panel.kind not in WITHOUT_HEADLINE

    @property
    def is_number(self) -> bool:
        """Whether the number is all there is, with little room beside it."""
        return self.panel.kind == PanelKind.NUMBER

    @property
    def may_toggle(self) -> bool:
        """Whether there is a drawing that may give way to its table; a table is one already."""
        has_drawing = self.figure is not None and (self.figure.payload or self.figure.drawing)
        return bool(has_drawing) and self.panel.kind not in (PanelKind.TABLE, PanelKind.COHORT, PanelKind.TEXT)

    @property
    def picture_note(self) -> str:
        """What stands below the title on a picture: the stretch or period, and the unit."""
        if self.figure is None or self.shown is None:
            return ""
        unit = self.figure.tile.unit.suffix or self.figure.tile.unit.symbol if self.figure.tile else ""
        return " · ".join(text for text in (self.shown.words(), unit, self.figure.note) if text)


@dataclass(frozen=True)
class PanelSheet:
    """The numbers of a panel as rows. facts: by what they are filtered; unfit: why the filter leaves nothing to be told."""

    panel: DashboardPanel
    shown: Shown | None
    sheet: Sheet
    facts: Sequence[tuple[str, str]] = ()
    unfit: str = ""


@dataclass(frozen=True)
class DashboardView:
    """A dashboard over a range. properties: (key, name) by which it may be filtered; is_stale: every value is overdue.

    has_departments: whether it may be filtered by department; filtered: by what it is, in words.
    """

    dashboard: Dashboard
    panels: list[PanelView]
    shown: Shown | None
    properties: list[tuple[str, str]]
    newest_words: str
    is_stale: bool
    known: KnownOn | None = None
    has_departments: bool = False
    filtered: Sequence[tuple[str, str]] = ()

    @property
    def filter_words(self) -> str:
        """By what it is filtered, in one line."""
        return formats.listed((formats.named(*fact) for fact in self.filtered), are_clauses=True)


def dashboard_stamp(pk: int, member_id: int = 0) -> str:
    """What the page of the dashboard rests on, digested: another text after any change of it. Rights are not in it, save
    what the dashboard's shares and the member's roles and pins come to.

    What stands behind the first colon changes with the departments alone, behind the second with the notes on its charts:
    nothing where there are none. Empty where the organization has no such dashboard.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT metrics_dashboard_stamp(%s, %s)", [pk, member_id])
        (stamp,) = cursor.fetchone()
    return stamp or ""


def visible_panels(actor: Actor, dashboard: Dashboard) -> TenantQuerySet:
    """The panels on KPIs that the actor may see, in order, with their KPIs and targets; texts are open to everybody."""
    visible = Q(kpi__in=Kpi.objects.visible_to(actor)) | Q(kind=PanelKind.TEXT)
    return (
        DashboardPanel.objects.filter(visible, dashboard=dashboard, removed_at=None)
        .select_related("kpi__department", "column")
        .annotate(target_rows=target_rows("kpi_id"), step_rows=step_rows(actor), value_count=_value_count())
    )


def step_rows(actor: Actor) -> ArraySubquery:
    """The KPIs of a funnel's further steps that the actor may see, as an annotation of panels."""
    is_step = Func(OuterRef("settings__steps"), F("key"), function="jsonb_exists", output_field=BooleanField())
    json = JSONObject(id="pk", path="department__path", **{name: name for name in STEP_FIELDS})
    return ArraySubquery(Kpi.objects.visible_to(actor).filter(is_step).values(json=json))


def _value_count() -> Subquery:
    """How many values the dictionary of a panel's property has: codes count from 1."""
    codes = DimensionValue.objects.filter(column=OuterRef("column_id")).order_by("-code")
    return Subquery(codes.values("code")[:1])


def dashboard_view(
    actor: Actor,
    dashboard: Dashboard,
    asked: Asked,
    *,
    only: Filter | None,
    as_of: datetime,
    rule: PeriodRule,
    currency: str,
    stamp: str = "",
    panel_id: int | None = None,
    is_whole: bool = False,
) -> DashboardView:
    """The page of a dashboard. A range that is not asked is the dashboard's own; stamp: its `dashboard_stamp`.

    Panels further down come without their figures, unless it is wanted whole. panel_id: this one alone, with its figure.
    """
    panels = list(visible_panels(actor, dashboard))
    measured = [panel for panel in panels if panel.kpi_id]
    known = asked_known(asked.known_on, as_of=as_of, timezone=rule.timezone)
    as_of = known.at if known else as_of
    _set_back(measured, known)
    steps = [row["id"] for panel in measured for row in panel.step_rows]
    reader = reader_of([*(panel.kpi_id for panel in measured), *steps], known, has_cuts=only is not None)
    extents = {panel.kpi_id: reader.extent(panel.kpi_id) for panel in measured}
    properties = properties_of(reader, extents)
    plans = {
        panel.pk: _of_then(
            plan_of(actor, panel, reader, extents, asked, only, as_of=as_of, rule=rule, names=dict(properties)), known
        )
        for panel in measured
    }
    at_once = panels if is_whole else _at_once(panels)
    wanted = {panel.pk for panel in at_once} if panel_id is None else {panel_id}
    drawn = [plan for pk, plan in plans.items() if pk in wanted]
    figures = _figures(actor, reader, drawn, as_of=as_of, rule=rule, currency=currency, stamp=stamp, known=known)
    lasts = [extent.last_at for extent in extents.values() if extent.last_at]
    answers = [plan.answer for plan in plans.values()]
    return DashboardView(
        dashboard=dashboard,
        panels=[
            _view(actor, panel, plans.get(panel.pk), figures.get(panel.pk), known)
            for panel in panels
            if panel_id is None or panel.pk == panel_id
        ],
        shown=next((plan.shown for plan in plans.values()), None),
        properties=properties,
        newest_words=day_words(max(lasts, default=None), rule),
        is_stale=bool(lasts) and all(answer in (Answer.STALE, Answer.NO_DATA) for answer in answers),
        known=known,
        has_departments=any(panel.kpi.department_id for panel in measured) or has_trees(reader, extents),
        filtered=only.facts(dict(properties)) if only is not None else (),
    )


def panel_sheet(
    actor: Actor,
    dashboard: Dashboard,
    panel_id: int,
    asked: Asked,
    *,
    only: Filter | None,
    as_of: datetime,
    rule: PeriodRule,
    currency: str,
) -> PanelSheet | None:
    """The numbers of one panel as rows, as exact as they are; none of a text; None for one that is not there."""
    panels = list(visible_panels(actor, dashboard))
    found = next((panel for panel in panels if panel.pk == panel_id), None)
    if found is None:
        return None
    if not found.kpi_id:
        return PanelSheet(found, None, Sheet((), ()))
    measured = {panel.kpi_id for panel in panels if panel.kpi_id}
    known = asked_known(asked.known_on, as_of=as_of, timezone=rule.timezone)
    as_of = known.at if known else as_of
    _set_back([found], known)
    reader = reader_of([*measured, *(row["id"] for row in found.step_rows)], known, has_cuts=only is not None)
    extents = {kpi_id: reader.extent(kpi_id) for kpi_id in measured}
    names = dict(properties_of(reader, extents))
    plan = _of_then(plan_of(actor, found, reader, extents, asked, only, as_of=as_of, rule=rule, names=names), known)
    ((figure, sheet),) = build_figures(actor, reader, [plan], as_of=as_of, currency=currency)
    facts = only.facts(names) if only is not None else []
    return PanelSheet(found, plan.shown, sheet or Sheet((), ()), facts, figure.notice if plan.reach.unfit else "")


def _figures(
    actor: Actor,
    reader: Reader,
    plans: list[Plan],
    *,
    as_of: datetime,
    rule: PeriodRule,
    currency: str,
    stamp: str,
    known: KnownOn | None = None,
) -> dict[int, PanelFigure]:
    """What each panel shows, by its id: from the cache, or made now and kept; a failure is not kept.

    known: what was known on a day is neither looked for in the cache nor put there.
    """
    if known is not None:
        then = build_figures(actor, reader, plans, as_of=as_of, currency=currency, has_notes=True, known=known)
        return {plan.panel.pk: figure for plan, (figure, _sheet) in zip(plans, then, strict=True)}
    _page, departments, notes = stamp.split(":") if stamp else ("", "", "unknown")
    keys = {plan.panel.pk: plan.cache_key(rule, currency, departments, notes) for plan in plans}
    kept = cache.get_many(keys.values()) if keys else {}
    missing = [plan for plan in plans if keys[plan.panel.pk] not in kept]
    if missing:
        made = build_figures(actor, reader, missing, as_of=as_of, currency=currency, has_notes=bool(notes))
        figures = {keys[plan.panel.pk]: figure for plan, (figure, _sheet) in zip(missing, made, strict=True)}
        cache.set_many({key: figure for key, figure in figures.items() if not figure.reference}, KEPT_SECONDS)
        kept |= figures
    return {pk: kept[key] for pk, key in keys.items()}


def _set_back(panels: Sequence[DashboardPanel], known: KnownOn | None) -> None:
    """Give the panels the targets and attributes of their KPIs as they were known."""
    if known is None:
        return
    kpis = {panel.kpi.pk: panel.kpi for panel in panels if panel.kpi}
    targets = {panel.kpi.pk: panel.target_rows for panel in panels if panel.kpi}  # type: ignore[attr-defined]  # annotated
    then = restore_known(kpis.values(), targets, known)
    for panel in panels:
        if panel.kpi:
            panel.kpi = kpis[panel.kpi.pk]
            panel.target_rows = then[panel.kpi.pk]  # type: ignore[attr-defined]


def _of_then(plan: Plan, known: KnownOn | None) -> Plan:
    """Without addresses of rows, which are today's, and without cohorts, which are counted from them."""
    if known is None:
        return plan
    is_cohort = plan.panel.kind == PanelKind.COHORT
    refusal = _("Cohorts cannot be shown as they were known on a day.") if is_cohort else plan.refusal
    return replace(plan, rows_base="", refusal=refusal)


def _at_once(panels: Sequence[DashboardPanel]) -> list[DashboardPanel]:
    """The panels that come with the page: those that stand within the first rows of the grid, and texts.

    Cohorts are counted from rows and never keep the others waiting.
    """
    top, row_height, column, found = 0, 0, 0, []
    for panel in panels:
        if column + panel.width > WIDTHS[-1]:
            top, row_height, column = top + row_height, 0, 0
        column += panel.width
        row_height = max(row_height, panel.height)
        if panel.kind != PanelKind.COHORT and (panel.kind == PanelKind.TEXT or top < ROWS_AT_ONCE):
            found.append(panel)
    return found[:MOST_AT_ONCE]


def department_names(actor: Actor, text: str) -> list[str]:
    """Departments that the actor sees, of whose name or code `text` is a part."""
    found = Department.objects.visible_to(actor).filter(is_active=True)
    if text:
        text = text.replace("\0", "")
        found = found.filter(Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(code__icontains=text))
    return [row.display_name for row in found.order_by("path")[:MOST_VALUES]]


def department_code(actor: Actor, text: str) -> str:
    """The code of the department that is called so, the text itself where there is none or several."""
    named = Q(name__iexact=text) | Q(name_zh=text)
    found = list(Department.objects.visible_to(actor).filter(named | Q(code=text)).values_list("code", flat=True)[:2])
    return text if text in found or len(found) != 1 else found[0]


def property_values(actor: Actor, dashboard: Dashboard, key: str, text: str) -> list[str]:
    """Values of a property that begin with or contain `text`, as far as panels that the actor sees have it."""
    panels = [panel for panel in visible_panels(actor, dashboard) if panel.kpi_id]
    reader = Reader(panel.kpi_id for panel in panels)
    ids = {
        column.column_id
        for panel in panels
        for leaf in reader.leaves(panel.kpi_id)
        for column in columns_of(leaf)
        if column.key == key and not column.second_id
    }
    found = DimensionValue.objects.filter(column__in=ids)
    if text:
        found = found.filter(value__icontains=text.replace("\0", ""))
    return list(found.order_by("value").values_list("value", flat=True).distinct()[:MOST_VALUES])


def _view(
    actor: Actor, panel: DashboardPanel, plan: Plan | None, figure: PanelFigure | None, known: KnownOn | None
) -> PanelView:
    if plan is None:
        return PanelView(panel, figure=draw_text(panel))
    link = ""
    if plan.place is not None and figure is not None and figure.has_number:
        link = rows_url(plan.rows_base, plan.shown.periods[plan.place], **plan.rows_facts)
    url = address("metrics:kpi-detail", plan.kpi.pk)
    note_url = note_address(actor, plan.kpi) if panel.kind in TIMED and known is None else ""
    return PanelView(panel, url, link, figure, plan.shown, note_url)


def panel_lines(dashboard: Dashboard) -> list[dict[str, Any]]:
    """The panels as the form edits them, whoever looks: hidden ones must not be lost by saving."""
    return list(
        DashboardPanel.objects.filter(dashboard=dashboard, removed_at=None)
        .values("kpi", "kind", "column", "position")
        .order_by("position", "pk")
    )
