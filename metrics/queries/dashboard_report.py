"""A dashboard for paper: the page's own panels as cards, for one reader, at one moment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from metrics.models import Dashboard
from metrics.queries.dashboard_filter import Filter
from metrics.queries.dashboards import PanelView, dashboard_view
from metrics.queries.panel_base import PanelFigure
from metrics.queries.panel_pictures import picture_of
from metrics.queries.panel_text import Prose
from metrics.queries.periods import Asked
from ops_platform.web import formats
from ops_platform.web.chart_svg import chart_svg
from ops_platform.web.pdf import WIDTHS, Card, PrintedStatus, PrintedTable, Report
from ops_platform.web.stat import Tile
from ops_platform.web.status import Status
from organization.access import Actor
from organization.engine.accents import shades
from organization.models import Organization
from organization.queries.looks import logo_svg

ROW_HEIGHT = 75.0
MARKS = {"good": "●", "watch": "◆", "bad": "▲", "info": "○", "neutral": "○"}
TONES = {"good": "good", "watch": "warn", "bad": "bad"}
ARROWS = {"arrow-up-right": "↗", "arrow-down-right": "↘", "arrow-right": "→"}


@dataclass(frozen=True)
class DashboardReport:
    """The document, and its figures as (name, text) for the mail that carries it."""

    document: Report
    figures: Sequence[tuple[str, str]]


def dashboard_report(
    actor: Actor,
    dashboard: Dashboard,
    asked: Asked,
    *,
    as_of: datetime,
    organization: Organization,
    only: Filter | None = None,
) -> DashboardReport:
    """The dashboard as `actor` sees it, in the active language and time zone."""
    view = dashboard_view(
        actor,
        dashboard,
        asked,
        only=only,
        as_of=as_of,
        rule=organization.period_rule,
        currency=organization.currency,
        is_whole=True,
    )
    words = [view.shown.words()] if view.shown else []
    if view.filter_words:
        words.append(view.filter_words)
    if view.known is not None:
        words.append(_("As known on %(day)s") % {"day": formats.day(view.known.day)})
    made = {"time": formats.absolute(as_of), "name": actor.name}
    document = Report(
        title=dashboard.display_name,
        subtitle=" · ".join(filter(None, words)),
        organization=organization.display_name,
        footer=_("As %(name)s may see it at %(time)s") % made,
        page_words=_("Page {page} of {pages}"),
        language=get_language() or "",
        cards=[card_of(panel) for panel in view.panels],
        made_at=as_of,
        empty=_("None of its KPIs is open to you. Its owner can tell you more."),
        author=actor.name,
        logo=logo_svg(organization),
        accent=shades(organization.accent, "light").accent if organization.accent else "",
        notices=[_("Every value here is overdue.")] if view.is_stale else [],
    )
    tiles = [(panel.title, panel.figure.tile) for panel in view.panels if panel.figure is not None]
    return DashboardReport(document, [(title, figure_words(tile)) for title, tile in tiles if tile is not None])


def card_of(panel: PanelView) -> Card:
    """A panel of the page as a card; what the page draws without a script stands there as a table or as text."""
    figure, width, height = panel.figure or PanelFigure(), panel.panel.width, panel.panel.height
    card = Card(
        title=panel.title,
        width=width,
        notice=figure.notice,
        note=" · ".join(filter(None, (figure.note, figure.reach))),
        summary=figure.summary,
    )
    if figure.payload is not None:
        drawn = chart_svg(json.loads(figure.payload), width=WIDTHS[width], height=ROW_HEIGHT * height)
        card = replace(card, pictures=[drawn])
    if isinstance(figure.drawing, Prose):
        card = replace(card, text=[line for line in figure.drawing.plain.splitlines() if line.strip()])
    elif figure.drawing is not None and (picture := picture_of(figure.drawing, WIDTHS[width])):
        card = replace(card, pictures=[picture])
    elif figure.drawing is not None and figure.drawing.printed:
        heads, *rows = figure.drawing.printed
        card = replace(card, tables=[PrintedTable(heads, rows, numbers=list(range(1, len(heads))))])
    elif figure.drawing is not None and not panel.is_number:
        card = replace(card, text=[figure.summary])
    if figure.tile is None or not panel.has_headline:
        return card
    tile = figure.tile
    return replace(
        card,
        status=_printed(tile.status),
        value="" if tile.instead else tile.value_text,
        unit=tile.unit_text,
        instead=tile.instead,
        period=tile.period,
        change=f"{ARROWS[tile.change_icon]} {tile.change_text}" if tile.change_text else "",
        change_tone={"good-text": "good", "bad-text": "bad"}.get(tile.change_class, ""),
        target=_("target %(target)s") % {"target": tile.target_text} if tile.target_text else "",
    )


def figure_words(tile: Tile) -> str:
    """A tile in one line of text."""
    if tile.instead:
        return tile.instead
    parts = [formats.in_unit(tile.value, tile.unit)]
    parts += [part for part in (tile.change_text, str(tile.status.label) if tile.status else "") if part]
    return " · ".join([*parts, tile.period] if tile.period else parts)


def _printed(status: Status | None) -> PrintedStatus:
    if status is None:
        return PrintedStatus()
    return PrintedStatus(MARKS[status.level], str(status.label), TONES.get(status.level, ""))
