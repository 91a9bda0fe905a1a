"""Panels over time: big number, line, area, bars, and the table of periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from metrics.choices import PanelKind
from metrics.engine.comparison import Goal, change
from metrics.engine.panel_settings import LineSettings, NumberSettings, TableSettings
from metrics.engine.status import Direction
from metrics.queries.annotations import numbered_words, placed
from metrics.queries.figures import any_known, axis, comparison_words, rows_url, summary_of, trend
from metrics.queries.panel_base import Drawing, Made, Scene, Sheet
from metrics.queries.periods import full_label
from metrics.queries.targets import judgement, target_words
from metrics.queries.units import ARROWS
from ops_platform.web.charts import Payload
from ops_platform.web.columns import Column, Head, Table
from ops_platform.web.stat import Tile, spark_line
from organization.engine.periods import Period


@dataclass(frozen=True)
class Spark(Drawing):
    """The course of a number below it."""

    template: ClassVar[str] = "metrics/_panel_spark.html"

    line: str


@dataclass(frozen=True)
class Listing(Drawing):
    """A KPI by period, the newest first. body: its rows, drawn."""

    template: ClassVar[str] = "metrics/_panel_table.html"

    heads: Sequence[Head]
    body: SafeString
    texts: list[list[str]]

    @property
    def printed(self) -> list[list[str]]:
        return [[head.label for head in self.heads], *self.texts]


def draw_number(scene: Scene) -> Made:
    """The number, and its course where the panel has room for it."""
    options = scene.plan.options
    assert isinstance(options, NumberSettings)
    sheet = trend_sheet(scene)
    known = _ended(scene)
    if not options.spark or not any_known(known):
        return scene.shows(sheet)
    line = spark_line(known, is_area=True)
    summary = summary_of(scene.plan.kpi, scene.plan.shown, scene.series, scene.unit)
    return scene.shows(sheet, drawing=Spark(line), summary=summary)


def draw_trend(scene: Scene) -> Made:
    """The KPI over the shown periods, as line, area or bars, with what people noted."""
    plan, kpi = scene.plan, scene.plan.kpi
    if not any_known(scene.series.values[1:]):
        return scene.figure, None
    options = plan.options
    marks, noted = placed(scene.notes, plan.shown.periods, axis(plan.shown.periods, plan.shown.rule))
    figure = trend(
        kpi,
        scene.unit,
        plan.shown,
        scene.series,
        scene.own_book,
        kind=plan.panel.kind,
        comparison=plan.comparison,
        rows_base=plan.rows_base,
        rows_facts=plan.rows_facts,
        from_zero=isinstance(options, LineSettings) and options.from_zero,
        notes=marks,
    )
    summary = summary_of(kpi, plan.shown, scene.series, scene.unit)
    note = numbered_words(noted)
    return scene.shows(trend_sheet(scene), payload=Payload.of(figure), summary=summary, note=note)


def draw_table(scene: Scene) -> Made:
    """The newest periods with change, target and judgement."""
    options = scene.plan.options
    assert isinstance(options, TableSettings)
    if not any_known(scene.series.values[1:]):
        return scene.figure, None
    sheet = trend_sheet(scene)
    rows = list(reversed(sheet.rows))[: options.rows]
    table = Table(sheet.columns, rows, scene.name)
    texts = [[column.text(row) for column in sheet.columns] for row in rows]
    note = ""
    if len(sheet.rows) > len(rows):
        note = _("The newest %(shown)d of %(all)d periods") % {"shown": len(rows), "all": len(sheet.rows)}
    summary = summary_of(scene.plan.kpi, scene.plan.shown, scene.series, scene.unit)
    return scene.shows(
        sheet, drawing=Listing(table.heads, table.body, texts, is_scrolled=True), summary=summary, note=note
    )


def trend_sheet(scene: Scene) -> Sheet:
    """The shown periods with value, change, comparison, target and judgement: the columns that have anything in them."""
    plan, unit = scene.plan, scene.unit
    rows = [_row(scene, place, period) for place, period in enumerate(plan.shown.periods)]
    columns = [
        Column("period", _("Period"), kind="date", is_wide=True),
        Column("value", scene.name, kind="number", unit=unit, href=lambda row: row["url"]),
        Column("change", _("Change"), kind="percent", drawn=lambda row: row["drawn"]),
        Column("compared", comparison_words(plan.comparison) or pgettext("period", "Before"), kind="number", unit=unit),
        Column("target", _("Target"), is_figure=True),
        Column("status", _("Status"), kind="status"),
    ]
    always = ("period", "value")
    used = [one for one in columns if one.key in always or any(row[one.key] not in (None, "") for row in rows)]
    return Sheet(used, rows)


def _row(scene: Scene, place: int, period: Period) -> dict[str, Any]:
    plan, series = scene.plan, scene.series
    value = series.values[place + 1]
    compared = series.compared[place + 1] if series.compared else None
    base = compared if series.compared else series.values[place]
    target = scene.own_book.target(period)
    is_running = period == plan.shown.running
    goal = Goal(Direction(plan.kpi.direction), target.low if target else None, target.high if target else None)
    found = None if is_running else change(value, base, goal)
    relative = found.relative if found else None
    return {
        "period": _("%(period)s so far") % {"period": full_label(period, plan.shown.rule)}
        if is_running
        else full_label(period, plan.shown.rule),
        "value": value,
        "change": relative,
        "drawn": Tile("", value, change=relative, direction=ARROWS[plan.kpi.direction]).change_mark,
        "compared": compared,
        "target": target_words(target, scene.unit),
        # A period that still runs is not judged yet.
        "status": judgement(scene.own_book.assess(value, period))
        if target and value is not None and not is_running
        else None,
        "url": rows_url(plan.rows_base, period, **plan.rows_facts) if value is not None else "",
    }


def _ended(scene: Scene) -> list[Decimal | None]:
    """The values of the periods that are over: a running one would look like a fall."""
    values = scene.series.values[1:]
    return values[:-1] if scene.plan.shown.running else values


TIMED = (PanelKind.LINE, PanelKind.AREA, PanelKind.BAR, PanelKind.STACKED, PanelKind.CALENDAR)
