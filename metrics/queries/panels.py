"""What the panels of a page show: each kind drawn from what was read for all of them in one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from metrics.choices import PanelKind
from metrics.queries.annotations import Note, annotations_for
from metrics.queries.breakdowns import Names, names_of
from metrics.queries.headlines import headline, tile_of
from metrics.queries.known_on import KnownOn
from metrics.queries.panel_base import Made, PanelFigure, Plan, Scene, own_book
from metrics.queries.panel_calendar import draw_calendar
from metrics.queries.panel_cohort import draw_cohort
from metrics.queries.panel_funnel import draw_funnel
from metrics.queries.panel_splits import draw_breakdown, draw_pareto, draw_stacked, named_parts
from metrics.queries.panel_targets import draw_bullet
from metrics.queries.panel_trends import TIMED, draw_number, draw_table, draw_trend
from metrics.queries.reader import Reader
from metrics.queries.targets import book_of
from metrics.queries.units import unit_of
from organization.access import Actor

Notes = Mapping[int, Sequence[Note]]
log = structlog.get_logger(__name__)
DRAWN_BY: dict[str, Callable[[Scene], Made]] = {
    PanelKind.NUMBER: draw_number,
    PanelKind.LINE: draw_trend,
    PanelKind.AREA: draw_trend,
    PanelKind.BAR: draw_trend,
    PanelKind.STACKED: draw_stacked,
    PanelKind.BREAKDOWN: draw_breakdown,
    PanelKind.BULLET: draw_bullet,
    PanelKind.PARETO: draw_pareto,
    PanelKind.CALENDAR: draw_calendar,
    PanelKind.COHORT: draw_cohort,
    PanelKind.FUNNEL: draw_funnel,
    PanelKind.TABLE: draw_table,
}


def build_figures(
    actor: Actor,
    reader: Reader,
    plans: Sequence[Plan],
    *,
    as_of: datetime,
    currency: str,
    has_notes: bool = False,
    known: KnownOn | None = None,
) -> list[Made]:
    """What each panel shows, with its numbers as rows: a statement for rollups, one or two for names, one for notes.

    One that fails says so with its reference and leaves the others alone. has_notes: whether there may be notes on charts;
    known: of these, only such as stood then.
    """
    reader.load([ask for plan in plans for ask in plan.asks])
    names = names_of(actor, [(plan.column, named_parts(reader, plan)) for plan in plans if plan.column is not None])
    notes = _notes(actor, plans, known) if has_notes else {}
    return [_safely(actor, reader, plan, names, notes, as_of=as_of, currency=currency) for plan in plans]


def _notes(actor: Actor, plans: Sequence[Plan], known: KnownOn | None) -> Notes:
    """What people noted on the charts over time, by KPI."""
    timed = [plan for plan in plans if plan.panel.kind in TIMED and plan.shown.periods]
    if not timed:
        return {}
    return annotations_for(
        actor,
        [plan.kpi for plan in timed],
        start=min(plan.shown.periods[0].start for plan in timed),
        end=max(plan.shown.periods[-1].end for plan in timed),
        timezone=timed[0].shown.rule.timezone,
        known=known,
    )


def _safely(
    actor: Actor,
    reader: Reader,
    plan: Plan,
    names: Names,
    notes: Notes,
    *,
    as_of: datetime,
    currency: str,
) -> Made:
    try:
        return _made(actor, reader, plan, names, notes, as_of=as_of, currency=currency)
    except Exception:
        reference = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        log.exception("panel_failed", panel=plan.panel.pk, kind=plan.panel.kind)
        return PanelFigure(reference=reference or "-"), None


def _made(
    actor: Actor,
    reader: Reader,
    plan: Plan,
    names: Names,
    notes: Notes,
    *,
    as_of: datetime,
    currency: str,
) -> Made:
    kpi = plan.kpi
    if plan.reach.unfit:
        return PanelFigure(notice=plan.reach.unfit), None
    unit, book, series = unit_of(kpi, currency), book_of(kpi, plan.targets), reader.series(plan.ask)
    made = headline(kpi, plan.shown, plan.extent, series, own_book(plan, book), plan.ask.window, as_of=as_of)
    figure = PanelFigure(tile_of(kpi, unit, made), has_number=made.value is not None, reach=plan.reach.whole)
    scene = Scene(actor, plan, reader, names, series, made, book, unit, currency, figure, notes.get(kpi.pk, ()))
    if plan.refusal:
        return scene.shows(notice=plan.refusal)
    return DRAWN_BY[plan.panel.kind](scene)
