"""Panels of steps: several KPIs one after another, or the values of a property in a given order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from metrics.engine.panel_settings import MOST_STEPS, FunnelSettings
from metrics.engine.shares import funnel
from metrics.queries.breakdowns import title_of
from metrics.queries.dashboard_filter import facts_of
from metrics.queries.figures import rows_url
from metrics.queries.panel_base import Drawing, Made, Scene, Sheet
from metrics.queries.panel_splits import SHARE, bars_from, found_parts
from metrics.queries.units import unit_of
from ops_platform.web import formats
from ops_platform.web.columns import Column
from ops_platform.web.formats import Unit


@dataclass(frozen=True)
class FunnelStep:
    """One step. width: of its bar, from 0 to 100; kept: how many of the step before went on; total: of the first."""

    name: str
    value_text: str
    exact: str
    url: str
    width: str
    kept: str
    total: str


@dataclass(frozen=True)
class Funnel(Drawing):
    """The steps from above to below."""

    template: ClassVar[str] = "components/drawing_funnel.html"

    steps: Sequence[FunnelStep]

    @property
    def printed(self) -> list[list[str]]:
        rows = [[step.name, step.value_text, step.kept, step.total] for step in self.steps]
        return [[_("Step"), _("Value"), _("Of the step before"), _("Of the first step")], *rows]


@dataclass(frozen=True)
class _Found:
    name: str
    value: Decimal | None
    unit: Unit
    url: str


def draw_funnel(scene: Scene) -> Made:
    """How many are left at each step in the period of the number."""
    plan = scene.plan
    if plan.place is None:
        return scene.figure, None
    found = _parts(scene) if plan.split is not None else _kpis(scene)
    if not any(one.value for one in found):
        return scene.figure, None
    steps = funnel([one.value for one in found])
    widest = max(abs(one.value) for one in found if one.value is not None)
    drawn = [
        FunnelStep(
            one.name,
            formats.compact(one.value, one.unit),
            formats.in_unit(one.value, one.unit),
            one.url,
            f"{abs(one.value or Decimal(0)) / widest * 100:.2f}",
            "" if step.of_previous is None else formats.percent(step.of_previous),
            "" if step.of_first is None else formats.percent(step.of_first),
        )
        for one, step in zip(found, steps, strict=True)
    ]
    rows: list[dict[str, Any]] = [
        {"name": one.name, "value": one.value, "kept": step.of_previous, "total": step.of_first, "url": one.url}
        for one, step in zip(found, steps, strict=True)
    ]
    units = iter(one.unit for one in found)
    for row in rows:
        row["unit"] = next(units)
    sheet = Sheet(
        [
            Column("name", _("Step"), is_wide=True),
            Column("value", _("Value"), kind="number", unit=lambda row: row["unit"], href=lambda row: row["url"]),
            Column("kept", _("Of the step before"), kind="percent", unit=SHARE),
            Column("total", _("Of the first step"), kind="percent", unit=SHARE),
        ],
        rows,
    )
    last = drawn[-1]
    summary = _("%(first)s to %(last)s: %(share)s are left after %(count)d steps.") % {
        "first": drawn[0].name,
        "last": last.name,
        "share": last.total or formats.NOTHING,
        "count": len(drawn),
    }
    note = title_of(plan.column) if plan.column is not None else ""
    if len(found) < 1 + len(plan.steps):
        note = _("A step on a KPI that you may not see is left out.")
    return scene.shows(sheet, drawing=Funnel(drawn, is_scrolled=True), summary=summary, note=note)


def _kpis(scene: Scene) -> list[_Found]:
    plan = scene.plan
    period = plan.shown.periods[plan.place or 0]
    own = _Found(scene.name, scene.made.value, scene.unit, rows_url(plan.rows_base, period, **plan.rows_facts))
    found = [own]
    for step in plan.steps:
        if step is None:
            continue
        facts = facts_of(step.ask.only)
        value = scene.reader.series(step.ask).values[0]
        url = rows_url(step.rows_base, period, **facts) if value is not None else ""
        found.append(_Found(step.kpi.display_name, value, unit_of(step.kpi, scene.currency), url))
    return found


def _parts(scene: Scene) -> list[_Found]:
    plan, options = scene.plan, scene.plan.options
    assert isinstance(options, FunnelSettings)
    assert plan.split is not None
    bars = bars_from(scene, found_parts(scene) or [], plan.split.window.periods[0])
    if not options.values:
        return [_Found(bar.name, bar.value, scene.unit, bar.url) for bar in bars[:MOST_STEPS]]
    by_name = {bar.name: bar for bar in bars}
    # A value that nothing has in the period is a step that nobody reached
    return [
        _Found(name, by_name[name].value, scene.unit, by_name[name].url)
        if name in by_name
        else _Found(name, Decimal(0), scene.unit, "")
        for name in options.values
    ]
