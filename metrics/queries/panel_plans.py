"""What each panel of a page will read, decided by clock, extents and rights alone, before any rollup is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, GrainCode, PanelKind
from metrics.engine.panel_settings import CohortSettings, FunnelSettings, GrainSettings
from metrics.models import DashboardPanel, Kpi
from metrics.queries.breakdowns import adds_up
from metrics.queries.dashboard_filter import Filter, facts_of, reach_of, too_many_rows, widened
from metrics.queries.headlines import answer_of
from metrics.queries.kpi_page import rows_base_of
from metrics.queries.panel_base import Plan, Step
from metrics.queries.periods import INSTANT, Asked, Shown, at_grain, compared_with, shown, with_lead
from metrics.queries.reader import GRAINS, Reader
from metrics.queries.windows import Ask, BreakdownColumn, Extent, Window
from organization.access import Actor
from organization.engine.periods import Grain, PeriodRule, period_of, periods, shift
from organization.models import Department

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
    names: Mapping[str, str] | None = None,
) -> Plan:
    """What a panel on a KPI will read. extents: of all KPIs of the page; names: of the properties it may be filtered by."""
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
    reach = reach_of(reader, kpi, only, names or {})
    if panel.kind == PanelKind.STACKED and len(there.periods) > MOST_STACKED_PERIODS:
        there = _coarser(there)
    answer, place = answer_of(kpi, there, extent, as_of=as_of)
    plan = Plan(
        panel,
        options,
        extent,
        there,
        Ask(kpi.pk, Window(with_lead(there.periods, rule), compared_with(there, asked.comparison)), reach.only),
        answer,
        place,
        rows_base_of(actor, kpi),
        asked.comparison,
        panel.target_rows,  # type: ignore[attr-defined]  # annotated
        rows_facts=facts_of(reach.only),
        reach=reach,
    )
    if reach.unfit:
        return plan
    if panel.kind in PARTS:
        plan = _with_parts(actor, plan, reader, only, names or {})
    elif panel.kind == PanelKind.COHORT:
        plan = _with_cohorts(plan)
    elif panel.kind == PanelKind.CALENDAR:
        plan = _with_days(plan)
    if unfit := next((step.reach.unfit for step in plan.steps if step and step.reach.unfit), ""):
        return replace(plan, reach=replace(reach, unfit=unfit))
    return replace(plan, reach=replace(reach, unfit=too_many_rows(reader, plan.asks)))


def _with_parts(actor: Actor, plan: Plan, reader: Reader, only: Filter | None, names: Mapping[str, str]) -> Plan:
    panel, part = plan.panel, plan.ask.only
    if isinstance(plan.options, FunnelSettings) and plan.options.steps:
        return replace(plan, steps=tuple(_steps(actor, plan, reader, only, names)))
    if panel.kind == PanelKind.BULLET and panel.column_id is None:
        return plan
    column = _split_column(panel, reader.columns(plan.kpi.pk), is_sliced=part is not None and not _is_tree_alone(plan))
    if panel.kind == PanelKind.BULLET and part is not None and not (column and column.by_department):
        return replace(
            plan, refusal=_("Targets of departments are for the whole, so they are not shown of a part of it.")
        )
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
    # A department's own tree is a part of the whole tree: it is read whole, and what stands elsewhere is left out.
    wanted = Ask(plan.kpi.pk, Window(stretch), None if column.by_department else part, column.split)
    return replace(
        plan,
        column=column,
        split=None if refusal else widened(reader, wanted, plan.reach.where),
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


def _is_tree_alone(plan: Plan) -> bool:
    """Whether departments are all that the page is filtered by, so that their tree can still be shown."""
    where = plan.reach.where
    return where is not None and all(term.is_tree for term in where.terms)


def _steps(
    actor: Actor, plan: Plan, reader: Reader, only: Filter | None, names: Mapping[str, str]
) -> Iterable[Step | None]:
    assert isinstance(plan.options, FunnelSettings)
    found = {row["key"]: _step_kpi(row) for row in plan.panel.step_rows}  # type: ignore[attr-defined]  # annotated
    period = () if plan.place is None else (plan.shown.periods[plan.place],)
    for key in plan.options.steps:
        kpi = found.get(key)
        if kpi is None:
            yield None
        else:
            reach = reach_of(reader, kpi, only, names)
            yield Step(kpi, rows_base_of(actor, kpi), Ask(kpi.pk, Window(period), reach.only), reach)


def _step_kpi(row: dict[str, Any]) -> Kpi:
    """The KPI that the annotation `step_rows` describes, with what rights look at."""
    values = dict(row)
    path = values.pop("path")
    kpi = Kpi(**values)
    if kpi.department_id is not None:
        kpi.department = Department(pk=kpi.department_id, path=path)
    return kpi


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
