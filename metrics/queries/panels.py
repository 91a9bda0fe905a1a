"""Panels of a dashboard: what each will read, what it is kept by, and what it shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, GrainCode, PanelKind
from metrics.models import DashboardPanel, Kpi
from metrics.queries import figures
from metrics.queries.breakdowns import Names, adds_up, names_of, part_facts, title_of
from metrics.queries.figures import bars_of, parts_figure, rows_url, summary_of, trend
from metrics.queries.headlines import Answer, Headline, answer_of, headline, tile_of
from metrics.queries.kpi_page import rows_base_of
from metrics.queries.periods import Asked, Shown, compared_with, shown, with_lead
from metrics.queries.reader import GRAINS, Reader
from metrics.queries.targets import book_of
from metrics.queries.units import unit_of
from metrics.queries.windows import Ask, BreakdownColumn, Extent, Slice, Window
from ops_platform.web import formats
from ops_platform.web.charts import Payload
from ops_platform.web.stat import Tile
from organization.access import Actor
from organization.engine.periods import PeriodRule

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
class Plan:
    """A panel before anything of its rollups is read.

    ask: its course; split: its parts, if it shows some. sees: what of the viewer's rights names in it depend on.
    """

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
    targets: list[dict[str, Any]]

    @property
    def kpi(self) -> Kpi:
        """The KPI that the panel shows: only texts have none, and no plan."""
        return cast(Kpi, self.panel.kpi)

    def cache_key(self, rule: PeriodRule, currency: str, departments: str) -> str:
        """Everything that what the panel shows depends on; the organization first. departments: a digest of them all."""
        panel, there = self.panel, self.shown
        ends = (there.periods[0].start, there.periods[-1].end) if there.periods else ()
        parts = (
            panel.pk, panel.version, panel.kind, panel.column_id, self.kpi.version, self.targets, self.extent, ends,
            there.grain, there.running is None, self.ask.only, self.split, self.comparison, self.sees,
            self.answer, self.place, rule, currency, self.rows_base, get_language(),
            departments if self.column is not None and self.column.by_department else "",
        )  # fmt: skip
        digest = hashlib.sha256(repr(parts).encode()).hexdigest()
        return f"{panel.organization_id}:panel:{digest}"


def plan_of(
    actor: Actor,
    panel: DashboardPanel,
    reader: Reader,
    extents: dict[int, Extent],
    asked: Asked,
    only: Filter | None,
    *,
    as_of: datetime,
    rule: PeriodRule,
) -> Plan:
    """What a panel will read, decided by clock and extents alone. extents: of all KPIs of the page."""
    kpi = cast(Kpi, panel.kpi)
    extent = extents[kpi.pk]
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
    return Plan(
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
        panel.target_rows,  # type: ignore[attr-defined]  # annotated
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


def build_figures(
    actor: Actor,
    reader: Reader,
    missing: Sequence[tuple[str, Plan]],
    only: Filter | None,
    *,
    as_of: datetime,
    currency: str,
) -> dict[str, PanelFigure]:
    """What the panels show that were not kept, by their keys: a statement for rollups, one or two for names."""
    plans = [plan for _key, plan in missing]
    reader.load([*(plan.ask for plan in plans), *(plan.split for plan in plans if plan.split)])
    found = [(plan.column, reader.parts(plan.split) or []) for plan in plans if plan.split is not None and plan.column]
    names = names_of(actor, found)
    return {key: _figure(reader, plan, names, only, as_of=as_of, currency=currency) for key, plan in missing}


def _figure(
    reader: Reader, plan: Plan, names: Names, only: Filter | None, *, as_of: datetime, currency: str
) -> PanelFigure:
    kpi = plan.kpi
    unit = unit_of(kpi, currency)
    book = book_of(kpi, plan.targets)
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
    figure: PanelFigure, reader: Reader, plan: Plan, names: Names, made: Headline, unit: formats.Unit
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
    summary = _("%(kpi)s, %(title)s: %(first)s leads with %(value)s.") % {
        "kpi": plan.kpi.display_name,
        "title": title,
        "first": bars[0].name,
        "value": formats.compact(bars[0].value, unit),
    }
    payload = Payload.of(parts_figure(bars, plan.kpi.display_name, unit))
    return replace(figure, payload=payload, summary=summary, note=note)


def _both(plan: Plan, facts: dict[str, object]) -> dict[str, object]:
    """The address of a part within a slice names both."""
    part = plan.ask.only
    if part is None or facts.get("column") == part.column_id:
        return facts
    return facts | {"column2": part.column_id, "key2": part.key}
