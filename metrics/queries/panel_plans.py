"""What each panel of a page will read, decided by clock, extents and rights alone, before any rollup is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, GrainCode, PanelKind
from metrics.engine.panel_settings import CohortSettings, FunnelSettings, GrainSettings
from metrics.models import DashboardPanel, Kpi
from metrics.queries.breakdowns import adds_up
from metrics.queries.headlines import answer_of
from metrics.queries.kpi_page import rows_base_of
from metrics.queries.panel_base import Filter, Plan, Step
from metrics.queries.periods import INSTANT, Asked, Shown, at_grain, compared_with, shown, with_lead
from metrics.queries.reader import GRAINS, Reader
from metrics.queries.windows import Ask, BreakdownColumn, Extent, Slice, Window
from organization.access import Actor
from organization.engine.periods import Grain, PeriodRule, period_of, periods, shift
from organization.models import Department

NO_SUCH_VALUE = -1
MOST_CALENDAR_DAYS = 371
# Parts times periods that one panel may read: more would be a page of its own
MOST_STACKED_PERIODS, MOST_STACKED_CELLS = 100, 40_000
PARTS = (PanelKind.BREAKDOWN, PanelKind.PARETO, PanelKind.STACKED, PanelKind.FUNNEL, PanelKind.BULLET)


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
    """What a panel on a KPI will read. extents: of all KPIs of the page."""
    kpi = cast(Kpi, panel.kpi)
    extent, options = extents[kpi.pk], panel.options
    own = Grain(options.grain) if isinstance(options, GrainSettings) and options.grain else GRAINS[GrainCode(kpi.grain)]
    lasts = [one.last_at for one in extents.values() if one.last_at]
    there = shown(
        asked,
        as_of=as_of,
        rule=rule,
        grain=own,
        first_at=min((one.first_at for one in extents.values() if one.first_at), default=None),
        # One stretch for the whole page: the newest data of all its KPIs decides.
        last_at=max(lasts, default=None),
        is_daily=all(one.is_daily for one in extents.values()),
        finest=extent.finest,
    )
    part = _slice(reader.columns(kpi.pk), only)
    if panel.kind == PanelKind.STACKED and len(there.periods) > MOST_STACKED_PERIODS:
        there = _coarser(there)
    answer, place = answer_of(kpi, there, extent, as_of=as_of)
    plan = Plan(
        panel,
        options,
        extent,
        there,
        Ask(kpi.pk, Window(with_lead(there.periods, rule), compared_with(there, asked.comparison)), part),
        answer,
        place,
        rows_base_of(actor, kpi),
        asked.comparison,
        panel.target_rows,  # type: ignore[attr-defined]  # annotated
        rows_facts={} if part is None else {"column": part.column_id, "key": part.key},
    )
    if panel.kind in PARTS:
        return _with_parts(actor, plan, reader, only)
    if panel.kind == PanelKind.COHORT:
        return _with_cohorts(plan)
    return _with_days(plan) if panel.kind == PanelKind.CALENDAR else plan


def _with_parts(actor: Actor, plan: Plan, reader: Reader, only: Filter | None) -> Plan:
    panel, part = plan.panel, plan.ask.only
    if isinstance(plan.options, FunnelSettings) and plan.options.steps:
        return replace(plan, steps=tuple(_steps(actor, plan, reader, only)))
    if panel.kind == PanelKind.BULLET and panel.column_id is None:
        return plan
    column = _split_column(panel, reader.columns(plan.kpi.pk), is_sliced=part is not None)
    if column is None:
        refusal = "" if panel.kind == PanelKind.BREAKDOWN else _("This KPI is not kept by any property.")
        return replace(plan, refusal=refusal)
    if plan.place is None:
        return replace(plan, column=column)
    period = plan.shown.periods[plan.place]
    refusal = ""
    if panel.kind in (PanelKind.STACKED, PanelKind.PARETO) and not adds_up(reader.in_force_on(plan.kpi.pk, period)):
        refusal = _("Parts of this KPI do not add up to the whole, so they are not put on each other.")
    stretch = plan.shown.periods if panel.kind == PanelKind.STACKED else (period,)
    if (panel.value_count or 0) * len(stretch) > MOST_STACKED_CELLS and len(stretch) > 1:  # type: ignore[attr-defined]
        refusal = _("%(property)s has too many different values to be drawn over time. Choose a shorter period.") % {
            "property": column.name
        }
    return replace(
        plan,
        column=column,
        split=None if refusal else Ask(plan.kpi.pk, Window(stretch), part, column.split),
        # Names of departments show only to those who may see them, so what one saw is not kept for another.
        sees=actor.grants.get("organization.department.view", ()) if column.by_department else (),
        refusal=refusal,
    )


def _with_days(plan: Plan) -> Plan:
    if plan.extent.finest > Grain.DAY:
        return replace(plan, refusal=_("This KPI is kept by longer periods than days."))
    there = plan.shown
    if not there.periods:
        return plan
    end = min(there.periods[-1].end, there.seen_at)
    start = max(there.periods[0].start, end - timedelta(days=MOST_CALENDAR_DAYS))
    days = tuple(periods(Grain.DAY, start, end, there.rule)) if start < end else ()
    shown_days = replace(there, periods=days, grain=Grain.DAY)
    return replace(plan, days=shown_days, days_ask=Ask(plan.kpi.pk, Window(days), plan.ask.only))


def _with_cohorts(plan: Plan) -> Plan:
    options, there = plan.options, plan.shown
    assert isinstance(options, CohortSettings)
    if not there.periods:
        return plan
    end = min(there.periods[-1].end, there.seen_at)
    last = period_of(Grain(options.grain), end - INSTANT, there.rule)
    first = shift(last, 1 - options.periods, there.rule)
    found = tuple(periods(last.grain, first.start, last.end, there.rule))
    return replace(plan, days=replace(there, periods=found, grain=last.grain))


def _coarser(there: Shown) -> Shown:
    """The same stretch by the finest grain that gives few enough periods."""
    while len(there.periods) > MOST_STACKED_PERIODS and there.grain.coarser is not None:
        there = at_grain(there, there.grain.coarser)
    return there


def _steps(actor: Actor, plan: Plan, reader: Reader, only: Filter | None) -> Iterable[Step | None]:
    assert isinstance(plan.options, FunnelSettings)
    found = {row["key"]: _step_kpi(row) for row in plan.panel.step_rows}  # type: ignore[attr-defined]  # annotated
    period = () if plan.place is None else (plan.shown.periods[plan.place],)
    for key in plan.options.steps:
        kpi = found.get(key)
        if kpi is None:
            yield None
        else:
            part = _slice(reader.columns(kpi.pk), only)
            yield Step(kpi, rows_base_of(actor, kpi), Ask(kpi.pk, Window(period), part))


def _step_kpi(row: dict[str, Any]) -> Kpi:
    """The KPI that the annotation `step_rows` describes, with what rights look at."""
    values = dict(row)
    path = values.pop("path")
    kpi = Kpi(**values)
    if kpi.department_id is not None:
        kpi.department = Department(pk=kpi.department_id, path=path)
    return kpi


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
    """The column that a panel splits by: its own, or the first there is; departments as a tree, unless stacked."""
    own = [column for column in columns if column.column_id == panel.column_id] or list(columns)
    single = [column for column in own if not column.second_id]
    is_department = panel.column is not None and panel.column.role == ColumnRole.DEPARTMENT
    # The departments of a tree hold each other, so that their numbers do not add up.
    is_tree = is_department and not is_sliced and panel.kind in (PanelKind.BREAKDOWN, PanelKind.BULLET)
    fitting = [column for column in single if column.by_department == is_tree]
    return next(iter(fitting or single), None)
